import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/**
 * Puts a file in place, readable by its owner alone. Durable on return; after a crash it is there as a whole, or what was
 * there before is. It stays open to be written on: the caller closes it.
 */
export function replaceFile(path: string, text: string): number {
  const fresh = `${path}.new`
  const file = openSync(fresh, 'w', 0o600)
  write(file, text)
  renameSync(fresh, path)
  syncFolder(dirname(path))
  return file
}

/** As `replaceFile`, and closes it; throws if there is such a file. */
export function createFile(path: string, text: string): void {
  const fresh = `${path}.${randomUUID()}`
  const file = openSync(fresh, 'wx', 0o600)
  try {
    write(file, text)
    linkSync(fresh, path)
  } finally {
    closeSync(file)
    unlinkSync(fresh)
  }
  syncFolder(dirname(path))
}

/**
 * Makes a folder with its missing parents, for its owner alone. Durable on return. From the top down: nothing lies in a
 * folder that could still be lost, even after a process that died half-way.
 */
export function makeFolder(path: string): void {
  const parent = dirname(path)
  if (!existsSync(path)) {
    makeFolder(parent)
    mkdirSync(path, { mode: 0o700 })
  }
  syncFolder(parent)
}

/** Names last only once their folder is synced. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function write(file: number, text: string): void {
  // A umask can only take rights away, so this gives back the owner's.
  fchmodSync(file, 0o600)
  // `writeSync` may stop half-way without an error.
  writeFileSync(file, text)
  fsyncSync(file)
}
