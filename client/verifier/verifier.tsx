import { useEffect, useMemo, useRef, useState } from 'react'
import type { TrustPolicy } from '#audit/verify'
import { LanguageSelect } from '../web/language/language-select.tsx'
import type { Language } from '../web/language/languages.ts'
import { Ring } from '../web/record/ring.tsx'
import { checkAll, readTrust, type Result, type Trust } from './check.ts'
import { DropZone } from './drop-zone.tsx'
import { idOf, readDropped, type DroppedPolicy, type DroppedReceipt } from './dropped.ts'
import type { GivenTrust } from './given-trust.ts'
import { ResultCard } from './result-card.tsx'
import { TrustCard } from './trust-card.tsx'
import { wordsIn } from './words.ts'

/** Checks receipts where it stands: what is dropped on it never leaves the browser. */
export function Verifier({
  given,
  isServed,
  initial,
}: {
  readonly given: GivenTrust | null
  /** Not opened from a disk, so it can be saved to one. */
  readonly isServed: boolean
  readonly initial: Language
}) {
  const [language, setLanguage] = useState(initial)
  const words = useMemo(() => wordsIn(language, navigator.languages), [language])
  const { own, t } = words
  const [receipts, setReceipts] = useState<readonly DroppedReceipt[]>([])
  const [brought, setBrought] = useState<DroppedPolicy | null>(null)
  const { trust, results } = useChecked(receipts, brought?.text ?? given?.policy ?? null)
  const heading = useRef<HTMLHeadingElement>(null)

  useEffect(() => {
    document.documentElement.lang = language
    document.title = `${own('title')} · Assent`
  }, [language, own])
  useEffect(() => {
    // Who chose files by the keyboard goes on where the answer is.
    if (results.length > 0) heading.current?.focus()
  }, [results])

  const take = async (files: readonly File[]) => {
    const dropped = await readDropped(files)
    if (dropped.policy !== null) setBrought(dropped.policy)
    setReceipts((before) => unique([...dropped.receipts, ...before]))
  }
  const verified = results.filter(({ state }) => state === 'verified').length

  return (
    <div className="page open">
      <header className="page-top">
        <span className="wordmark">
          <Ring shape="open" />
          Assent
        </span>
        <LanguageSelect label={t('language')} language={language} onLanguage={setLanguage} />
      </header>
      <main className="page-main verifier">
        <h1>{own('title')}</h1>
        <p className="lead">{own('intro')}</p>
        <DropZone words={words} onFiles={(files) => void take(files)} />
        <section aria-labelledby="results" className="results" hidden={results.length === 0}>
          <div className="row">
            <h2 id="results" ref={heading} tabIndex={-1}>
              {own('results')}
            </h2>
            <output className="small quiet tnum">
              {results.length > 0 && own('summary', { verified, count: results.length })}
            </output>
            <button className="btn plain" type="button" onClick={() => setReceipts([])}>
              {own('clear')}
            </button>
          </div>
          {results.map((result, place) => (
            <ResultCard key={`${place} ${result.name}`} result={result} words={words} />
          ))}
        </section>
        <TrustCard
          words={words}
          given={given}
          brought={brought}
          trust={trust}
          onPolicy={setBrought}
        />
        {isServed && (
          <p className="small quiet">
            <a href="/verify.html" download="assent-verify.html">
              {own('save')}
            </a>
            {' · '}
            {own('save.text')}
          </p>
        )}
      </main>
    </div>
  )
}

/** Checked anew whenever receipts come or somebody else is trusted; what an older check finds is dropped. */
function useChecked(
  receipts: readonly DroppedReceipt[],
  policy: string | null,
): { readonly trust: Trust | null; readonly results: readonly Result[] } {
  const [checked, setChecked] = useState<Awaited<ReturnType<typeof check>>>(nothing)
  useEffect(() => {
    let isStale = false
    void check(receipts, policy).then((now) => {
      if (!isStale) setChecked(now)
    })
    return () => {
      isStale = true
    }
  }, [receipts, policy])
  return checked
}

async function check(
  receipts: readonly DroppedReceipt[],
  text: string | null,
): Promise<{ readonly trust: Trust | null; readonly results: readonly Result[] }> {
  const trust = text === null ? null : await readTrust({ text })
  const policy: TrustPolicy | null = trust?.state === 'read' ? trust.policy : null
  return { trust, results: await checkAll(receipts, policy) }
}

const nothing = { trust: null, results: [] }

const unique = (receipts: readonly DroppedReceipt[]): readonly DroppedReceipt[] => [
  ...new Map(receipts.map((receipt) => [idOf(receipt), receipt])).values(),
]
