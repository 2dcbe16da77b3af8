import type { CallState, ConsentView, Outcome, PauseCause, RequestId } from '#sdk'
import type { Key } from '../language/languages.ts'
import type { RingShape } from './ring.tsx'

/** A text of the page before it is spoken in a language. */
export interface Say {
  readonly key: Key
  readonly values?: Readonly<Record<string, string | number>>
}

/** What the record line says: the truth about recording, in one place. */
export interface Line {
  readonly look: 'idle' | 'asked' | 'on' | 'out' | 'paused' | 'over'
  readonly ring: RingShape
  readonly word: Key | null
  readonly long: Say
  /** For narrow windows. The mark, the word, the time and the action are never shortened. */
  readonly short: Say
  /** Recorded time at `consentAt`; null where none is shown. */
  readonly elapsed: { readonly ms: number; readonly runs: boolean } | null
  readonly action: 'withdraw' | 'reopen' | 'details' | 'kept' | null
}

export interface Around {
  /** A recording that the server has announced and that waits for this mark (see use-show-requests.ts). */
  readonly starting: RequestId | null
  readonly sheetOpen: boolean
}

type Asked = Extract<ConsentView, { state: 'asked' }>
type Running = Extract<ConsentView, { state: 'recording' | 'paused' }>
type Over = Extract<ConsentView, { state: 'ended' }>

/** The server's state, never the client's hope; while the connection is lost, that nobody knows. */
export function lineOf(state: CallState, around: Around): Line {
  if (state.connection === 'lost') return plain('unknown', 'rec.unknown', 'rec.unknown.short')
  if (state.connection !== 'joined') return plain('open', 'rec.idle', 'rec.idle')
  const { consent, people, you } = state.call
  switch (consent.state) {
    case 'idle':
      return plain('open', 'rec.idle', 'rec.idle')
    case 'asked':
      return askedLine(
        consent,
        around,
        people.find(({ peerId }) => peerId === consent.askedBy && peerId !== you)?.name,
      )
    case 'recording':
      return runningLine(consent, around)
    case 'paused':
      return pausedLine(consent, around)
    case 'ended':
      return overLine(consent)
  }
}

/** Solid: you are in the recording. Dashed: you are, and it is paused. */
export function frameOf(line: Line): 'on' | 'paused' | undefined {
  if (line.look === 'on') return 'on'
  return line.look === 'paused' && line.action === 'withdraw' ? 'paused' : undefined
}

function askedLine(asked: Asked, { starting, sheetOpen }: Around, name: string | undefined): Line {
  const { answered, total, you } = asked
  if (starting === asked.requestId)
    return recLine(
      you === 'given',
      0,
      false,
      { key: 'rec.starting' },
      { key: 'rec.starting.short' },
    )
  const count: Say = { key: 'rec.answered', values: { answered, total } }
  return {
    look: 'asked',
    ring: { answered, total },
    word: null,
    long:
      name !== undefined && you === 'asked'
        ? { key: 'rec.askedAnswered', values: { name, answered, total } }
        : { key: 'rec.answeredNotYet', values: { answered, total } },
    short: count,
    elapsed: null,
    action: you === 'asked' && !sheetOpen ? 'reopen' : null,
  }
}

function runningLine(
  running: Extract<Running, { state: 'recording' }>,
  { sheetOpen }: Around,
): Line {
  const values = { in: running.inIt.length, total: running.total }
  if (running.policy === 'everyone') {
    return recLine(
      running.you === 'given',
      running.elapsedMs,
      true,
      { key: 'rec.everyone' },
      { key: 'rec.everyone.short' },
    )
  }
  if (running.you === 'given') {
    return recLine(
      true,
      running.elapsedMs,
      true,
      { key: 'rec.each.in', values },
      { key: 'rec.each.in.short', values },
    )
  }
  const line = recLine(
    false,
    running.elapsedMs,
    true,
    { key: 'rec.each.out', values },
    { key: 'rec.each.out.short', values },
  )
  return running.you === 'asked' && !sheetOpen ? { ...line, action: 'reopen' } : line
}

function recLine(inIt: boolean, ms: number, runs: boolean, long: Say, short: Say): Line {
  const action = inIt ? 'withdraw' : 'details'
  return {
    look: inIt ? 'on' : 'out',
    ring: 'closed',
    word: 'rec.mark',
    long,
    short,
    elapsed: { ms, runs },
    action,
  }
}

const causes: Record<PauseCause, Key> = {
  joined: 'rec.paused.joined',
  host: 'rec.paused.host',
  notice: 'rec.paused.notice',
}
const shortCauses: Record<PauseCause, Key> = {
  joined: 'rec.paused.joined.short',
  host: 'rec.paused.host.short',
  notice: 'rec.paused.notice.short',
}

function pausedLine(paused: Extract<Running, { state: 'paused' }>, { sheetOpen }: Around): Line {
  const line = { look: 'paused', ring: 'paused', word: 'rec.paused' } as const
  if (paused.you === 'asked') {
    const action = sheetOpen ? null : 'reopen'
    return {
      ...line,
      long: { key: 'rec.paused.late' },
      short: { key: 'rec.paused.late.short' },
      elapsed: null,
      action,
    }
  }
  return {
    ...line,
    long: { key: causes[paused.cause] },
    short: { key: shortCauses[paused.cause] },
    elapsed: { ms: paused.elapsedMs, runs: false },
    action: paused.you === 'given' ? 'withdraw' : 'details',
  }
}

const neverStarted: Partial<Record<Outcome, Key>> = {
  declined: 'rec.declined',
  notAll: 'rec.declined',
  expired: 'rec.expired',
  cancelled: 'rec.cancelled',
}

function overLine({ outcome, elapsedMs, yoursIsKept }: Over): Line {
  const action = yoursIsKept ? 'kept' : elapsedMs > 0 ? 'details' : null
  if (outcome === 'recorderFailed' || outcome === 'logFailed') {
    const key = outcome === 'logFailed' ? 'rec.logFailed' : 'rec.recorderFailed'
    const short = outcome === 'logFailed' ? 'rec.logFailed.short' : 'rec.recorderFailed.short'
    return {
      look: 'paused',
      ring: 'care',
      word: 'rec.stopped',
      long: { key },
      short: { key: short },
      elapsed: null,
      action,
    }
  }
  if (elapsedMs === 0) {
    const key = neverStarted[outcome] ?? 'rec.idle'
    return { ...plain('open', key, key), action }
  }
  const long: Say = outcome === 'notAll' ? { key: 'rec.ended.notAll' } : { key: 'rec.over' }
  return {
    look: 'over',
    ring: 'ended',
    word: null,
    long,
    short: { key: 'rec.over' },
    elapsed: outcome === 'notAll' ? null : { ms: elapsedMs, runs: false },
    action,
  }
}

const plain = (ring: RingShape, long: Key, short: Key): Line => ({
  look: 'idle',
  ring,
  word: null,
  long: { key: long },
  short: { key: short },
  elapsed: null,
  action: null,
})
