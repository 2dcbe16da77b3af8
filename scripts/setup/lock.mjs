import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'

/**
 * Waits until no other process of this user holds the lock, then holds it. A holder that died is
 * passed over. Two waiters that both see it dead may both go on: what they do ends in a rename, so
 * that costs time and nothing else.
 *
 * @param {string} file
 * @param {(progress: string) => void} report
 * @returns {Promise<() => void>} releases the lock
 */
export async function holdLock(file, report) {
  mkdirSync(dirname(file), { recursive: true })
  for (;;) {
    if (tryToHold(file)) return () => rmSync(file, { force: true })
    const holder = holderOf(file)
    if (holder === undefined) continue
    if (isAlive(holder)) {
      report(`another set-up (process ${holder}) is at it`)
      await setTimeout(200)
    } else {
      rmSync(file, { force: true })
    }
  }
}

/**
 * A symbolic link to our process id: it appears with its content in one act, which a file does not.
 *
 * @param {string} file
 */
function tryToHold(file) {
  try {
    symlinkSync(String(process.pid), file)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} undefined when the lock was released between our two looks
 */
function holderOf(file) {
  try {
    return Number(readlinkSync(file))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    return hasCode(error, 'EPERM')
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
const hasCode = (error, code) => error instanceof Error && 'code' in error && error.code === code
