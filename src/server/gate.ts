import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import { originAllowed, type Principal } from '#auth'
import { closeCodeOf, maxFrameBytes, type ErrorCode } from '#protocol'
import type { Addresses } from './addresses.ts'
import { Connection, type Edge } from './connection.ts'
import { identify } from './identify.ts'
import { offerOf, subprotocol, type Offer } from './upgrade.ts'

export interface GateOptions {
  readonly edge: Edge
  readonly addresses: Addresses
  readonly origins: readonly string[]
}

/**
 * Who may open a connection. A request that is none of ours is turned away in HTTP; one that speaks
 * our protocol is always let through the handshake and then closed with its code, since a browser
 * shows its page nothing else.
 */
export class Gate {
  readonly #edge: Edge
  readonly #addresses: Addresses
  readonly #origins: readonly string[]
  readonly #handshake = new WebSocketServer(handshakeOptions)
  readonly #connections = new Set<Connection>()
  #entering = 0
  #emptied: PromiseWithResolvers<void> | null = null
  #isStopping = false

  constructor({ edge, addresses, origins }: GateOptions) {
    this.#edge = edge
    this.#addresses = addresses
    this.#origins = origins
  }

  /** For the `upgrade` event of an HTTPS server. Never throws. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The socket is ours now; one that breaks while its token is verified must not end the process.
    socket.on('error', () => socket.destroy())
    const key = this.#addresses.keyOf(request.socket.remoteAddress)
    this.#entering += 1
    this.#addresses.opened(key)
    this.#enter(request, socket, head, key)
      .catch((error: unknown) => {
        this.#edge.log.error({ err: error }, 'upgrade failed')
        socket.destroy()
      })
      .finally(() => {
        this.#entering -= 1
        this.#left(key)
      })
  }

  /** Open connections and those on their way in. */
  get count(): number {
    return this.#connections.size + this.#entering
  }

  /** To be called about once a second. */
  tick(): void {
    for (const connection of this.#connections) connection.tick()
  }

  /** From now on whoever comes is sent away until the restart. */
  stopAdmitting(): void {
    this.#isStopping = true
  }

  /** Says goodbye to all, and resolves when they have gone or have been cut for not listening. */
  async closeAll(): Promise<void> {
    this.#isStopping = true
    for (const connection of this.#connections) connection.close('SERVER_STOPPING')
    await this.#whenEmpty()
  }

  #whenEmpty(): Promise<void> {
    if (this.count === 0) return Promise.resolve()
    this.#emptied ??= Promise.withResolvers()
    return this.#emptied.promise
  }

  #left(key: string): void {
    this.#addresses.closed(key)
    if (this.count === 0) this.#emptied?.resolve()
  }

  async #enter(request: IncomingMessage, socket: Duplex, head: Buffer, key: string): Promise<void> {
    const since = this.#edge.clock.monotonic()
    const status = this.#turnedAway(request, key)
    if (status !== null) return turnAway(socket, status)
    const verdict = this.#addresses.judge(key)
    if (verdict.how === 'blocked') return turnAway(socket, 429, verdict.ms)
    if (verdict.how === 'slowed') await wait(verdict.ms)
    const offer = offerOf(request.headers, this.#edge.capabilitySets)
    if (offer === null) return turnAway(socket, 400)
    const admitted = await this.#admit(request, offer, key)
    this.#handshake.handleUpgrade(request, socket, head, (webSocket) => {
      if (typeof admitted === 'string') return refuse(webSocket, admitted)
      this.#connect(webSocket, admitted, offer, since, key)
    })
  }

  #turnedAway(request: IncomingMessage, key: string): number | null {
    // With a query it is no path of ours: a token that is written there would end up in logs on its
    // way.
    if (request.url !== '/signal') {
      this.#addresses.suspect(key, 'probe')
      return 404
    }
    const { maxConnections, maxConnectionsPerAddress } = this.#edge.limits
    if (this.count > maxConnections) return 503
    if (this.#addresses.openOf(key) > maxConnectionsPerAddress) return 429
    return null
  }

  /** The principal, or why there is none. */
  async #admit(
    request: IncomingMessage,
    { token }: Offer,
    key: string,
  ): Promise<Principal | ErrorCode> {
    const { metrics } = this.#edge
    if (this.#isStopping) return 'SERVER_STOPPING'
    if (!originAllowed(this.#origins, request.headers.origin, request.headers.host)) {
      metrics.authFailed('origin')
      this.#addresses.suspect(key, 'origin')
      return 'ORIGIN_REFUSED'
    }
    return identify(token, key, { ...this.#edge, addresses: this.#addresses })
  }

  #connect(
    socket: WebSocket,
    principal: Principal,
    { upgradeJoin }: Offer,
    since: number,
    key: string,
  ): void {
    this.#addresses.opened(key)
    const connection = new Connection(this.#edge, {
      socket,
      principal,
      since,
      upgradeJoin,
      suspect: (suspicion) => this.#addresses.suspect(key, suspicion),
      onClosed: () => {
        this.#connections.delete(connection)
        this.#left(key)
      },
    })
    this.#connections.add(connection)
  }
}

const handshakeOptions = {
  noServer: true,
  clientTracking: false,
  maxPayload: maxFrameBytes,
  perMessageDeflate: false,
  handleProtocols: () => subprotocol,
  // A reader who does not read is cut after this.
  closeTimeout: 2000,
}

function turnAway(socket: Duplex, status: number, retryAfterMs?: number): void {
  const retry =
    retryAfterMs === undefined ? '' : `Retry-After: ${Math.ceil(retryAfterMs / 1000)}\r\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n${retry}\r\n`,
  )
}

function refuse(socket: WebSocket, code: ErrorCode): void {
  // A refused client may still send its first message: it is read by nobody, and bounded by the
  // close timeout.
  socket.on('error', () => socket.terminate())
  socket.close(closeCodeOf(code), code)
}
