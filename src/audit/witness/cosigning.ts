import { parseCheckpoint } from '../checkpoint.ts'
import type { ConsentLog } from '../log.ts'
import { parseNote } from '../note.ts'
import { startCollector, type WitnessAddress } from './collector.ts'
import type { WitnessProblem } from './submitter.ts'

export type CosigningOptions = {
  readonly log: ConsentLog
  readonly witnesses: readonly WitnessAddress[]
  /** How often a log that has grown is shown to them, in milliseconds: each size costs each of them a signature. */
  readonly everyMs?: number
  /** Told at each turn: how many entries are written, and how many of them a witness has seen. */
  readonly onProgress: (progress: { readonly size: number; readonly cosigned: number }) => void
  readonly onProblem: (problem: WitnessProblem) => void
}

/**
 * Keeps showing a log to its witnesses and adds what they sign to its checkpoints, so that receipts can carry it. Nothing
 * waits for them. Dispose it before the log. Throws CONFIG_INVALID for an address or a key that is none.
 */
export async function startCosigning({
  log,
  witnesses,
  everyMs = 5000,
  onProgress,
  onProblem,
}: CosigningOptions): Promise<AsyncDisposable> {
  let cosigned = 0
  const collector = await startCollector({
    witnesses,
    prove: (from, size) => log.ask({ what: 'proof', from, size }),
    onCosigned: (size, line) => {
      cosigned = Math.max(cosigned, size)
      // A log that has failed says so itself.
      log.ask({ what: 'cosign', size, line }).catch(() => undefined)
    },
    onProblem,
  })
  const show = (): void => {
    const { checkpoint } = log
    collector.submit(checkpoint)
    onProgress({ size: sizeOf(checkpoint), cosigned })
  }
  show()
  const timer = setInterval(show, everyMs)
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      await collector[Symbol.asyncDispose]()
    },
  }
}

const sizeOf = (note: string): number => parseCheckpoint(parseNote(note).text).size
