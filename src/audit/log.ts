import { Worker } from 'node:worker_threads'
import { CallError } from '#protocol'
import { encoded } from './encoded.ts'
import type { Entry } from './entry.ts'
import type { PublicJwk } from './jwk.ts'
import type { Answer, AnswerTo, Question, QuestionOf, Questions } from './questions.ts'
import type { Append, Failure, FromThread, ThreadOptions, ToThread } from './thread-messages.ts'

/** Durable when you hold one: the entry's index, and a signed checkpoint of a tree that contains it. */
export type Logged = { readonly index: number; readonly checkpoint: string }

export interface ConsentLog extends AsyncDisposable {
  /**
   * Resolves when the entry is on the disk. The same `key` of the same person, or session, gives the same index again,
   * also after a restart. Rejects BAD_REQUEST for an entry that is malformed or whose key names another act,
   * LOG_UNAVAILABLE when it was not, or perhaps not, written.
   */
  append(entry: Entry): Promise<Logged>
  /** Of the vault and the tree, after all that was appended before. Rejects as `append`, and with what the answer says. */
  ask<W extends keyof Questions>(question: QuestionOf<W>): Promise<AnswerTo<W>>
  /** `failed` is for good: end the process, so that the next start proves the log before it signs again. */
  readonly state: 'open' | 'failed' | 'closed'
  /** What others verify this log with; pin it where this server cannot change it. */
  readonly vkey: string
  readonly origin: string
  /** Of the newest tree; a signed note. */
  readonly checkpoint: string
}

export type LogOptions = {
  /** Holds log.db, vault.db and a copy of the verifier key. */
  readonly dir: string
  /** Remembers the log's size outside the database; best on another volume. */
  readonly guardFile: string
  /** The log's name for good: host, port in development, path and shard, as in `calls.example/consent/2026-a`. */
  readonly origin: string
  readonly keyFile: string
  /** The key to all that opens entries; apart from the backup of the log, or the backup can be read. */
  readonly vaultKeyFile: string
  /** The public half of the key that signs requests: receipts name it. */
  readonly statementJwk: PublicJwk
  /** Make the keys on the very first start; a log that has entries never gets new ones. */
  readonly createKey: boolean
  readonly now?: () => number
  /** Called once, when the log can no longer be written. Every append rejects from then on. */
  readonly onFailed: (cause: Error) => void
  readonly observe?: (measure: { readonly leaves: number; readonly commitMs: number }) => void
}

/**
 * Opens the log, proves it, closes what a crash left open, and takes appends until it is disposed of, which waits for
 * those under way. Rejects LOG_CORRUPT, LOG_ROLLED_BACK, CONFIG_INVALID or LOG_UNAVAILABLE, with what to do.
 */
export async function openConsentLog(options: LogOptions): Promise<ConsentLog> {
  const { dir, guardFile, origin, keyFile, vaultKeyFile, createKey, statementJwk } = options
  const { now = Date.now } = options
  const workerData: ThreadOptions = {
    dir,
    guardFile,
    origin,
    keyFile,
    vaultKeyFile,
    createKey,
    statementJwk,
    nowMs: now(),
  }
  const worker = new Worker(new URL('./log-thread.ts', import.meta.url), { workerData })
  return new ThreadedLog(worker, await started(worker), { ...options, now })
}

type Asking = {
  readonly answered: (answer: Answer) => void
  readonly failed: (cause: CallError) => void
}

class ThreadedLog implements ConsentLog {
  readonly vkey: string
  readonly origin: string
  checkpoint: string
  state: 'open' | 'failed' | 'closed' = 'open'
  readonly #worker: Worker
  readonly #options: LogOptions & { readonly now: () => number }
  readonly #waiting = new Map<number, PromiseWithResolvers<Logged>>()
  readonly #asking = new Map<number, Asking>()
  readonly #ended = Promise.withResolvers<void>()
  #outbox: Append[] = []
  #nextId = 0

