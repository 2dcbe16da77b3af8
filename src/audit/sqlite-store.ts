import { makeFolder, syncFolder } from './durable-file.ts'
import type { PublicJwk } from './jwk.ts'
import type {
  Act,
  Growth,
  Head,
  KeptOpening,
  Store,
  StoredCheckpoint,
  StoredCore,
  StoredLeaf,
} from './store.ts'
import { TreeDatabase } from './tree-database.ts'
import { VaultDatabase } from './vault-database.ts'

/**
 * The tree and the vault in one directory, each in a file of its own, because one may be public and the other must be
 * erasable. SQLite commits across files are not atomic, so the order of `keep` before `grow` is what holds them together.
 */
export class SqliteStore implements Store {
  readonly tree: TreeDatabase
  readonly vault: VaultDatabase

  /** `master`: the vault's key. Throws LOG_UNAVAILABLE when the files cannot be opened or do not keep what they promise. */
  constructor(dir: string, emptyRoot: Uint8Array, master: Buffer) {
    makeFolder(dir)
    this.vault = new VaultDatabase(dir, master)
    this.tree = new TreeDatabase(dir, emptyRoot)
    // New files are durable only with their folder.
    syncFolder(dir)
  }

  head(): Head {
    return this.tree.head()
  }

  claim(): Head {
    this.tree.claim()
    this.vault.claim()
    return this.tree.head()
  }

  leaves(): Iterable<StoredLeaf> {
    return this.tree.leaves()
  }

  nodeHash(level: number, i: number): Uint8Array | undefined {
    return this.tree.nodeHash(level, i)
  }

  lastCheckpoint(): StoredCheckpoint | undefined {
    return this.tree.lastCheckpoint()
  }

  gateRecords(): Iterable<StoredCore> {
    return this.vault.gateRecords()
  }

  core(index: number): StoredCore | undefined {
    return this.vault.core(index)
  }

  indexesOf(acts: readonly Act[]): (number | undefined)[] {
    return this.vault.indexesOf(acts)
  }

  opened(): Iterable<number> {
    return this.vault.opened()
  }

  pending(): Iterable<number> {
    return this.vault.pending()
  }

  dropOrphans(size: number): void {
    this.vault.dropOrphans(size)
  }

  keep(openings: readonly KeptOpening[]): void {
    this.vault.keep(openings)
  }

  grow(growth: Growth): void {
    this.tree.grow(growth)
  }

  putCheckpoint(checkpoint: StoredCheckpoint): void {
    this.tree.putCheckpoint(checkpoint)
  }

  keepStatementKey(kid: string, jwk: PublicJwk): void {
    this.vault.keepStatementKey(kid, jwk)
  }

  /** Whole copies without what was deleted, under the same names in another folder. Nothing may be written meanwhile. */
  copyInto(dir: string): void {
    this.tree.copyInto(dir)
    this.vault.copyInto(dir)
  }

  [Symbol.dispose](): void {
    this.tree[Symbol.dispose]()
    this.vault[Symbol.dispose]()
  }
}
