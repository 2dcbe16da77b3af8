import type { Asking, Call, CallState, Decision, PeerId, Streams } from '#sdk'
import { RequestId } from '#protocol'
import { heldReceipt } from './scene-receipts.ts'

/** What the page asked of its call, in order. */
export type Act = readonly [name: string, ...details: readonly unknown[]]

/**
 * A call that plays given states instead of speaking to a server, so that every screen can be met. Requests are noted
 * and resolve; what follows from them is the script's to say.
 */
export class ScriptedCall implements Call {
  readonly acts: Act[] = []
  /** Set to make the next request reject with it. */
  refusal: Error | null = null
  /** Set to leave requests unanswered, as a slow server does. */
  silent = false
  readonly #listeners = new Set<() => void>()
  readonly #notice: (asking: Asking) => string
  #state: CallState
  #show: ((requestId: RequestId) => Promise<void>) | null = null

  constructor(state: CallState, notice: (asking: Asking) => string) {
    this.#state = state
    this.#notice = notice
  }

  get state(): CallState {
    return this.#state
  }

  play(state: CallState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }

  /** As the server's request recording.show: resolves when the page says that its mark stands. */
  async show(requestId: string): Promise<void> {
    await this.#show?.(RequestId.parse(requestId))
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly streams = (peerId: PeerId): Streams => this.#state.streams.get(peerId) ?? {}
  readonly onShow = (handler: (requestId: RequestId) => Promise<void>): void => {
    this.#show = handler
  }

  readonly setMicrophone = (track: MediaStreamTrack | null) =>
    this.#own('microphone', { sending: track !== null })
  readonly setCamera = (track: MediaStreamTrack | null) =>
    this.#own('camera', { sending: track !== null })
  readonly mute = () => void this.#own('microphone', { muted: true })
  readonly unmute = () => void this.#own('microphone', { muted: false })
  readonly shareScreen = () => this.#own('screen', { sending: true })
  readonly stopSharing = () => void this.#own('screen', { sending: false })
  readonly watchOnly = (
    cameras: readonly PeerId[] | 'all',
    screens: readonly PeerId[] | 'all' = 'all',
  ) => {
    this.acts.push(['watchOnly', cameras, screens])
  }

  readonly preview = async (asking: Asking) => {
    await this.#note('preview', asking)
    return this.#notice(asking)
  }
  readonly ask = async (asking: Asking) => {
    await this.#note('ask', asking)
    return RequestId.parse(`req_${'b'.repeat(26)}`)
  }
  readonly decide = async (requestId: RequestId, _noticeSha256: string, decision: Decision) => {
    await this.#note('decide', requestId, decision)
    return heldReceipt(decision)
  }
  readonly refreshReceipts = () => this.#note('refreshReceipts')
  readonly cancel = (requestId: RequestId) => this.#note('cancel', requestId)
  readonly pause = (requestId: RequestId) => this.#note('pause', requestId)
  readonly resume = (requestId: RequestId) => this.#note('resume', requestId)
  readonly stop = (requestId: RequestId) => this.#note('stop', requestId)
  readonly takeOver = (requestId: RequestId) => this.#note('takeOver', requestId)
  readonly destroyMine = async (requestId: RequestId) => {
    await this.#note('destroyMine', requestId)
    return { tracks: 2 }
  }
  readonly renew = (token: string) => this.#note('renew', token)
  readonly stats = () => Promise.resolve({ roundTripMs: null, sent: [], received: [] })
  readonly leave = () => {
    this.acts.push(['leave'])
    const call = 'call' in this.#state ? this.#state.call : null
    this.play({
      ...this.#state,
      connection: 'ended',
      call,
      ended: { code: 'LEFT', retryable: true },
    })
  }

  async #note(...act: Act): Promise<void> {
    this.acts.push(act)
    const { refusal } = this
    this.refusal = null
    if (refusal !== null) throw refusal
    if (this.silent) await new Promise(() => undefined)
  }

  #own(
    source: 'microphone' | 'camera' | 'screen',
    change: { sending?: boolean; muted?: boolean },
  ): Promise<void> {
    this.acts.push([source, change])
    const { own } = this.#state
    this.play({ ...this.#state, own: { ...own, [source]: { ...own[source], ...change } } })
    return Promise.resolve()
  }
}