  constructor(
    worker: Worker,
    { vkey, checkpoint }: Extract<FromThread, { type: 'started' }>,
    options: LogOptions & { readonly now: () => number },
  ) {
    this.#worker = worker
    this.#options = options
    this.vkey = vkey
    this.checkpoint = checkpoint
    this.origin = options.origin
    worker.on('message', (message: FromThread) => this.#receive(message))
    worker.on('error', (error) =>
      this.#fail(error instanceof Error ? error : new Error(String(error))),
    )
    worker.on('exit', () => {
      if (this.state === 'open') this.#fail(new Error('the log thread ended'))
      this.#ended.resolve()
    })
  }

  async append(entry: Entry): Promise<Logged> {
    if (this.state !== 'open') throw unavailable(`the consent log is ${this.state}`)
    if (this.#waiting.size >= maxWaiting)
      throw unavailable(`over ${maxWaiting} entries are waiting`)
    const id = this.#nextId++
    const arriving = { id, ...encoded(entry, this.#options.now()) }
    const waiting = Promise.withResolvers<Logged>()
    this.#waiting.set(id, waiting)
    // One message for many appends of a turn, since a message costs more than an entry; but the thread is not kept
    // waiting until the last of them is encoded.
    const count = this.#outbox.push(arriving)
    if (count === 1) queueMicrotask(() => this.#post())
    else if (count === maxPosted) this.#post()
    return waiting.promise
  }

  async ask<W extends keyof Questions>(question: QuestionOf<W>): Promise<AnswerTo<W>> {
    if (this.state !== 'open') throw unavailable(`the consent log is ${this.state}`)
    if (this.#asking.size >= maxWaiting) throw unavailable(`over ${maxWaiting} questions wait`)
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<AnswerTo<W>>()
    // The thread answers each question with its own kind of answer.
    this.#asking.set(id, { answered: (answer) => resolve(answer as AnswerTo<W>), failed: reject })
    this.#post()
    this.#send({ type: 'ask', id, question: question as Question })
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.state === 'open') {
      this.#post()
      this.state = 'closed'
      this.#send({ type: 'close' })
    }
    await this.#ended.promise
  }

  #post(): void {
    const entries = this.#outbox
    this.#outbox = []
    if (entries.length > 0) this.#send({ type: 'append', entries })
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'started':
      case 'closed':
        return
      case 'failed':
        this.#fail(failed(message))
        return
      case 'committed': {
        const { placements, checkpoint, leaves, commitMs } = message
        this.checkpoint = checkpoint
        for (const { id, placed } of placements) {
          const waiting = this.#waiting.get(id)
          this.#waiting.delete(id)
          if (typeof placed === 'number') waiting?.resolve({ index: placed, checkpoint })
          else waiting?.reject(failed(placed))
        }
        this.#options.observe?.({ leaves, commitMs })
        return
      }
      case 'answered': {
        const { id, answer, checkpoint } = message
        this.checkpoint = checkpoint
        const asking = this.#asking.get(id)
        this.#asking.delete(id)
        if (answer.ok) asking?.answered(answer.value)
        else asking?.failed(failed(answer))
      }
    }
  }

  #fail(cause: Error): void {
    if (this.state === 'failed') return
    this.state = 'failed'
    for (const waiting of this.#waiting.values())
      waiting.reject(unavailable('the consent log failed', cause))
    this.#waiting.clear()
    for (const asking of this.#asking.values())
      asking.failed(unavailable('the consent log failed', cause))
    this.#asking.clear()
    this.#options.onFailed(cause)
  }
}

/** What the thread says once it has proven the log. */
async function started(worker: Worker): Promise<Extract<FromThread, { type: 'started' }>> {
  type Started = Extract<FromThread, { type: 'started' }>
  const { promise, resolve, reject } = Promise.withResolvers<Started>()
  const ended = (): void => reject(unavailable('the log thread ended before it had opened the log'))
  worker.once('error', reject)
  worker.once('exit', ended)
  worker.once('message', (message: FromThread) => {
    if (message.type === 'started') resolve(message)
    else if (message.type === 'failed') reject(failed(message))
  })
  try {
    return await promise
  } finally {
    worker.off('error', reject)
    worker.off('exit', ended)
  }
}

const failed = ({ code, message }: Failure): CallError => new CallError(code, message)

const unavailable = (message: string, cause?: Error): CallError =>
  new CallError('LOG_UNAVAILABLE', message, { cause })

const maxPosted = 16
/** Far above what people can click; a queue that long means the disk has stopped. */
const maxWaiting = 100_000
