import { parseTilePath, type ConsentLog } from '#audit'
import { CallError } from '#protocol'
import { fileOf, type ServedFile } from './files.ts'

/** A consent log as anybody may read it: no leaf says anything about a person, a call or a time. */
export type PublicLog = Pick<ConsentLog, 'origin' | 'vkey' | 'ask'>

/**
 * The log in its public form (C2SP tlog-tiles) below the path in its name: `/consent/2026-a/checkpoint`, `…/tile/0/000`,
 * and its key, `…/vkey`, for whoever wants to pin it.
 * Undefined for a path that is none of them; null where the log is not as large yet. Rejects TOO_MANY while others read
 * as much as decisions can spare.
 */
export function logPages(log: PublicLog): (path: string) => Promise<ServedFile | null> | undefined {
  const prefix = log.origin.slice(log.origin.indexOf('/') + 1)
  const key = fileOf('text/plain; charset=utf-8', Buffer.from(`${log.vkey}\n`))
  const tiles = new Map<string, ServedFile>()
  let asking = 0

  return (path) => {
    if (!path.startsWith(`/${prefix}/`)) return undefined
    const name = path.slice(prefix.length + 2)
    if (name === 'vkey') return Promise.resolve(key)
    return name === 'checkpoint' ? checkpoint() : tile(name)
  }

  async function checkpoint(): Promise<ServedFile> {
    const note = await alone(() => log.ask({ what: 'published' }))
    return fileOf('text/plain; charset=utf-8', Buffer.from(note))
  }

  async function tile(name: string): Promise<ServedFile | null> {
    const kept = tiles.get(name)
    if (kept !== undefined) return kept
    const place = parseTilePath(name)
    const bytes = place && (await alone(() => log.ask({ what: 'tile', tile: place })))
    if (!bytes) return null
    // Whatever it is asked for later, a tile stays the same.
    const file = { ...fileOf('application/octet-stream', Buffer.from(bytes)), isImmutable: true }
    if (tiles.size >= maxKept) tiles.clear()
    tiles.set(name, file)
    return file
  }

  /** Each question waits for commits and makes them wait: a few at once, whoever asks. */
  async function alone<T>(ask: () => Promise<T>): Promise<T> {
    if (asking >= maxAsking) throw new CallError('TOO_MANY', 'others are reading the log')
    asking += 1
    try {
      return await ask()
    } finally {
      asking -= 1
    }
  }
}

const maxAsking = 4
/** Full tiles have 8 KiB. */
const maxKept = 1000
