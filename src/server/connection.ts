import type { RawData, WebSocket } from 'ws'
import { renewed, TokenRefused, type Authenticator, type Principal } from '#auth'
import type { Metrics } from '#metrics'
import {
  CallError,
  closeCodeOf,
  decodeFromClient,
  encodeError,
  encodeEvent,
  encodeRequest,
  encodeResult,
  randomText,
  Unreadable,
  type ClientMessage,
  type ErrorCode,
  type Event,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
} from '#protocol'
import type { EntryPass, Line, Rooms, Seat } from '#rooms'
import { Asked } from './asked.ts'
import type { CapabilitySets } from './capability-sets.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Limits } from './settings.ts'
import type { Suspicion } from './throttle.ts'
import { TokenBucket } from './token-bucket.ts'

type Request = Extract<ClientMessage, { kind: 'request' }>

/** What all connections share. */
export interface Edge {
  readonly authenticator: Authenticator
  readonly rooms: Rooms
  readonly metrics: Metrics
  readonly log: Log
  readonly limits: Limits
  readonly clock: Clock
  readonly capabilitySets: CapabilitySets
}

export interface Entered {
  readonly socket: WebSocket
  readonly principal: Principal
  /** When the upgrade request arrived, by the monotonic clock. */
  readonly since: number
  readonly upgradeJoin: EntryPass | null
  readonly suspect: (suspicion: Suspicion) => void
  readonly onClosed: () => void
}

/**
 * One socket of one peer: reads requests, keeps the limits, writes answers and events. It holds no
 * timer of its own: whoever owns it calls `tick` about once a second.
 */
export class Connection implements Line {
  readonly #edge: Edge
  readonly #socket: WebSocket
  readonly #suspect: (suspicion: Suspicion) => void
  readonly #since: number
  readonly #rate: TokenBucket
  readonly #errors: TokenBucket
  readonly #asked: Asked
  readonly #seat: Seat
  #principal: Principal
  #pending = 0
  #lastHeard: number
  #slowSince: number | null = null
  #isJoining: boolean
  #isJoined = false
  #hasLeft = false
  #isWarned = false
  #closedWith: ErrorCode | null = null

  constructor(edge: Edge, entered: Entered) {
    const now = edge.clock.monotonic()
    this.#edge = edge
    this.#socket = entered.socket
    this.#suspect = entered.suspect
    this.#since = entered.since
    this.#rate = new TokenBucket(edge.limits.burst, edge.limits.requestsPerSecond, now)
    this.#errors = new TokenBucket(edge.limits.maxErrors, 0.1, now)
    this.#asked = new Asked((id, method, params) => this.#send(encodeRequest(id, method, params)))
    this.#principal = entered.principal
    this.#lastHeard = now
    this.#isJoining = entered.upgradeJoin !== null
    edge.metrics.connectionOpened()
    entered.socket.on('message', (frame, isBinary) => this.#receive(frame, isBinary))
    entered.socket.on('pong', () => {
      this.#lastHeard = edge.clock.monotonic()
    })
    entered.socket.on('error', (error) => this.#broken(error))
    entered.socket.on('close', () => {
      this.#closed()
      entered.onClosed()
    })
    this.#seat = edge.rooms.enter(entered.principal, this, entered.upgradeJoin)
  }

  event(n: number, event: Event): void {
    if (event.event === 'session.joined' && !this.#isJoined) {
      this.#isJoined = true
      this.#edge.metrics.joined(this.#edge.clock.monotonic() - this.#since)
    }
    this.#send(encodeEvent(n, event))
  }

  request<M extends ServerMethod>(
    method: M,
    params: ServerParams<M>,
    signal: AbortSignal,
  ): Promise<ServerResult<M>> {
    return this.#asked.ask(method, params, signal)
  }

  close(code: ErrorCode): void {
    if (this.#closedWith !== null) return
    this.#closedWith = code
    this.#asked.end()
    this.#socket.close(closeCodeOf(code), code)
  }

  /**
   * Whatever is due by the clock: expiry, a join that did not come, a reader too slow, a peer that
   * has gone silent.
   */
  tick(): void {
    const { clock, limits, metrics } = this.#edge
    const now = clock.monotonic()
    if (this.#closedWith !== null || this.#hasExpired(clock.wall()) || this.#isSlow(now)) return
    if (!this.#isJoining && now - this.#since >= limits.authTimeoutMs) {
      metrics.authFailed('timeout')
      return this.close('AUTH_TIMEOUT')
    }
    const silentMs = now - this.#lastHeard
    if (silentMs >= 3 * limits.heartbeatMs) this.#socket.terminate()
    else if (silentMs >= limits.heartbeatMs) this.#socket.ping()
  }

  #receive(frame: RawData, isBinary: boolean): void {
    if (this.#closedWith !== null || this.#hasLeft) return
    const now = this.#edge.clock.monotonic()
    this.#lastHeard = now
    const waitMs = this.#rate.take(now)
    try {
      if (isBinary || !Buffer.isBuffer(frame))
        throw new Unreadable('MALFORMED', 'a binary frame', null)
      const message = decodeFromClient(frame.toString())
      if (waitMs > 0) this.#tooFast(message.id, waitMs)
      else if (message.kind === 'request') void this.#serve(message, now)
      else this.#asked.settle(message)
    } catch (error) {
      if (waitMs > 0) this.#tooFast(null, waitMs)
      else this.#refuse(error instanceof Unreadable ? error.id : null, error)
    }
  }

  async #serve(request: Request, startedAt: number): Promise<void> {
    this.#pending += 1
    try {
      if (this.#pending > this.#edge.limits.maxPending) {
        const message = `over ${this.#edge.limits.maxPending} requests under way`
        throw new CallError('TOO_MANY_REQUESTS', message, { retryAfterMs: 1000 })
      }
      this.#send(encodeResult(request.id, await this.#perform(request)))
      if (request.method === 'session.leave') this.#leave()
    } catch (error) {
      this.#refuse(request.id, error, request.method)
    } finally {
      this.#pending -= 1
      this.#edge.metrics.rpc(request.method, this.#edge.clock.monotonic() - startedAt)
    }
  }

  #perform({ method, params }: Request): Promise<unknown> {
    if (method === 'session.renew') return this.#renew(params.token)
    if (method === 'session.join') {
      this.#isJoining = true
      this.#edge.capabilitySets.remember(params.capabilities)
    }
    return this.#seat.request(method, params)
  }

  async #renew(token: string): Promise<ReturnType<Seat['renew']>> {
    const next = await this.#verified(token)
    // Read after the wait: a renewal that overtook this one has narrowed already.
    this.#principal = renewed(this.#principal, next)
    this.#isWarned = false
    return this.#seat.renew(this.#principal)
  }

  async #verified(token: string): Promise<Principal> {
    try {
      return await this.#edge.authenticator.verify(token)
    } catch (error) {
      if (error instanceof TokenRefused) {
        this.#edge.metrics.authFailed(error.reason)
        if (error.isSuspicious) this.#suspect('token')
      }
      throw error
    }
  }

