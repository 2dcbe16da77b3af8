import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../setup/places.mjs'
import { stopGroup } from '../setup/run.mjs'
import { elapsed } from '../setup/say.mjs'
import { noCounts, oneTest, settle, summary } from './counts.mjs'

/**
 * @typedef {import('./counts.mjs').Counts} Counts
 * @typedef {{
 *   title: string,
 *   program: string,
 *   args: readonly string[],
 *   limitMs: number,
 *   count?: (report: unknown) => Counts,
 * }} Stage `count` reads the JSON report that the program leaves; without it the stage is one test
 */

/**
 * Runs one stage and shows its output as it comes. A crash is a failed test, never an exception.
 *
 * @param {Stage} stage
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Counts>}
 */
export async function runStage(stage, env) {
  console.log(`\n── ${stage.title} ──`)
  const startedAt = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'assent-test-'))
  const reportFile = join(folder, 'report.json')
  try {
    const { ok, note } = await runProgram(stage, env, reportFile)
    const counts = stage.count ? settle(readCounts(stage.count, reportFile), ok) : oneTest(ok)
    const took = elapsed(Date.now() - startedAt)
    console.log(`── ${stage.title}: ${summary(counts)} (${took})${note} ──`)
    return counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {Stage} stage
 * @param {NodeJS.ProcessEnv} env
 * @param {string} reportFile vitest takes it as an argument, Playwright as a variable
 * @returns {Promise<{ ok: boolean, note: string }>}
 */
function runProgram({ program, args, limitMs }, env, reportFile) {
  // A group of its own, so that no browser or worker outlives the stage that started it.
  const child = spawn(
    program,
    args.map((arg) => arg.replace('$REPORT', reportFile)),
    {
      cwd: root,
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile },
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  const stop = () => stopGroup(child.pid, 'SIGKILL')
  process.once('exit', stop)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, limitMs)

  return new Promise((resolve) => {
    /** @param {boolean} ok @param {string} note */
    const end = (ok, note) => {
      clearTimeout(timer)
      process.off('exit', stop)
      stop()
      resolve({ ok, note })
    }
    child.on('error', (error) => end(false, `, could not be started: ${error.message}`))
    child.on('exit', (code, signal) => {
      if (timedOut) end(false, `, stopped: longer than ${elapsed(limitMs)}`)
      else end(code === 0, code === 0 ? '' : `, ended with ${signal ?? `code ${code}`}`)
    })
  })
}

/**
 * @param {(report: unknown) => Counts} count
 * @param {string} reportFile
 * @returns {Counts}
 */
function readCounts(count, reportFile) {
  try {
    return count(JSON.parse(readFileSync(reportFile, 'utf8')))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`no report that can be counted: ${why}`)
    return noCounts
  }
}
