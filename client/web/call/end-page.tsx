import type { EndedCode } from '#sdk'
import { useText } from '../language/text.tsx'
import type { Key } from '../language/languages.ts'
import type { IconName } from '../parts/icon.tsx'
import { Icon } from '../parts/icon.tsx'
import { Wordmark } from '../parts/wordmark.tsx'
import { KeptReceipts, type ReceiptDrawer } from '../receipt/kept-receipts.tsx'

type Ending = readonly [icon: IconName, bold: Key, text: Key]
const endings: Partial<Record<EndedCode, Ending>> = {
  LEFT: ['leave', 'end.left', 'end.left.text'],
  TOKEN_EXPIRED: ['key', 'end.expired', 'end.expired.text'],
  UNAUTHENTICATED: ['key', 'end.unknown', 'end.unknown.text'],
  REMOVED: ['door', 'end.removed', 'end.removed.text'],
  ROOM_FULL: ['people', 'end.full', 'end.full.text'],
  REPLACED: ['door', 'end.replaced', 'end.replaced.text'],
  CONNECTION_LOST: ['connection', 'end.lost', 'end.lost.text'],
  RESUME_FAILED: ['connection', 'end.lost', 'end.lost.text'],
  SERVER_STOPPING: ['connection', 'end.lost', 'end.lost.text'],
  MINOR_REFUSED: ['door', 'end.minor', 'end.minor.text'],
  BROWSER_UNSUPPORTED: ['care', 'end.browser', 'end.browser.text'],
}
/** Where only a fresh link helps, a button that joins again would lead nowhere. */
const needsLink = new Set<EndedCode>(['TOKEN_EXPIRED', 'UNAUTHENTICATED'])

/** After the call, or where there can be none: what happened, and what can be done. */
export function EndPage({
  code,
  retryable,
  drawer,
  session,
  aboutMeUrl,
  onAgain,
}: {
  readonly code: EndedCode | 'NO_LINK'
  readonly retryable: boolean
  /** Null where no call was: it has no receipts to show. */
  readonly drawer: ReceiptDrawer | null
  /** The call that is over; null without one. */
  readonly session: string | null
  /** Null where nobody is signed in. */
  readonly aboutMeUrl: string | null
  readonly onAgain: () => void
}) {
  const { t } = useText()
  const ending =
    code === 'NO_LINK' ? (['key', 'end.noLink', 'end.noLink.text'] as const) : endings[code]
  const canAgain = retryable && code !== 'NO_LINK' && !needsLink.has(code)
  return (
    <div className="page open">
      <header className="page-top">
        <Wordmark />
      </header>
      <main className="page-main ending">
        <section className="card">
          <Icon name={ending?.[0] ?? 'care'} />
          <h1>{t(ending?.[1] ?? 'end.other')}</h1>
          <p className="quiet">
            {ending === undefined ? t('error.reference', { reference: code }) : t(ending[2])}
          </p>
          {canAgain && (
            <button className="btn main" type="button" onClick={onAgain}>
              {t(code === 'LEFT' || ending !== undefined ? 'end.again' : 'again')}
            </button>
          )}
          {aboutMeUrl !== null && (
            <p className="small">
              <a href={aboutMeUrl}>{t('me.title')}</a>
            </p>
          )}
        </section>
        {drawer !== null && <KeptReceipts drawer={drawer} session={session} />}
      </main>
    </div>
  )
}
