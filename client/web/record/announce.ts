import type { CallState, CallView, ConsentView } from '#sdk'
import { outcomeText } from '../consent/outcome.ts'
import type { Say } from './line.ts'

/** What a screen reader says of a change. `urgent` ones concern rights and interrupt. */
export interface Announcement {
  readonly say: Say
  /** Time left to answer, spoken as {time}; null where the text has none. */
  readonly timeMs: number | null
  readonly urgent: boolean
}

type Recording = Extract<ConsentView, { state: 'recording' }>

const urgent = (say: Say, timeMs: number | null = null): Announcement => ({
  say,
  timeMs,
  urgent: true,
})
const polite = (say: Say): Announcement => ({ say, timeMs: null, urgent: false })

/** Once per change of state, never for the passing of time; null where nothing changed that must be said. */
export function announcementOf(before: CallState, after: CallState): Announcement | null {
  if (after.connection === 'lost')
    return before.connection === 'lost' ? null : urgent({ key: 'conn.lost' })
  if (after.connection !== 'joined') return null
  if (before.connection === 'lost') return polite({ key: 'conn.back' })
  const known = before.connection === 'joined' ? before.call : null
  return (
    ofConsent(known, after.call) ??
    (known === null
      ? polite({ key: 'sr.joined', values: { count: after.call.people.length } })
      : null)
  )
}

function ofConsent(before: CallView | null, after: CallView): Announcement | null {
  const { consent } = after
  const was = before?.consent ?? { state: 'idle' }
  const same = was.state === consent.state && idOf(was) === idOf(consent)
  switch (consent.state) {
    case 'idle':
      return null
    case 'asked':
      return consent.you === 'asked' ? asking(before, after, consent.leftMs ?? 0) : null
    case 'recording':
      return same ? ownChange(was, consent) : started(was, consent)
    case 'paused':
      return same
        ? null
        : urgent({ key: consent.you === 'asked' ? 'rec.paused.late' : 'sr.paused' })
    case 'ended':
      return same || before === null ? null : ended(consent)
  }
}

/** Said when the notice is checked, for only then there is something to read. */
function asking(
  before: CallView | null,
  { notice, consent }: CallView,
  leftMs: number,
): Announcement | null {
  const said =
    before !== null &&
    idOf(before.consent) === idOf(consent) &&
    before.notice.state === notice.state
  if (said || notice.state === 'checking' || notice.state === 'none') return null
  return notice.state === 'matches'
    ? urgent({ key: 'sr.asked', values: { name: notice.notice.askedBy.name } }, leftMs)
    : urgent({ key: 'notice.mismatch' })
}

function started(was: ConsentView, { you }: Recording): Announcement {
  if (you !== 'given') return urgent({ key: 'sr.startedWithoutYou' })
  return urgent({ key: was.state === 'paused' ? 'sr.resumed' : 'sr.started' })
}

function ownChange(was: ConsentView, { you }: Recording): Announcement | null {
  if (!('you' in was) || was.you === you) return null
  if (you === 'withdrawn') return urgent({ key: 'withdraw.done' })
  return you === 'given' ? urgent({ key: 'sr.started' }) : null
}

const ended = ({ elapsedMs, outcome }: Extract<ConsentView, { state: 'ended' }>): Announcement =>
  elapsedMs > 0 ? urgent({ key: 'sr.ended' }) : polite({ key: outcomeText[outcome] })

const idOf = (consent: ConsentView): string => ('requestId' in consent ? consent.requestId : '')
