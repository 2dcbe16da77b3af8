import { setTimeout as delay } from 'node:timers/promises'
import type { Verifier } from '../verifier-key.ts'
import { askWitness, type Answer, type WitnessFault } from './ask.ts'

export type ProblemCode =
  | WitnessFault
  /** The witness has cosigned a larger tree of this log: this one was rolled back, or is not the only writer. */
  | 'witness-ahead'
  /** The witness has cosigned another history of this log. It is never asked again. */
  | 'fork'
  /** The witness says another size each time it is asked. */
  | 'conflict-unending'
  /** The log could not prove its way from where the witness is, or could not keep the cosignature. */
  | 'log-failed'

export type WitnessProblem = {
  /** The witness's name. */
  readonly witness: string
  readonly code: ProblemCode
  /** The size of the tree that was to be cosigned. */
  readonly size: number
  readonly message: string
}

export type SubmitterOptions = {
  readonly witness: { readonly url: string; readonly key: Verifier<'cosignature'> }
  /** PROOF(from) of RFC 6962 §2.1.2 in the tree of this size; 0 < from <= size. */
  readonly prove: (
    from: number,
    size: number,
  ) => Promise<readonly Uint8Array[]> | readonly Uint8Array[]
  /** A checked cosignature of the checkpoint of this size: `line`, behind its note, is one more signature of it. */
  readonly onCosigned: (size: number, line: string) => void
  /** Told once, until the witness cosigns again or has another problem. */
  readonly onProblem: (problem: WitnessProblem) => void
  /** For one question and its whole answer. */
  readonly timeLimitMs?: number
  /** How long to wait after the nth failure in a row. */
  readonly retryMs?: (failures: number) => number
}

type Target = { readonly size: number; readonly note: string }
type Outcome =
  Answer | { readonly state: 'problem'; readonly code: ProblemCode; readonly message: string }

/** Has the newest checkpoint cosigned by one witness, one question after another. */
export class Submitter implements AsyncDisposable {
  readonly #options: SubmitterOptions & Required<Pick<SubmitterOptions, 'timeLimitMs' | 'retryMs'>>
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #newest: Target | undefined
  /** A smaller tree is not worth asking for. */
  #least = 0
  /** The size of the tree that the witness has, as far as is known. */
  #known = 0
  #failures = 0
  #problem: ProblemCode | undefined
  #arrived = Promise.withResolvers<void>()

  constructor(options: SubmitterOptions) {
    this.#options = { timeLimitMs: 10_000, retryMs: backOff, ...options }
    this.#running = this.#run()
  }

  submit(target: Target): void {
    if (this.#newest !== undefined && target.size < this.#newest.size) return
    this.#newest = target
    this.#arrived.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#arrived.resolve()
    await this.#running
  }

  async #run(): Promise<void> {
    const stop = this.#stopping.signal
    for (let target = await this.#next(); target !== undefined; target = await this.#next()) {
      try {
        const goesOn = await this.#take(target, await this.#ask(target))
        if (!goesOn) return
      } catch (error) {
        if (stop.aborted) return
        throw error
      }
    }
  }

  /** What is to be cosigned now, or undefined once it is over. */
  async #next(): Promise<Target | undefined> {
    while (!this.#stopping.signal.aborted) {
      if (this.#newest !== undefined && this.#newest.size >= this.#least) return this.#newest
      this.#arrived = Promise.withResolvers()
      await this.#arrived.promise
    }
    return undefined
  }

  /** Asks, and where the witness turns out to be elsewhere, asks from there. */
  async #ask({ size, note }: Target): Promise<Outcome> {
    const { witness, prove, timeLimitMs } = this.#options
    let from = this.#known
    for (let questions = 0; questions < maxQuestions; questions++) {
      let proof: readonly Uint8Array[]
      try {
        proof = from === 0 ? [] : await prove(from, size)
      } catch (error) {
        return logFailed('no proof', error)
      }
      const answer = await askWitness(
        witness,
        { oldSize: from, proof, checkpoint: note },
        { stop: this.#stopping.signal, timeLimitMs },
      )
      if (answer.state === 'conflict' && answer.size !== from && answer.size <= size)
        from = answer.size
      // From zero any witness says where it is, also one that takes a size above its own for a mistake.
      else if (answer.state === 'fault' && answer.code === 'request-refused' && from > 0) from = 0
      else return answer
    }
    const message = `still another size after ${maxQuestions} questions`
    return { state: 'problem', code: 'conflict-unending', message }
  }

  /** Whether the witness is to be asked again, ever. */
  async #take({ size }: Target, outcome: Outcome): Promise<boolean> {
    switch (outcome.state) {
      case 'cosigned':
        this.#known = size
        try {
          this.#options.onCosigned(size, outcome.line)
        } catch (error) {
          return this.#fail(size, logFailed('the cosignature is not kept', error))
        }
        this.#least = size + 1
        this.#failures = 0
        this.#problem = undefined
        return true
      case 'conflict':
        // Asked about the same size, earlier witnesses say so where roots differ; later ones say 422.
        if (outcome.size === size)
          return this.#forked(size, 'it has cosigned another root of this size')
        if (outcome.size < size)
          return this.#fail(size, {
            code: 'answer-malformed',
            message: 'a conflict with its own size',
          })
        // Not asked again before this log is as large: whatever is signed until then, the witness must refuse.
        this.#known = outcome.size
        this.#least = outcome.size
        if (this.#newest!.size < outcome.size)
          this.#tell(size, {
            code: 'witness-ahead',
            message: `it has cosigned size ${outcome.size}`,
          })
        return true
      case 'inconsistent':
        return this.#forked(size, outcome.message)
      case 'fault':
      case 'problem':
        return this.#fail(size, outcome)
    }
  }

  #forked(size: number, message: string): false {
    this.#tell(size, { code: 'fork', message })
    return false
  }

  async #fail(size: number, problem: Pick<WitnessProblem, 'code' | 'message'>): Promise<true> {
    this.#tell(size, problem)
    this.#failures += 1
    await delay(this.#options.retryMs(this.#failures), undefined, { signal: this.#stopping.signal })
    return true
  }

  #tell(size: number, { code, message }: Pick<WitnessProblem, 'code' | 'message'>): void {
    if (code === this.#problem) return
    this.#problem = code
    this.#options.onProblem({ witness: this.#options.witness.key.name, code, size, message })
  }
}

const logFailed = (what: string, cause: unknown) => ({
  state: 'problem' as const,
  code: 'log-failed' as const,
  message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
})

/** Twice as long each time, up to a quarter of an hour; by chance a little less, so that many logs do not come at once. */
export const backOff = (failures: number): number =>
  Math.min(900_000, 1000 * 2 ** (failures - 1)) * (0.75 + Math.random() / 4)

/** From where it was, from zero, from where it says it is; and one more, should it have moved meanwhile. */
const maxQuestions = 4
