import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { CallError } from '#protocol'
import { toHex } from './bytes.ts'
import type { StoredNotice } from './check-notices.ts'
import type { StoredOpening } from './check-openings.ts'
import { openSealed } from './cipher.ts'
import { blob, integer, refuseOtherTables, rows, text } from './database.ts'
import { openMasterKey, schema as keysSchema, type KeyId } from './keyring.ts'
import type { Head, StoredCheckpoint, StoredLeaf } from './store.ts'
import { keyIdOf, noticePlace, openingColumns, openingTables, readOpening } from './vault-rows.ts'

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

/** Where the keys of a vault are; without them nothing in it can be read. */
export type KeyFiles = { readonly keys: string; readonly master: string }

/** vault.db as far as its keys open it. The caller closes both. */
export class VaultReader implements Disposable {
  readonly #vault: DatabaseSync
  readonly #keys: DatabaseSync
  readonly #master: Buffer
  readonly #opening: StatementSync
  readonly #wrapped: StatementSync
  readonly #open = new Map<KeyId, Buffer>()

  /** Throws CONFIG_INVALID for a master key that cannot be read, LOG_UNAVAILABLE for keys.db missing, or of another version. */
  constructor(vault: DatabaseSync, { keys, master }: KeyFiles) {
    this.#vault = vault
    this.#master = openMasterKey(master, false)
    this.#keys = openSnapshot(keys)
    refuseOtherTables(this.#keys, keys, keysSchema)
    this.#opening = vault.prepare(`SELECT ${openingColumns} FROM ${openingTables} WHERE idx = ?`)
    this.#wrapped = this.#keys.prepare('SELECT wrapped FROM subject_key WHERE id = ?')
  }

  get keys(): DatabaseSync {
    return this.#keys
  }

  openingOf(index: number): StoredOpening | undefined {
    const row = this.#opening.get(index)
    return row && readOpening(index, row, (id) => this.#find(id))
  }

  *notices(): Iterable<StoredNotice> {
    for (const row of this.#vault.prepare('SELECT sha256, asker, sealed FROM notice').iterate()) {
      const sha256 = blob(row['sha256'])
      const sealed = row['sealed'] === null ? undefined : blob(row['sealed'])
      const key = sealed && this.#find(keyIdOf(text(row['asker']), 'who'))
      const opened = key && openSealed(key, sealed, noticePlace(toHex(sha256)))
      // One that does not open was changed, or its key is gone: either way it is not what was shown.
      yield { sha256, bytes: sealed && (opened ?? new Uint8Array()) }
    }
  }

  pending(): ReadonlySet<number> {
    return new Set(
      rows(this.#vault.prepare('SELECT DISTINCT idx FROM tombstone'), ({ idx }) => integer(idx)),
    )
  }

  statementKey(kid: string): string | undefined {
    const row = this.#vault.prepare('SELECT jwk FROM statement_key WHERE kid = ?').get(kid)
    return row && text(row['jwk'])
  }

  [Symbol.dispose](): void {
    this.#keys.close()
  }

  #find(id: KeyId): Buffer | undefined {
    const known = this.#open.get(id)
    if (known !== undefined) return known
    const row = this.#wrapped.get(id)
    const key = row && openSealed(this.#master, blob(row['wrapped']), id)
    if (key !== undefined) this.#open.set(id, key)
    return key
  }
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
