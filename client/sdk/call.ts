import {
  CallError,
  type Method,
  type Params,
  type PeerId,
  type RequestId,
  type Sha256,
} from '#protocol'
import type { Asking, Call, Decision, JoinOptions, ResumeStore } from './call-types.ts'
import { systemClock } from './clock.ts'
import { requestIn } from './call-view.ts'
import { Driver } from './driver.ts'
import { asCallError, connectionLost } from './errors.ts'
import { browserKeeper } from './keeper.ts'
import { CallMedia } from './media.ts'
import type { HeldReceipt } from './receipt.ts'
import type { Session } from './session.ts'
import type { CallState, CallView } from './state.ts'

/** Enters the call. Returns at once: `state` tells how far it has come. Whoever joins ends it with `leave`. */
export const join = (options: JoinOptions): Call => new LiveCall(options)

/** The one place where session, connection and media meet. Its functions are fields so that they need no `this`. */
class LiveCall implements Call {
  readonly #listeners = new Set<() => void>()
  readonly #media: CallMedia
  readonly #driver: Driver
  #state: CallState
  #show: ((requestId: RequestId) => Promise<void>) | null = null
  #receipts: readonly HeldReceipt[] = []

  constructor(options: JoinOptions) {
    const { prepared, clock = systemClock } = options
    const around = { device: prepared.device, ask: this.#ask, clock, changed: this.#changed }
    this.#media = new CallMedia(around, options.muted ?? false)
    this.#driver = new Driver({
      entrance: { ...prepared, url: prepared.signalUrl, name: options.name ?? null },
      token: options.token,
      getToken: options.getToken ?? null,
      resume: options.resume ?? inMemory(),
      keeper: options.keeper ?? browserKeeper(),
      clock,
      media: (effect) => this.#media.perform(effect),
      networkChanged: () => this.#media.restartIce(),
      show: this.#showMark,
      changed: this.#changed,
    })
    this.#state = this.#read()
    // They wait in their slots until the server has let us in.
    if (options.microphone !== undefined) this.#sendLater('microphone', options.microphone)
    if (options.camera !== undefined) this.#sendLater('camera', options.camera)
    globalThis.addEventListener?.('online', this.#online)
  }

