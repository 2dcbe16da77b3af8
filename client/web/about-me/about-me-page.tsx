import { useEffect, useRef, useState } from 'react'
import { CallError, type AboutMe, type AboutMePort, type Erased } from '#sdk'
import { EndPage } from '../call/end-page.tsx'
import { list } from '../language/format.ts'
import { LanguageChoice } from '../language/language-choice.tsx'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Wordmark } from '../parts/wordmark.tsx'
import { Ring } from '../record/ring.tsx'
import type { Say } from '../record/line.ts'
import { Acts } from './acts.tsx'
import { Decisions } from './decisions.tsx'
import { ErasedReport } from './erased-report.tsx'
import { failureIn } from './failure.ts'
import { Kept } from './kept.tsx'
import { Recordings } from './recordings.tsx'
import { Requests } from './requests.tsx'

type State =
  | { readonly state: 'loading' }
  | { readonly state: 'out'; readonly code: 'TOKEN_EXPIRED' | 'UNAUTHENTICATED' }
  | { readonly state: 'failed'; readonly problem: Say }
  | { readonly state: 'shown'; readonly about: AboutMe }
  | { readonly state: 'erased'; readonly erased: Erased; readonly before: AboutMe }

/** Does one act and says how it went; the page is looked up anew behind it. */
export type Do = (act: () => Promise<Say | null>) => Promise<boolean>

/** Everything that is held about a person, and what they can do about it. */
export function AboutMePage({ port }: { readonly port: AboutMePort }) {
  const { t } = useText()
  const [state, setState] = useState<State>({ state: 'loading' })
  const [told, setTold] = useState<Say | null>(null)
  const [problem, setProblem] = useState<Say | null>(null)
  const answer = useRef<HTMLDivElement>(null)

  const failed = (cause: unknown): Say => {
    const code = cause instanceof CallError ? cause.code : 'INTERNAL'
    if (code === 'TOKEN_EXPIRED' || code === 'UNAUTHENTICATED') setState({ state: 'out', code })
    return failureIn(cause)
  }
  const look = async (): Promise<void> => {
    try {
      setState({ state: 'shown', about: await port.act('see', {}) })
    } catch (cause) {
      const why = failed(cause)
      setState((now) => (now.state === 'loading' ? { state: 'failed', problem: why } : now))
    }
  }
  useEffect(() => {
    void look()
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- looked up once, and after each act.
  }, [])
  useEffect(() => {
    document.title = t('me.title')
  }, [t])

  const perform: Do = async (act) => {
    setTold(null)
    setProblem(null)
    try {
      setTold(await act())
      return true
    } catch (cause) {
      setProblem(failed(cause))
      return false
    } finally {
      await look()
      // What was pressed may be gone, and on a phone the answer stands far above it.
      answer.current?.focus()
    }
  }
  const erase = async (before: AboutMe) => {
    setTold(null)
    setProblem(null)
    try {
      setState({ state: 'erased', before, erased: await port.act('erase', {}) })
      return true
    } catch (cause) {
      setProblem(failed(cause))
      await look()
      answer.current?.focus()
      return false
    }
  }

  if (state.state === 'out')
    return (
      <EndPage
        code={state.code}
        retryable={false}
        drawer={null}
        session={null}
        aboutMeUrl={null}
        onAgain={() => undefined}
      />
    )
  return (
    <div className="page">
      <header className="page-top">
        <Wordmark />
        <LanguageChoice />
      </header>
      <main className="page-main about-me">
        {state.state === 'loading' && <output>{t('me.loading')}</output>}
        {state.state === 'failed' && <Problem say={state.problem} />}
        {state.state === 'erased' && <ErasedReport erased={state.erased} before={state.before} />}
        {state.state === 'shown' && (
          <div className="cols">
            <div className="stack">
              <Top about={state.about} />
              <div className="stack" ref={answer} tabIndex={-1}>
                <output>{told !== null && <Told say={told} />}</output>
                {problem !== null && <Problem say={problem} />}
              </div>
              <Recordings about={state.about} port={port} perform={perform} />
              <Decisions about={state.about} />
              <Kept about={state.about} />
              <Requests about={state.about} port={port} perform={perform} />
            </div>
            <aside className="stack" aria-label={t('me.acts')}>
              <Acts
                about={state.about}
                port={port}
                perform={perform}
                onErase={() => erase(state.about)}
              />
              <Talk about={state.about} />
            </aside>
          </div>
        )}
      </main>
    </div>
  )
}

function Top({ about }: { readonly about: AboutMe }) {
  const { t, locale } = useText()
  const controllers = list(
    about.controllers.map(({ name }) => name),
    locale,
  )
  const isNothing = about.calls.length === 0 && about.kept.length === 0
  return (
    <>
      <div>
        <h1>{t('me.title')}</h1>
        <p className="quiet">{t('me.lead', { controllers })}</p>
      </div>
      {isNothing && <Note icon={<Ring shape="open" />} bold={t('me.nothing')} />}
      {about.neverRecorded !== null && (
        <Note
          icon={<Ring shape="open" />}
          bold={t('me.never', { day: dayOf(about.neverRecorded.since, locale) })}
        />
      )}
    </>
  )
}

function Told({ say }: { readonly say: Say }) {
  const { t } = useText()
  return (
    <span className="note">
      <Icon name="done" />
      <b>{t(say.key, say.values)}</b>
    </span>
  )
}

function Problem({ say }: { readonly say: Say }) {
  const { t } = useText()
  return (
    <div role="alert">
      <Note care icon={<Icon name="care" />} bold={t(say.key, say.values)} />
    </div>
  )
}

function Talk({ about }: { readonly about: AboutMe }) {
  const { t } = useText()
  return (
    <section className="card" aria-labelledby="me-talk">
      <h2 id="me-talk">{t('me.talk')}</h2>
      {about.controllers.map(({ name, contact }) => (
        <p className="small" key={name}>
          {name}
          <br />
          {contact}
        </p>
      ))}
      <p className="small quiet">
        {t('me.complain')}{' '}
        <a href={about.authority.url} rel="noreferrer">
          {about.authority.name}
        </a>
      </p>
    </section>
  )
}

export const dayOf = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(at)
