import { cosign } from '../cosignature.ts'
import { parseNote } from '../note.ts'
import { platformSha256 as sha256 } from '../platform-sha256.ts'
import type { Verifier } from '../verifier-key.ts'
import {
  monitorPath,
  nothingSeen,
  openSubmission,
  refusalOf,
  type Refusal,
  type Submission,
} from '../witness.ts'
import type { WitnessKey } from './key.ts'
import type { WitnessMemory } from './memory.ts'

export type Reply = { readonly status: number; readonly type: string; readonly body: string }

export type DeskOptions = {
  readonly key: WitnessKey
  /** The keys of the logs it cosigns; one log may have several. */
  readonly logs: readonly Verifier[]
  readonly now: () => number
  /** One line for each refusal, and for what else its operator should know. */
  readonly say: (line: string) => void
  /** Called once, when the memory can no longer be trusted to hold. Nothing is cosigned from then on. */
  readonly onFailed: (cause: Error) => void
}

/** What a witness answers, and the memory it answers from. */
export class WitnessDesk {
  readonly #memory: WitnessMemory
  readonly #options: DeskOptions
  readonly #origins: ReadonlyMap<string, string>
  #hasFailed = false

  constructor(memory: WitnessMemory, options: DeskOptions) {
    this.#memory = memory
    this.#options = options
    this.#origins = new Map(options.logs.map(({ name }) => [monitorPath(sha256, name), name]))
  }

  /** `POST add-checkpoint`. Whatever it answers is on the disk. */
  async addCheckpoint(body: Uint8Array): Promise<Reply> {
    const { key, logs, now } = this.#options
    const submission = await openSubmission(logs, body)
    if ('status' in submission) return this.refuse(submission)
    if (this.#hasFailed) return this.refuse(failed)
    const { origin } = submission.checkpoint
    try {
      return this.#memory.update(origin, (seen = { ...nothingSeen(sha256), note: '' }) => {
        const timeS = Math.floor(now() / 1000)
        const refusal = refusalOf(sha256, seen, submission, timeS)
        if (refusal !== undefined) return { answer: this.refuse(refusal, submission) }
        const line = cosign(parseNote(submission.note).text, key.signer, timeS)
        const { size, root } = submission.checkpoint
        return {
          answer: plain(200, line),
          keep: { size, root, timeS, note: submission.note + line },
        }
      })
    } catch (error) {
      // What cannot be told from kept is not to be signed over: the next start reads it anew.
      this.#hasFailed = true
      const cause = error instanceof Error ? error : new Error(String(error))
      this.#options.onFailed(cause)
      return this.broken(cause)
    }
  }

  /** `GET <sha256(origin)>/checkpoint`: the newest that it has cosigned, for monitors. */
  checkpoint(path: string): Reply | undefined {
    const origin = this.#origins.get(path)
    const kept = origin === undefined ? undefined : this.#memory.of(origin)
    return kept && plain(200, kept.note)
  }

  /** What nobody foresaw. Its cause is not for strangers. */
  broken(cause: unknown): Reply {
    this.#options.say(`failed: ${cause instanceof Error ? cause.message : String(cause)}`)
    return plain(500, 'this witness has failed\n')
  }

  /** With the evidence, where there is some: a log that signed two histories has proven it itself. */
  refuse(refusal: Refusal | Refused, submission?: Submission): Reply {
    const { status, problem } = refusal
    const origin = submission === undefined ? '' : ` ${submission.checkpoint.origin}`
    const evidence = status === 422 ? ` ${JSON.stringify(submission?.note)}` : ''
    this.#options.say(`refused ${status}${origin}: ${problem}${evidence}`)
    return 'size' in refusal
      ? { status, type: 'text/x.tlog.size', body: `${refusal.size}\n` }
      : plain(status, `${problem}\n`)
  }
}

/** What HTTP itself forbids. */
export type Refused = { readonly status: 404 | 405 | 413; readonly problem: string }

const plain = (status: number, body: string): Reply => ({
  status,
  type: 'text/plain; charset=utf-8',
  body,
})

const failed = { status: 503, problem: 'the memory of this witness has failed' } as const
