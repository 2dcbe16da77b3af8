import process from 'node:process'
import { inspect } from 'node:util'

/**
 * One step of the set-up: while it runs, how long it takes and the last thing it reported.
 *
 * @template T
 * @param {string} title
 * @param {(report: (progress: string) => void) => Promise<T>} work
 * @param {(result: T) => string} [describe] what to print when it is done, such as `as locked`
 * @returns {Promise<T>}
 */
export async function step(title, work, describe = () => '') {
  const startedAt = Date.now()
  const show = isTerminal() ? progressOnOneLine : progressInLines
  const progress = show(title, startedAt)
  try {
    const result = await work(progress.report)
    progress.end()
    console.log(doneLine(title, describe(result), Date.now() - startedAt))
    return result
  } catch (error) {
    progress.end()
    throw error
  }
}

/** What went wrong and what to do about it, in one line for a person. */
export class SetupError extends Error {
  /**
   * @param {string} what
   * @param {string} whatToDo
   */
  constructor(what, whatToDo) {
    super(`${what}: ${whatToDo}`)
    this.name = 'SetupError'
  }
}

/**
 * Runs a whole command. A SetupError ends it with one plain line; anything else is a fault of ours
 * and keeps its trace.
 *
 * @param {() => Promise<number>} work resolves to the exit code
 */
export async function command(work) {
  try {
    process.exitCode = await work()
  } catch (error) {
    console.error(`✗ ${error instanceof SetupError ? error.message : inspect(error)}`)
    process.exitCode = 1
  }
}

/**
 * @param {string} title
 * @param {string} note
 * @param {number} tookMs
 */
export function doneLine(title, note, tookMs) {
  return `✓ ${title}${note ? `: ${note}` : ''}${tookMs < 1000 ? '' : ` (${elapsed(tookMs)})`}`
}

/** @param {number} ms */
export function elapsed(ms) {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

const isTerminal = () => process.stdout.isTTY === true && !process.env['CI']

/**
 * @param {string} title
 * @param {number} startedAt
 */
function progressOnOneLine(title, startedAt) {
  let latest = ''
  const draw = () => {
    const width = (process.stdout.columns || 80) - 1
    process.stdout.write(`\r\x1b[K${progressLine(title, startedAt, latest).slice(0, width)}`)
  }
  const timer = setInterval(draw, 250)
  draw()
  return {
    /** @param {string} progress */
    report: (progress) => {
      latest = progress.trim()
    },
    end: () => {
      clearInterval(timer)
      process.stdout.write('\r\x1b[K')
    },
  }
}

/**
 * In a log nothing can be overwritten: a line now and then shows that a long step is alive.
 *
 * @param {string} title
 * @param {number} startedAt
 */
function progressInLines(title, startedAt) {
  const everyMs = 15_000
  let latest = ''
  const timer = setInterval(() => console.log(progressLine(title, startedAt, latest)), everyMs)
  return {
    /** @param {string} progress */
    report: (progress) => {
      latest = progress.trim()
    },
    end: () => clearInterval(timer),
  }
}

/**
 * @param {string} title
 * @param {number} startedAt
 * @param {string} latest
 */
function progressLine(title, startedAt, latest) {
  return `… ${title} ${elapsed(Date.now() - startedAt)}${latest ? ` · ${latest}` : ''}`
}
