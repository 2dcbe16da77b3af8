import type { ErrorCode } from '#protocol'
import type { PublicJwk } from './jwk.ts'
import type { Answer, Question } from './questions.ts'
import type { Arriving } from './seal.ts'

/** An entry, encoded by the caller's thread so that a malformed one never reaches the log's. */
export type Append = Arriving & { readonly id: number }

export type ToThread =
  | { readonly type: 'append'; readonly entries: readonly Append[] }
  /** Answered once all that was appended before is durable. */
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | { readonly type: 'close' }

export type Failure = { readonly code: ErrorCode; readonly message: string }
export type Placement = { readonly id: number; readonly placed: number | Failure }

export type FromThread =
  | { readonly type: 'started'; readonly vkey: string; readonly checkpoint: string }
  | {
      readonly type: 'committed'
      readonly placements: readonly Placement[]
      readonly checkpoint: string
      readonly leaves: number
      readonly commitMs: number
    }
  | {
      readonly type: 'answered'
      readonly id: number
      readonly answer:
        | { readonly ok: true; readonly value: Answer }
        | ({ readonly ok: false } & Failure)
      /** The newest: an erasure lets the tree grow by itself. */
      readonly checkpoint: string
    }
  /** Nothing more will be written. Before `started`: the log was refused, for the reason given. */
  | ({ readonly type: 'failed' } & Failure)
  | { readonly type: 'closed' }

/** What the thread is started with. */
export type ThreadOptions = {
  readonly dir: string
  readonly guardFile: string
  readonly origin: string
  readonly keyFile: string
  readonly vaultKeyFile: string
  readonly createKey: boolean
  /** The key that signs requests, kept beside them for whoever verifies them. */
  readonly statementJwk: PublicJwk
  readonly nowMs: number
}
