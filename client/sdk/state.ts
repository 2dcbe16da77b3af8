import type {
  Barred,
  ConsentView,
  ErrorCode,
  Grants,
  Notice,
  Party,
  Peer,
  PeerId,
  RecordingOptions,
  SessionId,
  Source,
} from '#protocol'
import type { HeldReceipt } from './receipt.ts'

/** What a page shows. Replaced whole at each change, so that `===` tells whether anything changed. */
export type CallState = {
  readonly own: Own
  /** What is received, by person; each MediaStream stays the same object while its source lasts. */
  readonly streams: ReadonlyMap<PeerId, Streams>
  /** Receipts for what was decided on this page, newest first; each was checked as it came. */
  readonly receipts: readonly HeldReceipt[]
} & (
  | { readonly connection: 'connecting' }
  | { readonly connection: 'joined'; readonly call: CallView }
  /** `call` is the last that was known; what it says of recording may be wrong by now. */
  | { readonly connection: 'lost'; readonly call: CallView; readonly retryUntil: number }
  | { readonly connection: 'ended'; readonly call: CallView | null; readonly ended: Ended }
)

/** Why it is over, and whether joining again, from `prepare` on, can help. */
export interface Ended {
  readonly code: EndedCode
  readonly retryable: boolean
}

/** LEFT: you left. CONNECTION_LOST: the server could not be reached in time. */
export type EndedCode = ErrorCode | 'LEFT'

/** The call as the server tells it. Times are milliseconds of the clock given to `join`, by default since the epoch. */
export interface CallView {
  readonly you: PeerId
  readonly session: { readonly id: SessionId; readonly startedAt: number }
  readonly controllers: readonly Party[]
  readonly demo: boolean
  /** Why you are never recorded; null where you can be asked. */
  readonly barred: Barred | null
  readonly grants: Grants
  readonly recordingOptions: RecordingOptions
  /** In order of arrival; who stays keeps the order. */
  readonly people: readonly Peer[]
  /** Loudest first. */
  readonly speaking: readonly PeerId[]
  readonly consent: ConsentView
  /** When `consent` arrived: count its `leftMs` down, and its `elapsedMs` up, from here. */
  readonly consentAt: number
  readonly notice: NoticeCheck
  readonly key: KeyState
  readonly tokenExpiresAt: number
  /** When the server said it would restart; null while it has not. */
  readonly stoppingAt: number | null
}

/**
 * The notice of the request in `consent`, which a page shows from here and nowhere else. `none`: nothing was asked.
 * `mismatch`: the bytes are not those that the hash names, or not what the server signed: show no answers.
 * `canAgree`: there is a request that this page can sign; without one nobody can say yes here.
 */
export type NoticeCheck =
  | { readonly state: 'none' }
  | { readonly state: 'checking' }
  | { readonly state: 'matches'; readonly notice: Notice; readonly canAgree: boolean }
  | { readonly state: 'mismatch' }

/**
 * The key with which this page signs decisions. `failed`: it cannot sign, so that nobody can say yes here; `code` says
 * why. LOG_DIFFERS, log-inconsistent, log-forked, log-key-changed: the server's log is not the one that this browser saw
 * before.
 */
export type KeyState =
  | { readonly state: 'binding' }
  | { readonly state: 'bound' }
  | { readonly state: 'failed'; readonly code: string }

/** One of your own streams. `refused`: the server did not take the last one, and why. */
export interface OwnStream {
  readonly sending: boolean
  readonly muted: boolean
  readonly refused: ErrorCode | null
}

export interface Own {
  readonly microphone: OwnStream
  readonly camera: OwnStream
  readonly screen: OwnStream
  /** The worse of the two transports. `failed` heals by itself as soon as the network allows. */
  readonly media: 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed'
}

export type Streams = { readonly [S in Source]?: MediaStream }
