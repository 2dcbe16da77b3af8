import { useState, useSyncExternalStore } from 'react'
import { useText } from '../language/text.tsx'
import { LanguageChoice } from '../language/language-choice.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Wordmark } from '../parts/wordmark.tsx'
import type { Say } from '../record/line.ts'
import { Ring } from '../record/ring.tsx'
import { DeviceChoice } from './device-choice.tsx'
import { DeviceNotes } from './device-notes.tsx'
import type { Devices } from './devices.ts'
import { Preview } from './preview.tsx'

/** Before the call: how you will look and sound, under which name, and what you are promised. */
export function JoinPage({
  title,
  tokenName,
  devices,
  joining,
  problem,
  aboutMeUrl,
  onJoin,
}: {
  readonly title: string
  /** The name that the sign-in gives; null where one may choose. */
  readonly tokenName: string | null
  readonly devices: Devices
  readonly joining: boolean
  readonly problem: Say | null
  readonly aboutMeUrl: string
  readonly onJoin: (name: string) => void
}) {
  const { t } = useText()
  const state = useSyncExternalStore(devices.subscribe, () => devices.state)
  const [typed, setTyped] = useState('')
  const name = tokenName ?? typed.trim()

  return (
    <div className="page open">
      <header className="page-top">
        <Wordmark />
        <LanguageChoice />
      </header>
      <main className="page-main join">
        <Preview devices={devices} state={state} name={name} />
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            onJoin(name)
          }}
        >
          <h1>{title}</h1>
          <Note icon={<Ring shape="open" />} bold={t('join.unasked')}>
            {t('join.promise')}
          </Note>
          {problem !== null && (
            <div role="alert">
              <Note care icon={<Icon name="care" />} bold={t(problem.key, problem.values)} />
            </div>
          )}
          <DeviceNotes devices={devices} state={state} />
          <div className="two devices">
            <DeviceChoice devices={devices} state={state} />
          </div>
          {tokenName === null && (
            <label className="field">
              <span>{t('join.name')}</span>
              <input
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                required
                maxLength={64}
                autoComplete="name"
                spellCheck={false}
                pattern=".*\S.*"
              />
            </label>
          )}
          <button className="btn main wide" type="submit" disabled={joining}>
            {joining ? t('join.joining') : name === '' ? t('join') : t('join.as', { name })}
          </button>
          {tokenName !== null && <p className="small quiet">{t('join.nameFrom')}</p>}
          <p className="small">
            <a href={aboutMeUrl}>{t('me.title')}</a>
          </p>
        </form>
      </main>
    </div>
  )
}
