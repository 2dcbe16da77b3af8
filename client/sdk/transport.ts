import type { Device, types } from 'mediasoup-client'
import {
  DtlsParameters,
  type IceServer,
  type Method,
  type Params,
  type Result,
  type TransportOffer,
} from '#protocol'
import type { Clock } from './clock.ts'
import { toIceServers, toTransportOptions } from './codec.ts'
import { asCallError } from './errors.ts'

/** Sends a request over whatever connection there is; CONNECTION_LOST when there is none. */
export type Ask = <M extends Method>(method: M, params: Params<M>) => Promise<Result<M>>

export interface Surroundings {
  readonly device: Device
  readonly ask: Ask
  readonly clock: Clock
  /** Something that a page may show has changed. */
  readonly changed: () => void
}

export type Direction = 'send' | 'recv'

/** A lost path often comes back by itself within this time; an ICE restart would only delay it. */
const graceMs = 2_000
const againMs = 3_000

/** One WebRTC transport to the server, which finds itself a new path when the old one is lost. Its opener closes it. */
export class Path {
  readonly transport: types.Transport
  readonly #direction: Direction
  readonly #ask: Ask
  readonly #clock: Clock
  /** Sent to the server, but its answer has not come: it may be lost with the connection. */
  #unanswered: DtlsParameters | null = null
  #restarting = false
  #cancelHealing: () => void = () => {}

  constructor(
    direction: Direction,
    offer: TransportOffer,
    iceServers: readonly IceServer[],
    around: Surroundings,
  ) {
    this.#direction = direction
    this.#ask = around.ask
    this.#clock = around.clock
    const options = toTransportOptions(offer, iceServers)
    this.transport =
      direction === 'send'
        ? around.device.createSendTransport(options)
        : around.device.createRecvTransport(options)
    this.transport.on('connect', ({ dtlsParameters }, done) => {
      this.#unanswered = DtlsParameters.parse(dtlsParameters)
      this.#connect()
      done() // The server's answer says nothing that the browser would have to wait for.
    })
    this.transport.on('connectionstatechange', (state) => {
      this.#heal(state)
      around.changed()
    })
  }

  get state(): types.ConnectionState {
    return this.transport.connectionState
  }

  /** After signaling has come back: says again what may have been lost, and heals what broke meanwhile. */
  resume(iceServers: readonly IceServer[]): void {
    this.#connect()
    // Credentials for relays run out; the next restart needs those of today. Fails only when closed meanwhile.
    this.transport.updateIceServers({ iceServers: toIceServers(iceServers) }).catch(() => undefined)
    this.#heal(this.state)
  }

  /** Fresh ICE credentials and candidates, as after a change of network. Does nothing before the first connection. */
  restartIce(): void {
    if (this.#restarting || this.state === 'new' || this.state === 'closed') return
    this.#restarting = true
    this.#cancelHealing()
    this.#restart()
      .catch(() => this.#healIn(againMs))
      .finally(() => {
        this.#restarting = false
      })
  }

  close(): void {
    this.#cancelHealing()
    this.transport.close()
  }

  async #restart(): Promise<void> {
    const { iceParameters } = await this.#ask('media.restartIce', { direction: this.#direction })
    if (this.state === 'closed') return
    const { iceLite, ...credentials } = iceParameters
    await this.transport.restartIce({
      iceParameters: { ...credentials, ...(iceLite !== undefined && { iceLite }) },
    })
  }

  #heal(state: types.ConnectionState): void {
    if (state === 'failed') this.restartIce()
    if (state === 'disconnected') this.#healIn(graceMs)
  }

  #healIn(ms: number): void {
    this.#cancelHealing()
    this.#cancelHealing = this.#clock.after(ms, () => {
      if (this.state === 'failed' || this.state === 'disconnected') this.restartIce()
    })
  }

  #connect(): void {
    const dtlsParameters = this.#unanswered
    if (dtlsParameters === null) return
    this.#ask('media.connect', { direction: this.#direction, dtlsParameters }).then(
      () => {
        this.#unanswered = null
      },
      (cause: unknown) => {
        // Any other refusal says that the server has it already, or that this transport is no longer its own.
        if (asCallError(cause).code !== 'CONNECTION_LOST') this.#unanswered = null
      },
    )
  }
}
