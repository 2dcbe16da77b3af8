import type { Proof } from './prove.ts'

/** One crash and what was left after it. */
export type Case = {
  /** What was done, so that it can be done again. */
  readonly name: string
  /** Promises that were made before the crash. */
  readonly acknowledged: number
  readonly proof: Proof
  /** What is wrong beside the proof. */
  readonly complaints: readonly string[]
}
