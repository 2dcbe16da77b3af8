import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { CallError } from '#protocol'
import { openSealed, sealBytes } from './cipher.ts'
import { blob, checkpointWal, copyDatabase, openDurable, transaction, truncateWal } from './database.ts'
import { ensureSecret, readSecret } from './key-file.ts'

/**
 * What a key opens: all about one person in one session, or about a session as a whole (`what`); who the person was
 * (`who`). Two, so that the name can be destroyed while what happened stays provable.
 */
export type KeyId = `${string}/what` | `${string}/who`

/**
 * The keys behind the vault, each wrapped by the master key, in a database of its own: a backup of the vault without it
 * opens nothing, and what was erased here stays erased there. Owned by the log's thread; closed with the store.
 */
export class Keyring implements Disposable {
  readonly #database: DatabaseSync
  readonly #master: Buffer
  readonly #sql: { readonly find: StatementSync; readonly add: StatementSync; readonly drop: StatementSync }
  /** Opened keys; asking for one costs more than using it. */
  readonly #open = new Map<KeyId, Buffer>()
  #fresh = new Map<KeyId, Buffer>()

  constructor(path: string, master: Buffer) {
    this.#database = openDurable(path, schema, true)
    this.#master = master
    this.#sql = {
      find: this.#database.prepare('SELECT wrapped FROM subject_key WHERE id = ?'),
      add: this.#database.prepare('INSERT INTO subject_key VALUES(?, ?)'),
      drop: this.#database.prepare('DELETE FROM subject_key WHERE id = ?'),
    }
  }

  /** The key to seal with; a new one is durable only after `save`. */
  keyOf(id: KeyId): Buffer {
    const known = this.find(id)
    if (known !== undefined) return known
    const key = randomBytes(32)
    this.#fresh.set(id, key)
    return key
  }

  /** Undefined when it never was, or was destroyed. */
  find(id: KeyId): Buffer | undefined {
    const open = this.#open.get(id) ?? this.#fresh.get(id)
    if (open !== undefined) return open
    const row = this.#sql.find.get(id)
    if (row === undefined) return undefined
    const key = openSealed(this.#master, blob(row['wrapped']), id)
    if (key === undefined)
      throw new CallError('LOG_CORRUPT', 'keys.db was not made with this vault key; restore both')
    this.#remember(id, key)
    return key
  }

  /** The keys that `save` is still to write. */
  get fresh(): Iterable<KeyId> {
    return this.#fresh.keys()
  }

  /** Durable on return. Before anything that is sealed with a new key, or it could be lost and the thing with it. */
  save(): void {
    if (this.#fresh.size === 0) return
    const fresh = this.#fresh
    transaction(this.#database, () => {
      for (const [id, key] of fresh) this.#sql.add.run(id, sealBytes(this.#master, key, id))
    })
    for (const [id, key] of fresh) this.#remember(id, key)
    this.#fresh = new Map()
  }

  claim(): void {
    checkpointWal(this.#database)
  }

  /** Destroys keys: on return no byte of them is in the file or its log. */
  drop(ids: readonly KeyId[]): void {
    transaction(this.#database, () => {
      for (const id of ids) this.#sql.drop.run(id)
    })
    for (const id of ids) this.#open.delete(id)
    truncateWal(this.#database)
  }

  copyInto(dir: string): void {
    copyDatabase(this.#database, join(dir, 'keys.db'))
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #remember(id: KeyId, key: Buffer): void {
    if (this.#open.size >= maxOpen) this.#open.clear()
    // In memory of its own: in Node's pool it would keep all that was opened or sealed beside it.
    this.#open.set(id, Buffer.alloc(key.length, key))
  }
}

/** The master key. Made at the very first start (`isNew`); after that its loss is the loss of the vault. Throws CONFIG_INVALID. */
export function openMasterKey(path: string, isNew: boolean): Buffer {
  if (isNew) ensureSecret(path, () => `${randomBytes(32).toString('base64')}\n`)
  const key = Buffer.from(readSecret(path, 'the vault’s key').toString('latin1').trim(), 'base64')
  if (key.length === 32) return key
  throw new CallError('CONFIG_INVALID', `${path} holds no 32 bytes in base64`)
}

/**
 * One account under a name that means nothing without the master key. Within one issuer: two controllers cannot find out
 * that they have the same visitor.
 */
export function pseudonymOf(master: Buffer): Pseudonym {
  const key = Buffer.from(hkdfSync('sha256', master, '', 'assent account pseudonym', 32))
  return (issuer, account) => createHmac('sha256', key).update(`${issuer}\0${account}`).digest()
}
export type Pseudonym = (issuer: string, account: string) => Buffer

export const schema = [
  'CREATE TABLE subject_key(id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID',
] as const

/** A busy year of one server; beyond it they are asked for again. */
const maxOpen = 100_000
