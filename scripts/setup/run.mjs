import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'

const keptLines = 400

/**
 * Runs a program to its end and never throws: a program that is missing ends with code 127, as in
 * a shell.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{
 *   cwd?: string,
 *   env?: NodeJS.ProcessEnv,
 *   logFile?: string,
 *   timeoutMs?: number,
 *   onLine?: (line: string) => void,
 * }} [options] the whole output goes to `logFile`; after `timeoutMs` the program is stopped
 * @returns {Promise<{ code: number, output: string }>} `output` is the last lines of both outputs
 */
export async function run(program, args, { cwd, env, logFile, timeoutMs, onLine } = {}) {
  // A group of its own: what it started ends with it, also when we are stopped half-way.
  const stdio = /** @type {const} */ (['ignore', 'pipe', 'pipe'])
  const child = spawn(program, args, { cwd, env, detached: true, stdio: [...stdio] })
  const stop = () => stopGroup(child.pid, 'SIGTERM')
  process.once('exit', stop)
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs)

  const log = logFile === undefined ? undefined : openLog(logFile)
  /** @type {string[]} */
  const lines = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log?.write(`${line}\n`)
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      if (line.trim()) onLine?.(line)
    })
  }

  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      lines.push(String(error))
      resolve(127)
    })
    child.on('close', (exitCode) => resolve(exitCode ?? 128))
  })
  clearTimeout(timer)
  process.off('exit', stop)
  if (log) await finished(log.end())
  return { code, output: lines.join('\n') }
}

/**
 * Ends a program and all that it started. A group that is gone already is no error.
 *
 * @param {number | undefined} pid
 * @param {'SIGTERM' | 'SIGKILL'} signal
 */
export function stopGroup(pid, signal) {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Turns a stop by signal into an orderly exit, so that what `run` started is ended too. */
export function stopChildrenOnSignal() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
}

/** @param {string} file */
function openLog(file) {
  mkdirSync(dirname(file), { recursive: true })
  return createWriteStream(file)
}