  get state(): CallState {
    return this.#state
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly streams = (peerId: PeerId) => this.#media.streams.get(peerId) ?? {}
  readonly setMicrophone = (track: MediaStreamTrack | null) =>
    this.#media.sender.set('microphone', track)
  readonly setCamera = (track: MediaStreamTrack | null) => this.#media.sender.set('camera', track)
  readonly mute = () => this.#media.sender.setMuted('microphone', true)
  readonly unmute = () => this.#media.sender.setMuted('microphone', false)
  readonly shareScreen = () => this.#media.shareScreen()
  readonly stopSharing = () => this.#media.stopSharing()
  readonly stats = () => this.#media.stats()

  readonly watchOnly = (
    cameras: readonly PeerId[] | 'all',
    screens: readonly PeerId[] | 'all' = 'all',
  ) => this.#media.receiver.show({ cameras: asSet(cameras), screens: asSet(screens) })

  readonly preview = async (asking: Asking) => (await this.#ask('consent.preview', asking)).notice
  readonly ask = async (asking: Asking) => (await this.#ask('consent.ask', asking)).requestId
  readonly cancel = (requestId: RequestId) => this.#about('consent.cancel', requestId)
  readonly pause = (requestId: RequestId) => this.#about('recording.pause', requestId)
  readonly resume = (requestId: RequestId) => this.#about('recording.resume', requestId)
  readonly stop = (requestId: RequestId) => this.#about('recording.stop', requestId)
  readonly takeOver = (requestId: RequestId) => this.#about('recording.takeOver', requestId)
  readonly destroyMine = (requestId: RequestId) => this.#ask('recording.destroyMine', { requestId })

  readonly decide = async (
    requestId: RequestId,
    noticeSha256: Sha256,
    decision: Decision,
  ): Promise<HeldReceipt> => {
    // To withdraw, nobody needs to have read anything again.
    if (decision !== 'withdrawn' && !this.#shows(requestId, noticeSha256)) {
      throw new CallError(
        'NOTICE_MISMATCH',
        'this notice was not shown, or is not what its hash names',
      )
    }
    const decisionJws = await this.#signed(decision)
    const words = { requestId, noticeSha256, decision, ...(decisionJws && { decisionJws }) }
    for (;;) {
      try {
        const [held] = await this.#driver.evidence.take(async (seen) => {
          const { receipt, consistency } = await this.#ask('consent.decide', { ...words, seen })
          return { receipts: [receipt], consistency }
        })
        return this.#keep(held!)
      } catch (cause) {
        if (asCallError(cause).code !== 'CONNECTION_LOST') throw cause
      }
      // The server takes the same decision twice as once, so saying it again is safe and not saying it is not.
      await this.#until(({ connection }) => connection === 'joined')
    }
  }

  readonly refreshReceipts = async (): Promise<void> => {
    const all = await this.#driver.evidence.take(async (seen) => {
      const { receipts, consistency } = await this.#ask('consent.receipts', { seen })
      return { receipts: receipts.map(({ receipt }) => receipt), consistency }
    })
    for (const held of all) this.#keep(held)
  }

  readonly onShow = (handler: (requestId: RequestId) => Promise<void>): void => {
    this.#show = handler
  }

  readonly renew = (token: string) => this.#driver.renew(token)
  readonly leave = () => this.#driver.take({ type: 'leave' })

  readonly #ask = <M extends Method>(method: M, params: Params<M>) =>
    this.#driver.ask(method, params)

  async #about(
    method: Method & ('consent.cancel' | `recording.${string}`),
    requestId: RequestId,
  ): Promise<void> {
    await this.#ask(method, { requestId })
  }

  readonly #changed = (): void => {
    this.#state = this.#read()
    if (this.#state.connection === 'ended') globalThis.removeEventListener?.('online', this.#online)
    for (const listener of this.#listeners) listener()
  }

  readonly #online = (): void => this.#driver.take({ type: 'online' })

  readonly #showMark = async (requestId: RequestId): Promise<void> => {
    if (this.#show === null) throw new CallError('NOT_FOUND', 'no page shows recordings')
    // After a reload the question may overtake the snapshot that says what it is about.
    await this.#until(
      (state) => state.connection === 'joined' && requestOf(state.call) === requestId,
    )
    await this.#show(requestId)
  }

  /** What cannot be signed is sent without: a no counts all the same. A yes does not, and says why. */
  async #signed(decision: Decision): Promise<string | null> {
    const { state } = this
    const consent = 'call' in state && state.call !== null ? state.call.consent : null
    const request = consent === null ? undefined : requestIn(consent)
    if (request === undefined && decision === 'given')
      throw new CallError('SIGNATURE_INVALID', 'this page has no key to sign with')
    if (consent === null || request === undefined || !('prev' in consent)) return null
    const signing = this.#driver.evidence.sign(request, decision, consent.prev)
    return decision === 'given' ? signing : signing.catch(() => null)
  }

  #keep(receipt: HeldReceipt): HeldReceipt {
    this.#receipts = [receipt, ...this.#receipts.filter(({ id }) => id !== receipt.id)]
    this.#changed()
    return receipt
  }

  #sendLater(source: 'microphone' | 'camera', track: MediaStreamTrack): void {
    // A refusal stands in `state.own`, where the page looks for it.
    this.#media.sender.set(source, track).catch(() => undefined)
  }

  #shows(requestId: RequestId, noticeSha256: Sha256): boolean {
    const { state } = this
    if (state.connection !== 'joined' && state.connection !== 'lost') return false
    const { consent, notice } = state.call
    return (
      notice.state === 'matches' &&
      consent.state !== 'idle' &&
      consent.requestId === requestId &&
      consent.noticeSha256 === noticeSha256
    )
  }

  /** Rejects with CONNECTION_LOST when the call ends before. */
  #until(isSo: (state: CallState) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (isSo(this.#state)) resolve()
        else if (this.#state.connection === 'ended') reject(connectionLost())
        else return
        unsubscribe()
      }
      const unsubscribe = this.subscribe(look)
      look()
    })
  }

  #read(): CallState {
    const { own, streams } = this.#media
    return stateOf(this.#driver.session, { own, streams, receipts: this.#receipts })
  }
}

function stateOf(
  session: Session,
  media: Pick<CallState, 'own' | 'streams' | 'receipts'>,
): CallState {
  switch (session.state) {
    case 'connecting':
      return { ...media, connection: 'connecting' }
    case 'joined':
      return { ...media, connection: 'joined', call: session.call }
    case 'lost':
      return { ...media, connection: 'lost', call: session.call, retryUntil: session.until }
    case 'ended':
      return { ...media, connection: 'ended', call: session.call, ended: session.ended }
  }
}

const requestOf = ({ consent }: CallView): RequestId | null =>
  consent.state === 'idle' ? null : consent.requestId

const asSet = (peers: readonly PeerId[] | 'all') => (peers === 'all' ? 'all' : new Set(peers))

function inMemory(): ResumeStore {
  let kept: string | null = null
  return {
    get: () => kept,
    set: (secret) => {
      kept = secret
    },
  }
}