  #leave(): void {
    this.#hasLeft = true
    this.#asked.end()
    this.#socket.close(1000)
  }

  #tooFast(id: number | null, retryAfterMs: number): void {
    this.#refuse(id, new CallError('TOO_MANY_REQUESTS', 'too many requests', { retryAfterMs }))
    if (!this.#rate.isFlooded) return
    this.#suspect('flood')
    this.close('TOO_MANY_REQUESTS')
  }

  /** Answers with what the sender may know; the rest goes to the log under a reference. */
  #refuse(id: number | null, error: unknown, method?: string): void {
    const failure =
      error instanceof CallError
        ? error
        : new CallError('INTERNAL', 'internal error', { cause: error })
    const reference = failure.code === 'INTERNAL' ? randomText(7) : undefined
    if (reference !== undefined) {
      this.#edge.log.error({ reference, method, err: failure.cause ?? failure }, 'request failed')
    }
    this.#edge.metrics.failed(failure.code)
    this.#send(encodeError(id, failure, reference))
    if (!(failure instanceof Unreadable) || this.#errors.take(this.#edge.clock.monotonic()) === 0)
      return
    this.#suspect('malformed')
    this.close('TOO_MANY_ERRORS')
  }

  #send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(text)
    if (this.#socket.bufferedAmount > this.#edge.limits.maxBufferedBytes) this.close('SLOW_READER')
  }

  #isSlow(now: number): boolean {
    const { slowBufferedBytes, slowReaderMs } = this.#edge.limits
    if (this.#socket.bufferedAmount <= slowBufferedBytes) this.#slowSince = null
    else this.#slowSince ??= now
    if (this.#slowSince === null || now - this.#slowSince < slowReaderMs) return false
    this.close('SLOW_READER')
    return true
  }

  #hasExpired(now: number): boolean {
    const leftMs = this.#principal.expiresAt - now
    if (leftMs <= -this.#edge.limits.expiryGraceMs) {
      this.close('TOKEN_EXPIRED')
      return true
    }
    if (leftMs <= warningMs && !this.#isWarned) {
      this.#isWarned = true
      this.#seat.expiring(Math.max(0, leftMs))
    }
    return false
  }

  /** The WebSocket layer closes by itself; here it only gets its name. */
  #broken(error: Error & { code?: string }): void {
    if (this.#closedWith !== null || error.code?.startsWith('WS_ERR') !== true) return
    this.#closedWith =
      error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'FRAME_TOO_LARGE' : 'MALFORMED'
    this.#edge.metrics.failed(this.#closedWith)
    this.#suspect('malformed')
  }

  #closed(): void {
    this.#asked.end()
    this.#edge.metrics.connectionClosed(this.#closedWith ?? 'left')
    if (!this.#hasLeft) this.#seat.lost()
  }
}

/** How long before its token runs out a page is told. */
const warningMs = 60_000
