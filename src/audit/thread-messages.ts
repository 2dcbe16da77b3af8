import type { ErrorCode } from '#protocol'
import type { Arriving } from './seal.ts'

/** An entry, encoded by the caller's thread so that a malformed one never reaches the log's. */
export type Append = Arriving & { readonly id: number }

export type ToThread =
  | { readonly type: 'append'; readonly entries: readonly Append[] }
  | { readonly type: 'close' }

export type Failure = { readonly code: ErrorCode; readonly message: string }
export type Placement = { readonly id: number; readonly placed: number | Failure }

export type FromThread =
  | { readonly type: 'started'; readonly vkey: string }
  | {
      readonly type: 'committed'
      readonly placements: readonly Placement[]
      readonly checkpoint: string
      readonly leaves: number
      readonly commitMs: number
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
  readonly createKey: boolean
  readonly nowMs: number
}
