import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Line, Task } from './child.ts'
import { faultText, type Fault } from './shim.ts'

export type Run = {
  /** The compiled faults.c. */
  readonly library: string
  readonly task: Task
  readonly fault?: Fault
  /** The file to write the operations to. */
  readonly journal?: string
  /** How much longer each sync takes. */
  readonly slowUs?: number
  /** Set in every database before every transaction, as in `synchronous = NORMAL`. */
  readonly pragma?: string
  /** Kill it when it has promised so many entries. */
  readonly killAfter?: number
}

/** What one process said and how it ended. */
export type Ended = {
  readonly lines: readonly Line[]
  readonly isKilled: boolean
  /** Why its end proves nothing: it hung, it was never hit by the fault, or it failed in a way of its own. */
  readonly complaint: string | undefined
}

/** Runs child.ts to its end, which is a kill where one was asked for. */
export async function runChild(run: Run): Promise<Ended> {
  const { task, killAfter = maxPromised } = run
  const child = spawn(process.execPath, [...preload(run), childPath, JSON.stringify(task)], {
    // The last is for what it says.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment(run) },
  })
  const [complaining, saying] = child.stdio.slice(2) as [Readable, Readable]
  const kill = (): void => void child.kill('SIGKILL')
  // Ahead of those who then delete its files.
  process.prependOnceListener('exit', kill)
  let isStuck = false
  const timer = setTimeout(() => {
    isStuck = true
    kill()
  }, stuckMs)

  let said = ''
  let promised = 0
  saying.setEncoding('utf8').on('data', (text: string) => {
    // More may arrive after the kill: those promises were made too.
    said += text
    promised += text.split('{"type":"promised"').length - 1
    if (promised >= killAfter) kill()
  })
  let complained = ''
  complaining.setEncoding('utf8').on('data', (text: string) => {
    complained = `${complained}${text}`.slice(-2000)
  })
  await once(child, 'close')
  clearTimeout(timer)
  process.off('exit', kill)

  const isKilled = child.signalCode === 'SIGKILL'
  const complaint = isStuck
    ? `it did not end within ${stuckMs / 1000} s`
    : promised >= maxPromised
      ? 'the fault never came'
      : isKilled || child.exitCode === 0
        ? undefined
        : `it ended with ${child.signalCode ?? child.exitCode}: ${complained}`
  return { lines: parseLines(said), isKilled, complaint }
}

/** What was said in whole lines; half a line was said to nobody. */
export function parseLines(text: string): Line[] {
  const whole = text.split('\n').slice(0, -1)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- child.ts wrote it
  return whole.map((line) => JSON.parse(line) as Line)
}

function preload({ pragma }: Run): string[] {
  return pragma === undefined ? [] : ['--import', join(import.meta.dirname, 'pragma.ts')]
}

function environment({ library, task, fault, journal, slowUs, pragma }: Run): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: library,
    CRASH_ROOT: task.root,
    ...(journal !== undefined && { CRASH_JOURNAL: journal }),
    ...(slowUs !== undefined && { CRASH_SLOW_US: String(slowUs) }),
    ...(pragma !== undefined && { CRASH_PRAGMA: pragma }),
    ...(fault !== undefined && { CRASH_FAULT: faultText(fault) }),
  }
}

const childPath = join(import.meta.dirname, 'child.ts')
/** More than any fault lets it get to. */
const maxPromised = 5000
const stuckMs = 300_000
