import type { Barred, Media, Outcome, PauseCause, PersonId, Policy, RequestId, Sha256 } from '#protocol'
import type { Cause, Named, People } from './people.ts'

/**
 * Recording consent for one call. Pure: no clock, no socket, no randomness.
 *
 *   idle --ask--> requesting --logged--> asking <--> settling --tick--> opening --gate logged--> recording
 *                     |                     |            |               ^   |                     |   ^
 *                     |                     |            |       all yes |   | newcomer, host      |   | all shown
 *                     |                     |            |               |   v                     v   |
 *                     |                     |            |               +- paused <---------------+   |
 *                     v                     v            v                    |                        |
 *                   ended <-----------------+------------+--------------------+------------------------+
 *
 * `ended` takes a new request like `idle`. Nothing enters a recording but in `recording`.
 */
export type Consent =
  | { readonly state: 'idle'; readonly asked: ReadonlySet<string> }
  | Requesting
  | Asking
  | Settling
  | Running
  | Ended

/** The request is being written to the log; nobody has been shown anything. */
export type Requesting = Current & { readonly state: 'requesting' }
/** `told`: the count of answers that people see. It lags, so that a click that is heard gives nobody away. */
export type Asking = Current & { readonly state: 'asking'; readonly told: Told }
/** All is decided but not told yet: at `tellAt`, for the same reason. */
export type Settling = Current & {
  readonly state: 'settling'
  readonly told: Told
  readonly outcome: 'agreed' | 'declined' | 'expired'
  readonly tellAt: number
}
export type Running = Opening | Recording | Paused
/** A gate for `wanted` is being written to the log. `resuming`: why it was paused before; null at the first opening. */
export type Opening = Ran & {
  readonly state: 'opening'
  readonly wanted: Named
  readonly resuming: PauseCause | null
}
/**
 * `covered`: whom the durable gate names. `wanted`: whom the newest one will name; the same set when none is on its way.
 * `since`: when this interval began. `gateIndex`: where the durable gate stands in the log.
 */
export type Recording = Ran & {
  readonly state: 'recording'
  readonly covered: Named
  readonly wanted: Named
  readonly since: number
  readonly gateIndex: number
}
export type Paused = Ran & { readonly state: 'paused'; readonly cause: PauseCause }
export type Ended = Current & {
  readonly state: 'ended'
  readonly outcome: Outcome
  readonly recordedMs: number
}

/** `asked`: the purposes of this session that were refused; they are not asked again. */
export type Current = {
  readonly run: Run
  readonly people: People
  readonly asked: ReadonlySet<string>
}
/** `recordedMs`: of the intervals that are over. `gate`: counts the gates of this run; only the newest counts. */
type Ran = Current & { readonly recordedMs: number; readonly gate: number }
export type Told = { readonly answered: number; readonly at: number }

/** One request to record, as everyone was told of it. Durations in milliseconds, times in ms since the epoch. */
export type Run = {
  readonly requestId: RequestId
  /** The host who asked, or who took over: may pause, resume, stop; when they leave it ends. */
  readonly by: PersonId
  readonly policy: Policy
  readonly media: Media
  readonly hostMayChange: boolean
  readonly noticeSha256: Sha256
  /** The purpose without what does not make it another one: case, spaces. */
  readonly purpose: string
  readonly answerMs: number
  /** How late the end of the asking is told; random, chosen by who asks the machine. */
  readonly settleMs: number
}

export type Input =
  | {
      readonly type: 'ask'
      readonly run: Run
      readonly people: ReadonlyMap<PersonId, { readonly barred: Barred | null }>
    }
  | { readonly type: 'requestLogged'; readonly requestId: RequestId }
  | {
      readonly type: 'decide'
      readonly person: PersonId
      readonly requestId: RequestId
      readonly noticeSha256: Sha256
      readonly decision: 'given' | 'refused' | 'withdrawn'
      /** Names the person's own signed words; null for a no that came without. A yes without is no yes. */
      readonly signed: Sha256 | null
    }
  | {
      readonly type: 'yesLogged'
      readonly person: PersonId
      readonly requestId: RequestId
      readonly yes: number
      readonly index: number
    }
  | {
      readonly type: 'gateLogged'
      readonly requestId: RequestId
      readonly gate: number
      readonly index: number
    }
  /** Someone came in, or opened a second page. */
  | { readonly type: 'joined'; readonly person: PersonId; readonly barred: Barred | null }
  | { readonly type: 'lost'; readonly person: PersonId }
  | { readonly type: 'back'; readonly person: PersonId }
  | { readonly type: 'left'; readonly person: PersonId }
  /** Every page of theirs shows the mark of this gate. */
  | { readonly type: 'shown'; readonly person: PersonId; readonly gate: number }
  | {
      readonly type: 'pause' | 'resume' | 'stop' | 'cancel' | 'takeOver'
      readonly by: PersonId
      readonly requestId: RequestId
    }
  /** What was shown holds no longer; everyone is asked anew with the new bytes. */
  | { readonly type: 'noticeChanged'; readonly noticeSha256: Sha256 }
  | { readonly type: 'auditFailed' }
  | { readonly type: 'recorderFailed'; readonly requestId: RequestId }
  | { readonly type: 'tick' }

/**
 * What the outside is to do, in this order. Starting: audit, then act. Stopping: act, then audit. Whatever changed is
 * shown to everyone between the two; when to wake comes from `nextWake`.
 */
export type Effect =
  | { readonly type: 'audit'; readonly requestId: RequestId; readonly event: AuditEvent }
  /** Ask these people's pages to show the mark; each answers with `shown`. */
  | { readonly type: 'show'; readonly people: readonly PersonId[]; readonly gate: number }
  /** Let the recorder have what `permitFor` now allows. */
  | { readonly type: 'capture' }
  /** Close the gate, for one person or for all, ahead of everything that is queued. */
  | { readonly type: 'release'; readonly person?: PersonId }
  /** The interval is over: log what it holds. */
  | { readonly type: 'endInterval' }
  /** The recording is over: seal its manifest. */
  | { readonly type: 'finish' }

export type AuditEvent =
  /** These people are asked. `requestLogged` answers the first one. */
  | { readonly event: 'request'; readonly people: readonly PersonId[] }
  /** `yes`: which of their yeses; `yesLogged` answers with it. */
  | {
      readonly event: 'decision'
      readonly person: PersonId
      readonly decision: 'given'
      readonly cause: 'click'
      readonly yes: number
      readonly signed: Sha256
    }
  | {
      readonly event: 'decision'
      readonly person: PersonId
      readonly decision: 'refused' | 'withdrawn'
      readonly cause: Cause
      /** Null for what the server alone attests: silence, and a no from a page that cannot sign. */
      readonly signed: Sha256 | null
    }
  | {
      readonly event: 'gateOpen'
      readonly gate: number
      readonly decisions: readonly number[]
      readonly people: readonly PersonId[]
      readonly present: readonly PersonId[]
    }
  | { readonly event: 'gateClosed'; readonly cause: PauseCause | Outcome }
  | { readonly event: 'hostChanged'; readonly from: PersonId; readonly to: PersonId }
  | { readonly event: 'over'; readonly outcome: Outcome }

export type Step<S extends Consent = Consent> = readonly [next: S, effects: readonly Effect[]]
