import { useRef, useState, type ReactNode } from 'react'
import type { AboutMe, AboutMePort } from '#sdk'
import { useText } from '../language/text.tsx'
import type { Key } from '../language/languages.ts'
import { dayOf, type Do } from './about-me-page.tsx'

/** On the button that opens it, and on the one that does it. */
const words = {
  correct: { title: 'me.correct', go: 'me.correct' },
  restrict: { title: 'me.restrict', go: 'me.restrict' },
  lift: { title: 'me.lift', go: 'me.lift' },
  object: { title: 'me.object', go: 'me.send' },
  erase: { title: 'me.erase', go: 'me.erase.go' },
} as const satisfies Record<string, { readonly title: Key; readonly go: Key }>

type Act = 'correct' | 'restrict' | 'object' | 'erase'

/** What this person can do, each with what it does before it is done. One is open at a time. */
export function Acts({
  about,
  port,
  perform,
  onErase,
}: {
  readonly about: AboutMe
  readonly port: AboutMePort
  readonly perform: Do
  /** Resolves with whether it was done. */
  readonly onErase: () => Promise<boolean>
}) {
  const { t, language, locale } = useText()
  const [open, setOpen] = useState<Act | null>(null)
  const [busy, setBusy] = useState(false)
  const isRestricted = about.neverRecorded?.by === 'restriction'

  const run = async (act: () => Promise<boolean>) => {
    setBusy(true)
    if (await act()) setOpen(null)
    setBusy(false)
  }
  const copy = () =>
    perform(async () => {
      const { ticket } = await port.act('ticket', { lang: language })
      save(port.archiveUrl(ticket))
      return { key: 'me.copy.started' }
    })
  const correct = (name: string) =>
    perform(async () => {
      await port.act('correct', { name })
      return { key: 'me.correct.done', values: { name } }
    })
  const restrict = () =>
    perform(async () => {
      await port.act('restrict', { on: !isRestricted })
      return { key: isRestricted ? 'me.lift.done' : 'me.restrict.done' }
    })
  const object = (words: string) =>
    perform(async () => {
      const { request } = await port.act('object', { words })
      return { key: 'me.object.done', values: { day: dayOf(request.dueAt, locale) } }
    })
  const form = { open, busy, onToggle: (act: Act) => setOpen(open === act ? null : act) }

  return (
    <section className="card" aria-labelledby="me-acts">
      <h2 id="me-acts">{t('me.acts')}</h2>
      <div className="acts">
        <button className="btn" type="button" disabled={busy} onClick={() => void run(copy)}>
          {t('me.copy')}
        </button>
        <ActForm
          {...form}
          act="correct"
          {...words.correct}
          onGo={({ name }) => void run(() => correct(name))}
        >
          <p className="small">{t('me.correct.text')}</p>
          <label className="field">
            <span>{t('me.correct.label')}</span>
            <input
              name="name"
              required
              maxLength={64}
              pattern=".*\S.*"
              autoComplete="name"
              spellCheck={false}
              defaultValue={about.names.corrected ?? about.names.kept.at(-1) ?? ''}
            />
          </label>
        </ActForm>
        <ActForm
          {...form}
          act="restrict"
          {...(isRestricted ? words.lift : words.restrict)}
          onGo={() => void run(restrict)}
        >
          <p className="small">{t(isRestricted ? 'me.lift.text' : 'me.restrict.text')}</p>
        </ActForm>
        <ActForm
          {...form}
          act="object"
          {...words.object}
          onGo={({ words }) => void run(() => object(words))}
        >
          <p className="small">{t('me.object.text')}</p>
          <label className="field">
            <span>{t('me.object.label')}</span>
            <textarea name="words" maxLength={1000} rows={3} />
          </label>
        </ActForm>
        <ActForm
          {...form}
          act="erase"
          {...words.erase}
          onGo={() => void run(onErase)}
        >
          <p className="small">{t('me.erase.goes')}</p>
          <p className="small">{t('me.erase.stays')}</p>
          <p className="small">{t('withdraw.destroy.final')}</p>
        </ActForm>
      </div>
      <p className="hint">{t('me.acts.note')}</p>
    </section>
  )
}

/** Opens under its button, and closes again without anything done. */
function ActForm({
  act,
  title,
  go,
  open,
  busy,
  onToggle,
  onGo,
  children,
}: {
  readonly act: Act
  readonly title: Key
  readonly go: Key
  readonly open: Act | null
  readonly busy: boolean
  readonly onToggle: (act: Act) => void
  readonly onGo: (typed: { readonly name: string; readonly words: string }) => void
  readonly children: ReactNode
}) {
  const { t } = useText()
  const isOpen = open === act
  const id = `me-act-${act}`
  const toggle = useRef<HTMLButtonElement>(null)
  return (
    <>
      <button
        className="btn"
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        ref={toggle}
        onClick={() => onToggle(act)}
      >
        {t(title)}
      </button>
      <form
        id={id}
        className="act"
        hidden={!isOpen}
        aria-label={t(title)}
        onSubmit={(event) => {
          event.preventDefault()
          const typed = new FormData(event.currentTarget)
          onGo({ name: textIn(typed, 'name').trim(), words: textIn(typed, 'words') })
        }}
      >
        {isOpen && children}
        <div className="two">
          <button
            className="btn"
            type="button"
            onClick={() => {
              onToggle(act)
              toggle.current?.focus()
            }}
          >
            {t('me.cancel')}
          </button>
          <button className="btn" type="submit" disabled={busy}>
            {t(go)}
          </button>
        </div>
      </form>
    </>
  )
}

function textIn(typed: FormData, name: string): string {
  const value = typed.get(name)
  return typeof value === 'string' ? value : ''
}

/** By a link that saves: the page stays, whatever the answer. */
function save(url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = ''
  link.click()
}
