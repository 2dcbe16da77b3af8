import { useId, useState } from 'react'
import type { AboutMe, AboutMePort, OwnRecording } from '#sdk'
import { useText } from '../language/text.tsx'
import { list } from '../language/format.ts'
import { dayOf, type Do } from './about-me-page.tsx'
import { Ledger } from './ledger.tsx'

type Acting = { readonly port: AboutMePort; readonly perform: Do }

/** What recordings hold of this person, until when, and who opened them. */
export function Recordings({ about, ...acting }: { readonly about: AboutMe } & Acting) {
  const { t } = useText()
  const heads = [t('me.col.recording'), t('me.col.ofYou'), t('me.col.until'), t('me.col.opened')]
  return (
    <section className="card" aria-labelledby="me-recordings">
      <h2 id="me-recordings">{t('me.recordings')}</h2>
      {about.recordings.length === 0 ? (
        <p className="small">{t('me.recordings.none')}</p>
      ) : (
        <Ledger labelledBy="me-recordings" heads={heads}>
          {about.recordings.map((recording) => (
            <Row key={recording.recordingId} recording={recording} {...acting} />
          ))}
        </Ledger>
      )}
    </section>
  )
}

function Row({ recording, port, perform }: { readonly recording: OwnRecording } & Acting) {
  const { t, locale } = useText()
  const { tracks, until, isOnHold, opened, startedAt } = recording
  const isThere = tracks.some(({ destroyedAt }) => destroyedAt === null)
  const last = opened.at(-1)
  return (
    <tr>
      <th scope="row">
        {recording.purpose === null ? t('me.noPurpose') : `“${recording.purpose}”`}
        <span className="hint">{dayOf(startedAt, locale)}</span>
      </th>
      <td>
        <Part recording={recording} />
        {isThere && !isOnHold && <Destroy {...{ recording, port, perform }} />}
      </td>
      <td>
        {isOnHold ? t('me.hold') : until === null ? t('me.until.none') : dayOf(until, locale)}
      </td>
      <td>
        {last === undefined
          ? t('me.opened.none')
          : t('me.opened.times', { count: opened.length, day: dayOf(last.at, locale) })}
      </td>
    </tr>
  )
}

function Part({ recording: { state, tracks } }: { readonly recording: OwnRecording }) {
  const { t, locale } = useText()
  if (state === 'running') return <>{t('me.part.running')}</>
  const there = tracks.filter(({ destroyedAt }) => destroyedAt === null)
  const [gone] = tracks.flatMap(({ destroyedAt }) => destroyedAt ?? [])
  if (there.length === 0)
    return <>{gone === undefined ? '–' : t('me.part.destroyed', { day: dayOf(gone, locale) })}</>
  const sources = new Set(there.map(({ source }) => source))
  const kinds = kindsInOrder.filter(([source]) => sources.has(source)).map(([, kind]) => t(kind))
  return <>{list([...new Set(kinds)], locale)}</>
}

const kindsInOrder = [
  ['microphone', 'media.sound'],
  ['screenAudio', 'media.sound'],
  ['camera', 'device.camera'],
  ['screen', 'media.screen'],
] as const

/** The button that was pressed has gone. */
const focused = (button: HTMLButtonElement | null): void => button?.focus()

/** Asks once, in its place: it cannot be undone. */
function Destroy({ recording, port, perform }: { readonly recording: OwnRecording } & Acting) {
  const { t } = useText()
  const [asks, setAsks] = useState(false)
  const id = useId()
  const purpose = recording.purpose ?? t('me.noPurpose')
  const destroy = () =>
    perform(async () => {
      await port.act('destroy', { recordingId: recording.recordingId })
      return { key: 'me.destroy.done' }
    })
  if (!asks)
    return (
      <p>
        <button className="btn" type="button" onClick={() => setAsks(true)}>
          {t('withdraw.destroy')}
        </button>
      </p>
    )
  return (
    <fieldset className="sure" aria-describedby={id}>
      <legend>{t('me.destroy.of', { purpose })}</legend>
      <p className="hint" id={id}>
        {t('withdraw.destroy.final')} {t('withdraw.destroy.limit')}
      </p>
      <div className="row">
        <button className="btn" type="button" ref={focused} onClick={() => setAsks(false)}>
          {t('me.cancel')}
        </button>
        <button className="btn" type="button" onClick={() => void destroy()}>
          {t('withdraw.destroy')}
        </button>
      </div>
    </fieldset>
  )
}
