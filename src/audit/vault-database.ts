import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { toHex } from './bytes.ts'
import type { StoredOpening } from './check-openings.ts'
import { openSealed, sealBytes } from './cipher.ts'
import { blob, checkpointWal, copyDatabase, integer, openDurable, reading, rows, text, transaction } from './database.ts'
import type { PublicJwk } from './jwk.ts'
import { Keyring, pseudonymOf, type Pseudonym } from './keyring.ts'
import { vaultSchema } from './schema.ts'
import type { Act, KeptNotice, KeptOpening, StoredCore } from './store.ts'
import {
  keyIdOf,
  noticePlace,
  openingColumns,
  openingTables,
  readOpening,
  sealColumn,
  type Column,
} from './vault-rows.ts'

/** vault.db and, in a file of its own, keys.db: all that can be erased. */
export class VaultDatabase implements Disposable {
  readonly #database: DatabaseSync
  readonly #keys: Keyring
  readonly #pseudonym: Pseudonym
  readonly #sql

  constructor(dir: string, master: Buffer) {
    this.#keys = new Keyring(join(dir, 'keys.db'), master)
    this.#database = openDurable(join(dir, 'vault.db'), vaultSchema, true)
    this.#pseudonym = pseudonymOf(master)
    this.#sql = prepare(this.#database)
  }

  /** For what is read or erased beside the writing of the log. */
  get database(): DatabaseSync {
    return this.#database
  }

  get keys(): Keyring {
    return this.#keys
  }

