import { join } from 'node:path'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { CallError } from '#protocol'
import { blob, checkpointWal, copyDatabase, integer, openDurable, rows, text, transaction } from './database.ts'
import { logSchema } from './schema.ts'
import type { Growth, Head, StoredCheckpoint, StoredLeaf } from './store.ts'

/** log.db: the tree and its signed checkpoints. */
export class TreeDatabase implements Disposable {
  readonly #database: DatabaseSync
  readonly #sql
  #cosigned: StoredCheckpoint | undefined

  constructor(dir: string, emptyRoot: Uint8Array) {
    this.#database = openDurable(join(dir, 'log.db'), logSchema, false)
    this.#database
      .prepare('INSERT INTO head SELECT 1, 0, ?, 0, 0 WHERE NOT EXISTS(SELECT 1 FROM head)')
      .run(emptyRoot)
    this.#sql = prepare(this.#database)
    this.#cosigned = checkpointIn(this.#sql.lastCosigned.get())
  }

  /** The newest checkpoint that a witness has cosigned. */
  get cosigned(): StoredCheckpoint | undefined {
    return this.#cosigned
  }

  head(): Head {
    const row = this.#sql.head.get()
    if (row === undefined) throw new CallError('LOG_CORRUPT', 'log.db has no head')
    const { size, root, time_ms: timeMs, epoch } = row
    return { size: integer(size), root: blob(root), timeMs: integer(timeMs), epoch: integer(epoch) }
  }

  claim(): void {
    this.#sql.claim.run()
    checkpointWal(this.#database)
  }

  leaves(): Iterable<StoredLeaf> {
    return rows(this.#sql.leaves, readLeaf)
  }

  nodeHash(level: number, i: number): Uint8Array | undefined {
    const row = this.#sql.node.get(level, i)
    return row && blob(row['h'])
  }

  /** The leaves `from` to `from + count - 1`, as far as they are there. */
  entries(from: number, count: number): Uint8Array[] {
    return [...rows(this.#sql.entries, ({ leaf }) => blob(leaf), from, from + count)]
  }

  /** Adds a line to the checkpoint of that size; false when it is not there or has it. */
  cosign(size: number, line: string): boolean {
    const isNew = Number(this.#sql.cosign.run(line, size, line).changes) === 1
    if (isNew && size >= (this.#cosigned?.size ?? 0))
      this.#cosigned = checkpointIn(this.#sql.checkpoint.get(size))
    return isNew
  }

  lastCheckpoint(): StoredCheckpoint | undefined {
    return checkpointIn(this.#sql.lastCheckpoint.get())
  }

  grow({ from, to, leaves, nodes, checkpoint }: Growth): void {
    transaction(this.#database, () => {
      const { changes } = this.#sql.moveHead.run(to.size, to.root, to.timeMs, from.size, from.epoch)
      if (changes !== 1)
        throw new CallError('LOG_UNAVAILABLE', 'another writer has opened this log')
      if (checkpoint !== undefined) this.#sql.addCheckpoint.run(checkpoint.size, checkpoint.note)
      for (const { index, leaf, leafHash } of leaves) this.#sql.addLeaf.run(index, leaf, leafHash)
      for (const { level, i, hash } of nodes) this.#sql.addNode.run(level, i, hash)
    })
  }

  putCheckpoint({ size, note }: StoredCheckpoint): void {
    transaction(this.#database, () => this.#sql.addCheckpoint.run(size, note))
  }

  copyInto(dir: string): void {
    copyDatabase(this.#database, join(dir, 'log.db'))
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }
}

function prepare(database: DatabaseSync) {
  return {
    head: database.prepare('SELECT size, root, time_ms, epoch FROM head'),
    claim: database.prepare('UPDATE head SET epoch = epoch + 1'),
    moveHead: database.prepare(
      'UPDATE head SET size = ?, root = ?, time_ms = ? WHERE size = ? AND epoch = ?',
    ),
    leaves: database.prepare('SELECT idx, leaf, leaf_hash FROM entry ORDER BY idx'),
    addLeaf: database.prepare('INSERT INTO entry VALUES(?, ?, ?)'),
    entries: database.prepare('SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx'),
    cosign: database.prepare(
      'UPDATE checkpoint SET note = note || ? WHERE size = ? AND instr(note, ?) = 0',
    ),
    node: database.prepare('SELECT h FROM node WHERE level = ? AND i = ?'),
    addNode: database.prepare('INSERT INTO node VALUES(?, ?, ?)'),
    lastCheckpoint: database.prepare(
      'SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1',
    ),
    checkpoint: database.prepare('SELECT size, note FROM checkpoint WHERE size = ?'),
    // Each signature is a line that begins with a dash: two lines, and one is not the log's own.
    lastCosigned: database.prepare(
      "SELECT size, note FROM checkpoint WHERE note LIKE '%' || char(10) || '— %' || char(10) || '— %' ORDER BY size DESC LIMIT 1",
    ),
    // A retry writes the same bytes again (Ed25519 is deterministic); other bytes reach the trigger and fail.
    addCheckpoint: database.prepare(
      'INSERT INTO checkpoint SELECT ?1, ?2 WHERE NOT EXISTS(SELECT 1 FROM checkpoint WHERE size = ?1 AND substr(note, 1, length(?2)) = ?2)',
    ),
  }
}

const checkpointIn = (
  row: Record<string, SQLOutputValue> | undefined,
): StoredCheckpoint | undefined =>
  row && { size: integer(row['size']), note: text(row['note']) }

const readLeaf = ({
  idx,
  leaf,
  leaf_hash: leafHash,
}: Record<string, SQLOutputValue>): StoredLeaf => ({
  index: integer(idx),
  leaf: blob(leaf),
  leafHash: blob(leafHash),
})
