import { closeSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CallError } from '#protocol'
import { fromBase64, toBase64 } from './bytes.ts'
import { integer, rows, text } from './database.ts'
import { ErasureJournal, erasuresFile } from './erasure-journal.ts'
import { replaceFile } from './durable-file.ts'
import { LogReader, openSnapshot } from './readers.ts'

/** The log in whose place another one begins: its first leaf says so. */
export type Succession = {
  /** Of the new one. */
  readonly name: string
  /** Of the old one, as far as it is there. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** Into the folder of a log that does not exist yet. Calls on hold are on hold there, too. Durable on return. */
export function writeSuccession(
  dir: string,
  { name, origin, size, root }: Succession,
  { guardFile, held }: { readonly guardFile: string; readonly held: readonly string[] },
): void {
  closeSync(replaceFile(join(dir, fileName), `${name}\n${origin}\n${size}\n${toBase64(root)}\n`))
  using journal = new ErasureJournal(erasuresFile(guardFile), name)
  journal.renew({ erased: [], held })
}

/** Undefined for a log that takes nobody's place. Throws LOG_CORRUPT. */
export function readSuccession(dir: string): Succession | undefined {
  const path = join(dir, fileName)
  if (!existsSync(path)) return undefined
  const [name = '', origin = '', size = '', root = ''] = readFileSync(path, 'utf8').split('\n')
  if (name === '' || origin === '' || !/^\d{1,15}$/.test(size))
    throw new CallError('LOG_CORRUPT', `${path} does not say whose place this log takes`)
  return { name, origin, size: Number(size), root: fromBase64(root) }
}

/** What the log in this folder is called for good; undefined while there is none. */
export function nameOfLog(dir: string): string | undefined {
  const vkey = join(dir, 'vkey')
  const named = existsSync(vkey) ? readFileSync(vkey, 'utf8').split('+')[0] : undefined
  return named ?? readSuccession(dir)?.name
}

/** `…/2026-a` is followed by `…/2026-b`; after z, and after other names, there is one more letter. */
export const nextName = (origin: string): string =>
  /-[a-y]$/.test(origin)
    ? origin.slice(0, -1) + String.fromCharCode(origin.charCodeAt(origin.length - 1) + 1)
    : `${origin}-b`

/** When a log that was given up was last written, and which calls it tells of. Throws LOG_UNAVAILABLE. */
export function lastOf(dir: string): { readonly timeMs: number; readonly sessions: readonly string[] } {
  const [log, vault] = [openSnapshot(join(dir, 'log.db')), openSnapshot(join(dir, 'vault.db'))]
  try {
    const sessions = vault.prepare(
      'SELECT DISTINCT session FROM owner WHERE session IS NOT NULL',
    )
    return {
      timeMs: integer(new LogReader(log).head().timeMs),
      sessions: [...rows(sessions, ({ session }) => text(session))],
    }
  } finally {
    log.close()
    vault.close()
  }
}

const fileName = 'succession'
