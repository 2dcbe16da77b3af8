import type { PerGroup, Sealed } from './commitment.ts'
import type { PublicJwk } from './jwk.ts'
import type { RecordType } from './records.ts'
import type { Node } from './right-edge.ts'

/** Where a log stands. `epoch` counts its writers: whoever opens it to write takes the next one. */
export type Head = {
  readonly size: number
  readonly root: Uint8Array
  readonly timeMs: number
  readonly epoch: number
}

export type StoredCheckpoint = { readonly size: number; readonly note: string }
export type StoredLeaf = {
  readonly index: number
  readonly leaf: Uint8Array
  readonly leafHash: Uint8Array
}
/** The `core` bytes behind a leaf; absent once erased. */
export type StoredCore = { readonly index: number; readonly bytes: Uint8Array | undefined }

/** What an entry is about, as far as the vault must know it to find and to erase it. */
export type About = {
  readonly type: RecordType
  readonly session: string | null
  /** Whose record it is; null for one about a session, a request, or the server itself. */
  readonly ref: string | null
  readonly requestId: string | null
  readonly timeMs: number
  /** How long the proof of what is asked is kept, of a request. */
  readonly evidenceDays: number | null
  /** Who the person is, the first time that they are heard of. */
  readonly account: { readonly issuer: string; readonly account: string } | null
}

/** Names an act, however often it is told. */
export type Act = {
  /** Whose key opens what is kept of it. */
  readonly owner: string
  /** Which, among those of this owner. */
  readonly keySha256: Uint8Array
}

/** What the erasable side keeps of one leaf. */
export type KeptOpening = Act & {
  readonly index: number
  readonly parts: PerGroup<Sealed & { readonly digest: Uint8Array }>
  readonly notice: KeptNotice | undefined
  readonly about: About
}

/** `asker`: the ref of who asks, whose name stands in it; with their name it can be erased. */
export type KeptNotice = {
  readonly sha256: Uint8Array
  readonly bytes: Uint8Array
  readonly asker: string
}

/** One step of the tree, all or nothing. */
export type Growth = {
  readonly from: Head
  readonly to: Head
  readonly leaves: readonly StoredLeaf[]
  /** The subtrees these leaves completed. */
  readonly nodes: readonly Node[]
  /** Signed after the previous step; nothing waits for it, so it costs no fsync of its own. */
  readonly checkpoint: StoredCheckpoint | undefined
}

/**
 * Where a log is kept: the tree, append-only, and beside it what can be erased. Every method that writes is durable when
 * it returns and may have written although it throws; whoever sees it throw must stop writing and start anew.
 */
export interface Store extends Disposable {
  head(): Head
  /** Takes the next epoch and makes all that is read from here on durable; an older writer's `grow` fails from now on. */
  claim(): Head
  leaves(): Iterable<StoredLeaf>
  nodeHash(level: number, i: number): Uint8Array | undefined
  lastCheckpoint(): StoredCheckpoint | undefined
  /** Records about gates and effects, in order. */
  gateRecords(): Iterable<StoredCore>
  core(index: number): StoredCore | undefined
  /** Where each of them stands, in the same order; undefined for one that was never kept. */
  indexesOf(acts: readonly Act[]): (number | undefined)[]
  /** The indexes of leaves that have an opening, in order. */
  opened(): Iterable<number>
  /** The indexes of entries that were erased, which the tree does not say yet. */
  pending(): Iterable<number>
  /** Removes openings without a leaf, which a crash between the two writes leaves behind. */
  dropOrphans(size: number): void
  keep(openings: readonly KeptOpening[]): void
  /** Throws, having written nothing, unless the log still stands at `from`. */
  grow(growth: Growth): void
  putCheckpoint(checkpoint: StoredCheckpoint): void
  /** The public half of a key that signed requests, kept for whoever verifies them later. */
  keepStatementKey(kid: string, jwk: PublicJwk): void
}
