import type { Params, PeerId, RequestId, Result, Sha256 } from '#protocol'
import type { Clock } from './clock.ts'
import type { Keeper } from './keeper.ts'
import type { HeldReceipt } from './receipt.ts'
import type { Prepared } from './prepare.ts'
import type { CallState, Streams } from './state.ts'
import type { Quality } from './stats.ts'

export interface JoinOptions {
  readonly prepared: Prepared
  readonly token: string
  /** Where the token names nobody. */
  readonly name?: string
  /** Sent as soon as the server lets you in. The page opened these tracks and stops them. */
  readonly microphone?: MediaStreamTrack
  readonly camera?: MediaStreamTrack
  /** Join with the microphone paused. */
  readonly muted?: boolean
  /** Where the secret is kept that brings you back as the same person after a reload; sessionStorage suits it. */
  readonly resume?: ResumeStore
  /** Asked for a fresh token when the present one runs out. Without it the page calls `renew` itself. */
  readonly getToken?: () => Promise<string>
  /** Where keys, receipts and the memory of logs are kept; this browser's own storage, unless told. */
  readonly keeper?: Keeper
  readonly clock?: Clock
}

export interface ResumeStore {
  get(): string | null
  set(secret: string | null): void
}

export type Asking = Params<'consent.ask'>
export type Decision = Params<'consent.decide'>['decision']

/** A call that one is in or on the way into. Its functions need no `this`. Requests reject with CallError. */
export interface Call {
  readonly state: CallState
  /** Calls back after each change of `state`; returns the function that ends this. */
  subscribe(listener: () => void): () => void
  streams(peerId: PeerId): Streams

  /** Sends this track in the place of the present one; null stops sending. */
  setMicrophone(track: MediaStreamTrack | null): Promise<void>
  setCamera(track: MediaStreamTrack | null): Promise<void>
  mute(): void
  unmute(): void
  /** Asks the browser for a screen, with sound where it can. Rejects as getDisplayMedia does. Call it from a click. */
  shareScreen(): Promise<void>
  stopSharing(): void
  /** Receive cameras and screens of these people only. Sound is always received. */
  watchOnly(cameras: readonly PeerId[] | 'all', screens?: readonly PeerId[] | 'all'): void

  /** The notice that `ask` would show, as text to parse. */
  preview(asking: Asking): Promise<string>
  ask(asking: Asking): Promise<RequestId>
  /**
   * Signed by this page's key. Resolves with its receipt, checked, when the decision is durable in the log. Repeats itself
   * after a lost connection. NOTICE_MISMATCH unless the notice of `requestId` was shown and matches, SIGNATURE_INVALID for
   * a yes that this page cannot sign; a no and a withdrawal are never held up by either.
   */
  decide(requestId: RequestId, noticeSha256: Sha256, decision: Decision): Promise<HeldReceipt>
  /** Fetches the receipts of all your decisions in this call anew, silence included, and checks them. */
  refreshReceipts(): Promise<void>
  cancel(requestId: RequestId): Promise<void>
  pause(requestId: RequestId): Promise<void>
  resume(requestId: RequestId): Promise<void>
  stop(requestId: RequestId): Promise<void>
  takeOver(requestId: RequestId): Promise<void>
  destroyMine(requestId: RequestId): Promise<Result<'recording.destroyMine'>>
  /** The page resolves when the recording mark stands. While no handler is set, you are not recorded. */
  onShow(handler: (requestId: RequestId) => Promise<void>): void

  renew(token: string): Promise<void>
  /** How well media flows, measured now; null before any flows. */
  stats(): Promise<Quality>
  /** Leaves for good: closes everything this call opened. */
  leave(): void
}
