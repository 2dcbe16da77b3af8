import { existsSync } from 'node:fs'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { CallError } from '#protocol'
import type { StoredNotice, StoredOpening } from './check-openings.ts'
import { groups, saltBytes, type Erased, type Group, type Sealed } from './commitment.ts'
import { blob, integer, rows, text } from './database.ts'
import type { Head, StoredCheckpoint, StoredLeaf } from './store.ts'

/**
 * A database as it stands at this moment, while its server may go on writing. Throws LOG_UNAVAILABLE when it cannot be
 * opened. The caller closes it.
 */
export function openSnapshot(path: string): DatabaseSync {
  if (!existsSync(path))
    throw new CallError(
      'LOG_UNAVAILABLE',
      `${path} does not exist; name the directory that holds it`,
    )
  try {
    // Beside a write-ahead log SQLite needs a place for its index; a copy without one, on a read-only disk, needs none.
    const isWhole = !existsSync(`${path}-wal`)
    const database =
      tryOpen(path) ??
      (isWhole ? tryOpen(new URL(`${pathToFileURL(path).href}?immutable=1`)) : undefined)
    if (database !== undefined) return database
  } catch (cause) {
    throw new CallError('LOG_UNAVAILABLE', `${path} is not a database, or is damaged`, { cause })
  }
  throw new CallError(
    'LOG_UNAVAILABLE',
    `${path} cannot be opened; copy it, with its -wal file, to a place you may write to`,
  )
}

/** SQLite's own reading of a file: empty when it is sound. */
export function damage(database: DatabaseSync): string[] {
  return [
    ...rows(database.prepare('PRAGMA integrity_check(5)'), ({ integrity_check: found }) =>
      text(found),
    ),
  ].filter((found) => found !== 'ok')
}

/** Every table and trigger with its SQL. */
export function schemaOf(database: DatabaseSync): string[] {
  return [
    ...rows(database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL'), ({ sql }) =>
      text(sql),
    ),
  ]
}

export class LogReader {
  readonly #log: DatabaseSync
  readonly #node: StatementSync

  constructor(log: DatabaseSync) {
    this.#log = log
    this.#node = log.prepare('SELECT h FROM node WHERE level = ? AND i = ?')
  }

  head(): Head {
    const row = this.#log.prepare('SELECT size, root, time_ms, epoch FROM head').get()
    if (row === undefined)
      throw new CallError(
        'LOG_UNAVAILABLE',
        'log.db has no head: it was never started, or its head was removed',
      )
    return {
      size: integer(row['size']),
      root: blob(row['root']),
      timeMs: integer(row['time_ms']),
      epoch: integer(row['epoch']),
    }
  }

  leaves(): Iterable<StoredLeaf> {
    return rows(
      this.#log.prepare('SELECT idx, leaf, leaf_hash FROM entry ORDER BY idx'),
      (row) => ({
        index: integer(row['idx']),
        leaf: blob(row['leaf']),
        leafHash: blob(row['leaf_hash']),
      }),
    )
  }

  nodeHash(level: number, i: number): Uint8Array | undefined {
    const row = this.#node.get(level, i)
    return row && blob(row['h'])
  }

  nodeTotal(): number {
    return integer(this.#log.prepare('SELECT count(*) AS total FROM node').get()?.['total'])
  }

  checkpoints(): Iterable<StoredCheckpoint> {
    return rows(this.#log.prepare('SELECT size, note FROM checkpoint ORDER BY size'), (row) => ({
      size: integer(row['size']),
      note: text(row['note']),
    }))
  }
}

export class VaultReader {
  readonly #vault: DatabaseSync
  readonly #opening: StatementSync

  constructor(vault: DatabaseSync) {
    this.#vault = vault
    this.#opening = vault.prepare('SELECT grp, bytes, salt, digest FROM opening WHERE idx = ?')
  }

  openingOf(index: number): StoredOpening | undefined {
    const kept = new Map(this.#opening.all(index).map((row) => [row['grp'], row]))
    if (!groups.every((group) => kept.has(group))) return undefined
    const part = (group: Group): Sealed | Erased => readPart(kept.get(group)!)
    const digest = (group: Group): Uint8Array => blob(kept.get(group)!['digest'])
    return {
      opening: { core: part('core'), subject: part('subject'), proof: part('proof') },
      digests: { core: digest('core'), subject: digest('subject'), proof: digest('proof') },
    }
  }

  notices(): Iterable<StoredNotice> {
    return rows(this.#vault.prepare('SELECT sha256, bytes FROM notice'), (row) => ({
      sha256: blob(row['sha256']),
      bytes: blob(row['bytes']),
    }))
  }
}

function readPart({ bytes, salt, digest }: Record<string, SQLOutputValue>): Sealed | Erased {
  if (bytes === null || salt === null) return { digest: blob(digest) }
  const read = { bytes: blob(bytes), salt: blob(salt) }
  // A salt of another length was put there by someone else: show it as what it is, another digest.
  return read.salt.length === saltBytes ? read : { digest: new Uint8Array() }
}

/** Undefined when SQLite cannot open it this way. A read fixes the snapshot; without one the first query would. */
function tryOpen(path: string | URL): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 2000 })
  try {
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === cannotOpen)
      return undefined
    throw error
  }
}

/** SQLITE_CANTOPEN. */
const cannotOpen = 14
