import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  decodeFromClient,
  encodeError,
  encodeEvent,
  encodeRequest,
  encodeResult,
  type CallError,
  type ClientMessage,
  type Event,
  type Method,
  type Params,
  type Result,
  type ServerMethod,
  type ServerParams,
} from '#protocol'
import { asCallError } from '../../../client/sdk/errors.ts'

/** Values that are awaited in the order in which they came. */
class Queue<T> {
  readonly #values: T[] = []
  readonly #takers: ((value: T) => void)[] = []

  put(value: T): void {
    const taker = this.#takers.shift()
    if (taker === undefined) this.#values.push(value)
    else taker(value)
  }

  take(): Promise<T> {
    const value = this.#values.shift()
    return value === undefined
      ? new Promise((taker) => this.#takers.push(taker))
      : Promise.resolve(value)
  }

  get size(): number {
    return this.#values.length
  }
}

/** A real WebSocket server that speaks the protocol and does what the test says. */
export class LineServer {
  readonly #server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: () => 'assent.v1',
  })
  readonly #lines = new Queue<ServerLine>()

  static async open(): Promise<LineServer> {
    const server = new LineServer()
    server.#server.on('connection', (socket, request) => {
      server.#lines.put(new ServerLine(socket, request.headers['sec-websocket-protocol'] ?? ''))
    })
    await once(server.#server, 'listening')
    return server
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/signal`
  }

  get waiting(): number {
    return this.#lines.size
  }

  next(): Promise<ServerLine> {
    return this.#lines.take()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise((closed) => this.#server.close(closed))
  }
}

/** One connection as the server sees it. */
export class ServerLine {
  readonly offered: readonly string[]
  readonly #socket: WebSocket
  readonly #messages = new Queue<ClientMessage>()
  readonly #serving = new Map<string, (params: never) => Promise<unknown>>()
  readonly closed: Promise<number>

  constructor(socket: WebSocket, offered: string) {
    this.#socket = socket
    this.offered = offered.split(',').map((each) => each.trim())
    socket.on('message', (bytes: Buffer) => {
      const message = decodeFromClient(bytes.toString('utf8'))
      const answer = message.kind === 'request' ? this.#serving.get(message.method) : undefined
      if (message.kind !== 'request' || answer === undefined) return this.#messages.put(message)
      void answer(message.params as never).then(
        (result) => this.result(message.id, result),
        (cause: unknown) => this.error(message.id, asCallError(cause)),
      )
    })
    this.closed = new Promise((closed) => socket.on('close', closed))
  }

  /** Answers these requests from now on; the test does not see them. */
  serve<M extends Method>(method: M, answer: (params: Params<M>) => Promise<Result<M>>): void {
    this.#serving.set(method, answer)
  }

  /** What the upgrade's join said. */
  get join(): unknown {
    const [, , join = ''] = this.offered
    return JSON.parse(Buffer.from(join.replace('assent.join.', ''), 'base64url').toString('utf8'))
  }

  next(): Promise<ClientMessage> {
    return this.#messages.take()
  }

  /** The next message, which must be this request. */
  async request<M extends Method>(method: M): Promise<{ id: number; params: Params<M> }> {
    const message = await this.next()
    if (message.kind !== 'request' || message.method !== method)
      throw new Error(`expected ${method}, got ${JSON.stringify(message)}`)
    return message as unknown as { id: number; params: Params<M> }
  }

  event(n: number, event: Event): void {
    this.raw(encodeEvent(n, event))
  }

  result(id: number, result: unknown): void {
    this.raw(encodeResult(id, result))
  }

  error(id: number, failure: CallError): void {
    this.raw(encodeError(id, failure))
  }

  ask<M extends ServerMethod>(id: number, method: M, params: ServerParams<M>): void {
    this.raw(encodeRequest(id, method, params))
  }

  raw(data: string | Buffer): void {
    this.#socket.send(data)
  }

  close(code: number): void {
    this.#socket.close(code)
  }

  /** Reads nothing more, as when the network is gone. */
  fallSilent(): void {
    this.#socket.pause()
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
