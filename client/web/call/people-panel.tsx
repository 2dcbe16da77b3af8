import type { CallView, Peer } from '#sdk'
import { initials } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Panel } from '../parts/panel.tsx'
import { Ring } from '../record/ring.tsx'
import { sends } from './tile.tsx'

/** Everyone in the call, the recorder too where there is one. While people are asked, no mark stands beside a name. */
export function PeoplePanel({
  call,
  onClose,
}: {
  readonly call: CallView
  readonly onClose: () => void
}) {
  const { t } = useText()
  const { consent } = call
  const runs = consent.state === 'recording' || consent.state === 'paused'
  const inIt = runs && consent.policy === 'each' ? new Set(consent.inIt) : null
  const people = call.people.filter(({ kind }) => kind === 'person')
  return (
    <Panel title={t('people.title', { count: people.length })} onClose={onClose}>
      <ul>
        {call.people.map((peer, place) =>
          peer.kind === 'recorder' ? (
            <RecorderEntry key={peer.peerId} running={consent.state === 'recording'} />
          ) : (
            <Person
              key={peer.peerId}
              peer={peer}
              place={place}
              isYou={peer.peerId === call.you}
              inIt={inIt?.has(peer.peerId) ?? null}
            />
          ),
        )}
      </ul>
    </Panel>
  )
}

function Person({
  peer,
  place,
  isYou,
  inIt,
}: {
  readonly peer: Peer
  readonly place: number
  readonly isYou: boolean
  readonly inIt: boolean | null
}) {
  const { t } = useText()
  const heard = sends(peer, 'microphone')
  const seen = sends(peer, 'camera')
  return (
    <li className="person">
      <span className="face" data-ground={place % 6} aria-hidden="true">
        {initials(peer.name)}
      </span>
      <span className="who">
        <b>{peer.name}</b>
        {isYou && <span className="quiet"> {t('you')}</span>}
      </span>
      {peer.host && <span className="tag">{t('people.host')}</span>}
      {inIt !== null && <span className="tag">{t(inIt ? 'tile.in' : 'tile.out')}</span>}
      {!peer.connected && <span className="tag">{t('tile.gone')}</span>}
      <span className="pair">
        <Icon name={heard ? 'microphone' : 'microphoneOff'} />
        <Icon name={seen ? 'camera' : 'cameraOff'} />
        <span className="sr">
          {t(heard ? 'tile.microphoneOn' : 'tile.muted')},{' '}
          {t(seen ? 'people.cameraOn' : 'people.cameraOff')}
        </span>
      </span>
    </li>
  )
}

/** No hidden recorder: it stands in the list like everyone else. */
function RecorderEntry({ running }: { readonly running: boolean }) {
  const { t } = useText()
  return (
    <li className="person recorder">
      <span className="face" aria-hidden="true">
        <Ring shape={running ? 'closed' : 'paused'} />
      </span>
      <span className="who">
        <b>{t('people.recorder')}</b>{' '}
        <span className="quiet">
          {t(running ? 'people.recorder.on' : 'people.recorder.paused')}
        </span>
      </span>
    </li>
  )
}
