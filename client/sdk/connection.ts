import {
  CallError,
  decodeFromServer,
  decodeResult,
  encodeError,
  encodeRequest,
  encodeResult,
  toCallError,
  Unreadable,
  type Answer,
  type ErrorCode,
  type Method,
  type Params,
  type Result,
  type ServerMessage,
  type ServerMethod,
  type ServerResult,
} from '#protocol'
import type { Clock } from './clock.ts'
import { joinParams, subprotocols, type Entrance } from './entrance.ts'
import { asCallError, connectionLost } from './errors.ts'
import type { Numbered } from './session.ts'

/** What a connection tells its owner. After `closed`, and after the owner's own `close`, it tells nothing more. */
export interface Listener {
  event(event: Numbered): void
  /** The server answered the join with an error, or spoke what this client cannot read. */
  refused(code: ErrorCode): void
  closed(closeCode: number): void
  asked(request: ServerRequest): Promise<ServerResult<ServerMethod>>
}

export type ServerRequest = Extract<ServerMessage, { kind: 'request' }>

interface Waiting {
  readonly answered: (answer: Answer) => void
  readonly failed: (cause: CallError) => void
}

export const answerMs = 15_000
export const pingEveryMs = 10_000
export const pingAnswerMs = 5_000
export const maxWaiting = 256

/** Abnormal closure (RFC 6455 §7.1.5): also what we call a connection that has gone silent. */
const abnormal = 1006

/** One WebSocket and the requests that wait on it. Owned and closed by the call that opened it; never opened again. */
export class Connection {
  readonly #socket: WebSocket
  readonly #listener: Listener
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #closed = false
  #cancelPing: () => void = () => {}

  constructor(entrance: Entrance, listener: Listener, clock: Clock) {
    this.#listener = listener
    this.#clock = clock
    this.#socket = new WebSocket(entrance.url, subprotocols(entrance))
    this.#socket.addEventListener('open', () => this.#join(entrance))
    this.#socket.addEventListener('message', ({ data }) => this.#receive(data))
    this.#socket.addEventListener('close', ({ code }) => this.#fail(code))
  }

  /** Rejects with the server's CallError; with CONNECTION_LOST when no answer came: it may have been carried out. */
  async request<M extends Method>(
    method: M,
    params: Params<M>,
    withinMs = answerMs,
  ): Promise<Result<M>> {
    const answer = await this.#ask(method, params, withinMs)
    if (answer.kind === 'error') throw toCallError(answer.error)
    return decodeResult(method, answer.result)
  }

  /** Finds out at once whether the server still answers; if not, the connection counts as closed. */
  probe(): void {
    this.#ping().catch(() => this.#fail(abnormal))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelPing()
    this.#socket.close()
    for (const { failed } of this.#waiting.values()) failed(connectionLost())
    this.#waiting.clear()
  }

  #join(entrance: Entrance): void {
    if (this.#closed) return
    this.request('session.join', joinParams(entrance)).catch((cause: unknown) => {
      const { code } = asCallError(cause)
      if (code !== 'CONNECTION_LOST' && !this.#closed) this.#listener.refused(code)
    })
    this.#pingLater()
  }

  #ask(method: Method, params: unknown, withinMs: number): Promise<Answer> {
    return new Promise((answered, failed) => {
      // The close event may come later than this; its owner shall not believe in the connection until then.
      if (this.#socket.readyState > WebSocket.OPEN) this.#fail(abnormal)
      if (this.#closed || this.#socket.readyState !== WebSocket.OPEN)
        return failed(connectionLost())
      if (this.#waiting.size >= maxWaiting) {
        return failed(
          new CallError('TOO_MANY_REQUESTS', `over ${maxWaiting} requests wait for an answer`),
        )
      }
      const id = this.#nextId++
      const cancel = this.#clock.after(withinMs, () =>
        this.#waiting.get(id)?.failed(connectionLost()),
      )
      const settled = () => {
        cancel()
        this.#waiting.delete(id)
      }
      this.#waiting.set(id, {
        answered: (answer) => {
          settled()
          answered(answer)
        },
        failed: (cause) => {
          settled()
          failed(cause)
        },
      })
      this.#socket.send(encodeRequest(id, method, params))
    })
  }

  #receive(text: unknown): void {
    try {
      if (typeof text !== 'string') throw new Unreadable('MALFORMED', 'not a text frame', null)
      this.#take(decodeFromServer(text))
    } catch (cause) {
      this.#cannotRead(cause)
    }
  }

  #take(message: ServerMessage): void {
    switch (message.kind) {
      case 'event':
        return this.#listener.event(message)
      case 'request':
        return void this.#answer(message)
      case 'result':
      case 'error':
        // An answer that comes after its time-out finds nobody waiting.
        if (message.id !== null) this.#waiting.get(message.id)?.answered(message)
    }
  }

  async #answer(request: ServerRequest): Promise<void> {
    let answer: string
    try {
      answer = encodeResult(request.id, await this.#listener.asked(request))
    } catch (cause) {
      answer = encodeError(request.id, asCallError(cause))
    }
    if (!this.#closed) this.#socket.send(answer)
  }

  /** Events are numbered: to skip one would lose something unseen, so the connection ends instead. */
  #cannotRead(cause: unknown): void {
    if (!(cause instanceof Unreadable)) throw cause
    if (cause.id !== null) return this.#socket.send(encodeError(cause.id, cause))
    this.#listener.refused(cause.code)
    this.#fail(abnormal)
  }

  #pingLater(): void {
    this.#cancelPing = this.#clock.after(pingEveryMs, () => {
      this.#ping().then(
        () => {
          if (!this.#closed) this.#pingLater()
        },
        () => this.#fail(abnormal),
      )
    })
  }

  // A connection can be dead for minutes before TCP says so, and a browser hides protocol pings from a page. Any answer
  // will do, an error too.
  async #ping(): Promise<void> {
    await this.#ask('session.ping', {}, pingAnswerMs)
  }

  #fail(closeCode: number): void {
    if (this.#closed) return
    this.close()
    this.#listener.closed(closeCode)
  }
}