  claim(): void {
    this.#keys.claim()
    checkpointWal(this.#database)
  }

  opened(): Iterable<number> {
    return rows(this.#sql.opened, ({ idx }) => integer(idx))
  }

  pending(): Iterable<number> {
    return rows(this.#sql.pending, ({ idx }) => integer(idx))
  }

  gateRecords(): Iterable<StoredCore> {
    return rows(this.#sql.gates, (row) => {
      const index = integer(row['idx'])
      return { index, bytes: coreOf(readOpening(index, row, (id) => this.#keys.find(id))) }
    })
  }

  core(index: number): StoredCore | undefined {
    const opening = this.openingOf(index)
    return opening && { index, bytes: coreOf(opening) }
  }

  openingOf(index: number): StoredOpening | undefined {
    const row = this.#sql.opening.get(index)
    return row && readOpening(index, row, (id) => this.#keys.find(id))
  }

  /** Undefined when it was never kept, or was erased with the name of who asked. */
  notice(sha256: Uint8Array): Uint8Array | undefined {
    const row = this.#sql.notice.get(sha256)
    if (row === undefined || row['sealed'] === null) return undefined
    const key = this.#keys.find(keyIdOf(text(row['asker']), 'who'))
    return key && openSealed(key, blob(row['sealed']), noticePlace(toHex(sha256)))
  }

  statementKey(kid: string): string | undefined {
    const row = this.#sql.statementKey.get(kid)
    return row && text(row['jwk'])
  }

  keepStatementKey(kid: string, jwk: PublicJwk): void {
    this.#sql.addStatementKey.run(kid, JSON.stringify(jwk))
  }

  indexesOf(acts: readonly Act[]): (number | undefined)[] {
    return reading(this.#database, () =>
      acts.map(({ owner, keySha256 }) => {
        const row = this.#sql.indexOf.get(owner, keySha256)
        return row && integer(row['idx'])
      }),
    )
  }

  /** With them whoever nothing else is about; their keys go when the next erasure ends, or this start's own. */
  dropOrphans(size: number): void {
    transaction(this.#database, () => {
      if (this.#sql.dropOpenings.run(size).changes === 0) return
      for (const { id } of this.#sql.dropLoneOwners.all())
        for (const column of ['what', 'who'] as const)
          this.#sql.doom.run(keyIdOf(text(id), column))
    })
  }

  /** Durable on return: first the keys, then what they seal. */
  keep(openings: readonly KeptOpening[]): void {
    transaction(this.#database, () => {
      for (const opening of openings) this.#add(opening)
      // Where a reader held up an erasure, the old key is gone and its end still to be made: not of the new one.
      for (const id of this.#keys.fresh) this.#sql.spare.run(id)
      this.#keys.save()
    })
  }

  copyInto(dir: string): void {
    copyDatabase(this.#database, join(dir, 'vault.db'))
    this.#keys.copyInto(dir)
  }

  [Symbol.dispose](): void {
    this.#database.close()
    this.#keys[Symbol.dispose]()
  }

  #add(opening: KeptOpening): void {
    const { index, parts, owner, keySha256, notice, about } = opening
    const { type, requestId, timeMs, evidenceDays } = about
    const sealed = (column: Column): Buffer =>
      sealColumn(this.#keys.keyOf(keyIdOf(owner, column)), parts, { index, column })
    this.#sql.addOpening.run(
      index,
      this.#ownerNo(opening),
      type,
      requestId,
      timeMs,
      evidenceDays,
      keySha256,
      sealed('what'),
      sealed('who'),
      parts.core.digest,
      parts.subject.digest,
      parts.proof.digest,
    )
    if (notice !== undefined) this.#addNotice(notice)
  }

  #addNotice({ sha256, bytes, asker }: KeptNotice): void {
    const key = this.#keys.keyOf(keyIdOf(asker, 'who'))
    this.#sql.addNotice.run(sha256, asker, sealBytes(key, bytes, noticePlace(toHex(sha256))))
  }

  /**
   * Of the row that stands for the entry's owner; who is new gets one. Whoever is named again after their name was erased
   * must find what is new.
   */
  #ownerNo({ owner, about: { session, ref, account, timeMs } }: KeptOpening): number {
    const known = this.#sql.owner.get(owner)
    if (known !== undefined && (account === null || known['named'] === 1)) return integer(known['no'])
    const pseudonym = account && this.#pseudonym(account.issuer, account.account)
    if (known === undefined) {
      const added = this.#sql.addOwner.run(owner, session, ref, pseudonym, timeMs)
      return Number(added.lastInsertRowid)
    }
    this.#sql.nameOwner.run(pseudonym, integer(known['no']))
    return integer(known['no'])
  }
}

const coreOf = ({ opening: { core } }: StoredOpening): Uint8Array | undefined =>
  'bytes' in core ? core.bytes : undefined

function prepare(database: DatabaseSync) {
  return {
    opened: database.prepare('SELECT idx FROM opening ORDER BY idx'),
    pending: database.prepare('SELECT DISTINCT idx FROM tombstone'),
    opening: database.prepare(`SELECT ${openingColumns} FROM ${openingTables} WHERE idx = ?`),
    gates: database.prepare(`SELECT ${openingColumns} FROM ${openingTables}
      WHERE type IN ('gate-open', 'gate-closed', 'effect-started', 'effect-stopped') ORDER BY idx`),
    indexOf: database.prepare(
      'SELECT idx FROM opening WHERE owner = (SELECT no FROM owner WHERE id = ?) AND key_sha256 = ?',
    ),
    addOpening: database.prepare(
      'INSERT INTO opening VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    dropLoneOwners: database.prepare(`DELETE FROM owner
      WHERE NOT EXISTS(SELECT 1 FROM opening WHERE opening.owner = owner.no)
        AND NOT EXISTS(SELECT 1 FROM notice WHERE asker = owner.id) RETURNING id`),
    doom: database.prepare('INSERT OR IGNORE INTO doomed_key VALUES(?)'),
    dropOpenings: database.prepare('DELETE FROM opening WHERE idx >= ?'),
    notice: database.prepare('SELECT asker, sealed FROM notice WHERE sha256 = ?'),
    addNotice: database.prepare('INSERT OR IGNORE INTO notice VALUES(?, ?, ?)'),
    owner: database.prepare('SELECT no, account IS NOT NULL AS named FROM owner WHERE id = ?'),
    nameOwner: database.prepare('UPDATE owner SET account = ? WHERE no = ?'),
    addOwner: database.prepare('INSERT INTO owner VALUES(NULL, ?, ?, ?, ?, ?)'),
    spare: database.prepare(`UPDATE OR REPLACE doomed_key SET id = '' WHERE id = ?`),
    statementKey: database.prepare('SELECT jwk FROM statement_key WHERE kid = ?'),
    addStatementKey: database.prepare('INSERT OR IGNORE INTO statement_key VALUES(?, ?)'),
  }
}
