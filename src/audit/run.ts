import type { CoreRecord } from './records.ts'

/** Where a person stands from `time` on. `pending`: asked, and silence is not a yes. */
export type Standing = {
  readonly ref: string
  readonly index: number
  readonly time: number
  readonly is: 'pending' | 'given' | 'refused' | 'withdrawn'
  /** Until when a yes holds, in milliseconds since the epoch. */
  readonly until: number | 'end-of-session' | undefined
}

/** A time in which something could be recorded: whom it covers, who was there. Open while `closedAt` is undefined. */
export type Gate = {
  readonly index: number
  readonly openedAt: number
  readonly closedAt: number | undefined
  readonly covers: readonly string[]
  readonly present: readonly string[]
}

/** One person's media in the recording, from and to, in milliseconds since the epoch. */
export type Stretch = {
  readonly index: number
  readonly ref: string
  readonly startedAt: number
  readonly stoppedAt: number
}

export type Recording = { readonly id: string; readonly index: number; readonly isRunning: boolean }

/** Everything the log says about one request, as far as it has been read. */
export type Run = {
  readonly requestId: string
  readonly session: string
  readonly policy: 'everyone' | 'each'
  /** The notice each person was shown last. */
  readonly notices: ReadonlyMap<string, string>
  /** In the order of the log. */
  readonly standings: readonly Standing[]
  readonly gates: readonly Gate[]
  readonly recordings: readonly Recording[]
  readonly stretches: readonly Stretch[]
  readonly isOver: boolean
  /** Yeses on which gates rest and of which nothing is left, and the people whose they may have been. */
  readonly forgotten: { readonly yeses: ReadonlySet<number>; readonly people: ReadonlySet<string> }
}

/** The records that belong to a run: those that name its request. */
export type RunRecord = Extract<CoreRecord, { requestId: string }>

export const standingOf = (run: Run, ref: string): Standing | undefined =>
  run.standings.findLast((standing) => standing.ref === ref)

export const openGate = (run: Run): Gate | undefined =>
  run.gates.findLast(({ closedAt }) => closedAt === undefined)

/** The gate that was open at a time; the newest, should two have been. */
export const gateAt = (run: Run, time: number): Gate | undefined =>
  run.gates.findLast(({ openedAt, closedAt = Infinity }) => openedAt <= time && time <= closedAt)
