import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { CallError } from '#protocol'
import { groups } from './commitment.ts'
import { blob, checkpointWal, integer, openDurable, rows, text, transaction } from './database.ts'
import { logSchema, vaultSchema } from './schema.ts'
import type {
  Growth,
  Head,
  KeptOpening,
  Store,
  StoredCheckpoint,
  StoredCore,
  StoredLeaf,
} from './store.ts'

/**
 * log.db and vault.db in one directory. Two files, because one may be public and the other must be erasable; SQLite
 * commits across files are not atomic, so the order of `keep` before `grow` is what holds them together.
 */
export class SqliteStore implements Store {
  readonly #log: DatabaseSync
  readonly #vault: DatabaseSync
  readonly #sql

  /** Throws LOG_UNAVAILABLE when the files cannot be opened or do not keep what they promise. */
  constructor(dir: string, emptyRoot: Uint8Array) {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    this.#vault = openDurable(join(dir, 'vault.db'), vaultSchema, true)
    this.#log = openDurable(join(dir, 'log.db'), logSchema, false)
    this.#log
      .prepare('INSERT INTO head SELECT 1, 0, ?, 0, 0 WHERE NOT EXISTS(SELECT 1 FROM head)')
      .run(emptyRoot)
    // A new file is durable only with its directory.
    const directory = openSync(dir, 'r')
    fsyncSync(directory)
    closeSync(directory)
    this.#sql = prepare(this.#log, this.#vault)
  }

  head(): Head {
    const row = this.#sql.head.get()
    if (row === undefined) throw new CallError('LOG_CORRUPT', 'log.db has no head')
    const { size, root, time_ms: timeMs, epoch } = row
    return { size: integer(size), root: blob(root), timeMs: integer(timeMs), epoch: integer(epoch) }
  }

  claim(): Head {
    this.#sql.claim.run()
    checkpointWal(this.#vault)
    checkpointWal(this.#log)
    return this.head()
  }

  leaves(): Iterable<StoredLeaf> {
    return rows(this.#sql.leaves, ({ idx, leaf, leaf_hash: hash }) => ({
      index: integer(idx),
      leaf: blob(leaf),
      leafHash: blob(hash),
    }))
  }

  lastCheckpoint(): StoredCheckpoint | undefined {
    const row = this.#sql.lastCheckpoint.get()
    return row && { size: integer(row['size']), note: text(row['note']) }
  }

  gateRecords(): Iterable<StoredCore> {
    return rows(this.#sql.gateRecords, readCore)
  }

  core(index: number): StoredCore | undefined {
    const row = this.#sql.core.get(index)
    return row && readCore(row)
  }

  indexOfKey(keySha256: Uint8Array): number | undefined {
    const row = this.#sql.indexOfKey.get(keySha256)
    return row && integer(row['idx'])
  }

  firstUnopened(size: number): number | undefined {
    let expected = 0
    for (const { idx } of this.#sql.opened.iterate(size)) {
      if (idx !== expected) break
      expected += 1
    }
    return expected < size ? expected : undefined
  }

  dropOrphans(size: number): void {
    transaction(this.#vault, () => {
      this.#sql.dropOpenings.run(size)
      this.#sql.dropKeys.run(size)
    })
  }

  keep(openings: readonly KeptOpening[]): void {
    transaction(this.#vault, () => {
      for (const { index, parts, keySha256, notice } of openings) {
        for (const group of groups) {
          const { bytes, salt, digest } = parts[group]
          this.#sql.addOpening.run(index, group, bytes, salt, digest)
        }
        this.#sql.addKey.run(keySha256, index)
        if (notice !== undefined) this.#sql.addNotice.run(notice.sha256, notice.bytes)
      }
    })
  }

  grow({ from, to, leaves, nodes, checkpoint }: Growth): void {
    transaction(this.#log, () => {
      const { changes } = this.#sql.moveHead.run(to.size, to.root, to.timeMs, from.size, from.epoch)
      if (changes !== 1)
        throw new CallError('LOG_UNAVAILABLE', 'another writer has opened this log')
      if (checkpoint !== undefined) this.#sql.addCheckpoint.run(checkpoint.size, checkpoint.note)
      for (const { index, leaf, leafHash } of leaves) this.#sql.addLeaf.run(index, leaf, leafHash)
      for (const { level, i, hash } of nodes) this.#sql.addNode.run(level, i, hash)
    })
  }

  putCheckpoint({ size, note }: StoredCheckpoint): void {
    transaction(this.#log, () => this.#sql.addCheckpoint.run(size, note))
  }

  [Symbol.dispose](): void {
    this.#log.close()
    this.#vault.close()
  }
}

function prepare(log: DatabaseSync, vault: DatabaseSync) {
  return {
    head: log.prepare('SELECT size, root, time_ms, epoch FROM head'),
    claim: log.prepare('UPDATE head SET epoch = epoch + 1'),
    moveHead: log.prepare(
      'UPDATE head SET size = ?, root = ?, time_ms = ? WHERE size = ? AND epoch = ?',
    ),
    leaves: log.prepare('SELECT idx, leaf, leaf_hash FROM entry ORDER BY idx'),
    addLeaf: log.prepare('INSERT INTO entry VALUES(?, ?, ?)'),
    addNode: log.prepare('INSERT INTO node VALUES(?, ?, ?)'),
    lastCheckpoint: log.prepare('SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1'),
    // A retry writes the same bytes again (Ed25519 is deterministic); other bytes reach the trigger and fail.
    addCheckpoint: log.prepare(
      'INSERT INTO checkpoint SELECT ?1, ?2 WHERE NOT EXISTS(SELECT 1 FROM checkpoint WHERE size = ?1 AND substr(note, 1, length(?2)) = ?2)',
    ),
    opened: vault.prepare(`SELECT idx FROM opening WHERE grp = 'core' AND idx < ? ORDER BY idx`),
    core: vault.prepare(`SELECT idx, bytes FROM opening WHERE idx = ? AND grp = 'core'`),
    gateRecords: vault.prepare(`SELECT idx, bytes FROM opening WHERE grp = 'core' AND
      (instr(bytes, CAST('"type":"gate-' AS BLOB)) OR instr(bytes, CAST('"type":"effect-' AS BLOB))) ORDER BY idx`),
    indexOfKey: vault.prepare('SELECT idx FROM idempotency WHERE key_sha256 = ?'),
    addOpening: vault.prepare('INSERT INTO opening VALUES(?, ?, ?, ?, ?)'),
    addKey: vault.prepare('INSERT INTO idempotency VALUES(?, ?)'),
    addNotice: vault.prepare('INSERT OR IGNORE INTO notice VALUES(?, ?)'),
    dropOpenings: vault.prepare('DELETE FROM opening WHERE idx >= ?'),
    dropKeys: vault.prepare('DELETE FROM idempotency WHERE idx >= ?'),
  }
}

function readCore({ idx, bytes }: Record<string, SQLOutputValue>): StoredCore {
  return { index: integer(idx), bytes: bytes === null ? undefined : blob(bytes) }
}
