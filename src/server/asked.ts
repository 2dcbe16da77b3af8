import {
  CallError,
  decodeServerResult,
  toCallError,
  Unreadable,
  type Answer,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
} from '#protocol'

const maxAsked = 64

interface Open {
  settle(answer: Answer): void
  reject(reason: unknown): void
}

/** What the server has asked of one page and is still waiting for. */
export class Asked {
  readonly #send: (id: number, method: ServerMethod, params: unknown) => void
  readonly #open = new Map<number, Open>()
  #nextId = 1
  #hasEnded = false

  constructor(send: (id: number, method: ServerMethod, params: unknown) => void) {
    this.#send = send
  }

  /**
   * Rejects with the signal's reason, the page's error, or NOT_FOUND when the connection ends
   * first.
   */
  ask<M extends ServerMethod>(
    method: M,
    params: ServerParams<M>,
    signal: AbortSignal,
  ): Promise<ServerResult<M>> {
    if (this.#hasEnded) return Promise.reject(gone())
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#open.size >= maxAsked)
      return Promise.reject(new CallError('TOO_MANY', `over ${maxAsked} questions open`))
    const id = this.#nextId
    this.#nextId += 1
    const { promise, resolve, reject } = Promise.withResolvers<ServerResult<M>>()
    const abort = () => {
      this.#open.delete(id)
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#open.set(id, {
      settle: (answer) => {
        signal.removeEventListener('abort', abort)
        settleWith(answer, method, resolve, reject)
      },
      reject: (reason) => {
        signal.removeEventListener('abort', abort)
        reject(reason)
      },
    })
    this.#send(id, method, params)
    return promise
  }

  /**
   * Throws Unreadable for an answer to nothing that was asked, or one that does not fit. A late one
   * is dropped.
   */
  settle(answer: Answer): void {
    const open = answer.id === null ? undefined : this.#open.get(answer.id)
    if (answer.id === null || answer.id < 1 || answer.id >= this.#nextId) {
      throw new Unreadable('NOT_A_REQUEST', 'an answer to nothing that was asked', null)
    }
    this.#open.delete(answer.id)
    open?.settle(answer)
  }

  /** The connection is over: whoever waits learns it. */
  end(): void {
    this.#hasEnded = true
    for (const open of this.#open.values()) open.reject(gone())
    this.#open.clear()
  }
}

const gone = () => new CallError('NOT_FOUND', 'the connection has ended')

function settleWith<M extends ServerMethod>(
  answer: Answer,
  method: M,
  resolve: (result: ServerResult<M>) => void,
  reject: (reason: unknown) => void,
): void {
  // The page's own words are a stranger's: only the code is kept.
  if (answer.kind === 'error') {
    return reject(toCallError({ ...answer.error, message: 'the page answered with an error' }))
  }
  try {
    resolve(decodeServerResult(method, answer.result))
  } catch (error) {
    reject(error)
    throw error
  }
}
