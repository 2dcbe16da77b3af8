import { readFileSync, statSync } from 'node:fs'
import { keySetOf, type KeySet, type KeySource } from './keys.ts'

/**
 * Keys from a file, read again when it has changed: looked at no more than once in `recheckMs`, and
 * only when a token comes. A file that has become unreadable or wrong changes nothing until it is
 * mended; `onBroken` hears of it. Throws an Error at the start if the file is wrong then.
 */
export class KeyFile implements KeySource {
  readonly #path: string
  readonly #now: () => number
  readonly #onBroken: (cause: unknown) => void
  #keys: KeySet
  #version: string
  #checkedAt: number

  constructor(options: { path: string; now: () => number; onBroken: (cause: unknown) => void }) {
    this.#path = options.path
    this.#now = options.now
    this.#onBroken = options.onBroken
    // Blocking: the file is on this machine, small, and read only when it changed.
    this.#version = versionOf(options.path)
    this.#keys = keySetOf(JSON.parse(readFileSync(options.path, 'utf8')))
    this.#checkedAt = options.now()
  }

  async find(header: Parameters<KeySet>[0]): ReturnType<KeySet> {
    if (this.#now() - this.#checkedAt >= recheckMs) this.#recheck()
    return await this.#keys(header)
  }

  close(): void {
    // Nothing is held open between two readings.
  }

  #recheck(): void {
    this.#checkedAt = this.#now()
    try {
      const version = versionOf(this.#path)
      if (version === this.#version) return
      this.#keys = keySetOf(JSON.parse(readFileSync(this.#path, 'utf8')))
      this.#version = version
    } catch (cause) {
      this.#onBroken(cause)
    }
  }
}

const recheckMs = 5000

// The inode too: a file that was replaced within one tick of the clock has another.
function versionOf(path: string): string {
  const { ino, size, mtimeMs } = statSync(path)
  return `${ino} ${size} ${mtimeMs}`
}
