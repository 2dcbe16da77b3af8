import { hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { isDecision } from './acts.ts'
import { openingsOf, openLog, type Subject } from './subject.ts'

/**
 * Opens the log once for each number, appends that many entries with several under way, and closes it. Says each thing
 * at once, in one line of JSON: it may be killed at any moment, and what it said must then be true.
 */
export type Task = {
  readonly root: string
  /** Begins every key; they go on `-0`, `-1`, … in the order of asking. */
  readonly round: string
  readonly inFlight: number
  readonly openings: readonly number[]
}

export type Line =
  | {
      readonly type: 'promised'
      readonly key: string
      readonly index: number
      readonly note: string
    }
  /** Whoever decided has the receipt of it: the hash of what opens the entry. */
  | { readonly type: 'receipt'; readonly index: number; readonly sha256: string }
  | { readonly type: 'rejected'; readonly key: string; readonly code: string }
  /** The log said that it failed. */
  | { readonly type: 'failed'; readonly message: string }
  /** The log could not be opened. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  /** All lanes have ended, and one more append was tried on a log that had rejected one. */
  | { readonly type: 'later'; readonly code: string; readonly state: string }
  | { readonly type: 'closed' }

/** Also in faults.c. */
const sayingFd = 3

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- run-child.ts wrote it
const { root, round, inFlight, openings } = JSON.parse(process.argv[2] ?? '') as Task
let asked = 0
let end = 0
for (const count of openings) {
  end += count
  const subject = await openLog(root, ({ message }) => say({ type: 'failed', message })).catch(
    refused,
  )
  if (subject === undefined) break
  const { log } = subject
  const rejections = await Promise.all(Array.from({ length: inFlight }, () => lane(subject)))
  if (rejections.some((code) => code !== undefined)) {
    const code = (await append(subject, `${round}-later`)) ?? 'none'
    say({ type: 'later', code, state: log.state })
  }
  await log[Symbol.asyncDispose]()
  say({ type: 'closed' })
  if (log.state === 'failed') break
}

/** Appends one entry after another; the code of the one that was rejected, and no more after it. */
async function lane(subject: Subject): Promise<string | undefined> {
  while (asked < end) {
    const key = `${round}-${asked++}`
    const code = await append(subject, key)
    if (code === undefined) continue
    say({ type: 'rejected', key, code })
    return code
  }
  return undefined
}

async function append(subject: Subject, key: string): Promise<string | undefined> {
  const { log, acts } = subject
  try {
    const { index, checkpoint } = await log.append(acts.entryOf(key))
    say({ type: 'promised', key, index, note: checkpoint })
    if (!isDecision(key)) return undefined
    const [opening = ''] = await openingsOf(subject, [index])
    say({ type: 'receipt', index, sha256: hash('sha256', opening) })
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

function refused(error: unknown): undefined {
  const message = error instanceof Error ? error.message : String(error)
  say({ type: 'refused', code: codeOf(error), message })
}

/** Of a CallError, or of the system's. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** At once, and waiting for the reader if need be. Standard output would not: a worker makes it keep lines for later. */
function say(line: Line): void {
  writeSync(sayingFd, `${JSON.stringify(line)}\n`)
}
