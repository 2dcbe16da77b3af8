import type { PerGroup, Sealed } from './commitment.ts'
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

/** What the erasable side keeps of one leaf. */
export type KeptOpening = {
  readonly index: number
  readonly parts: PerGroup<Sealed & { readonly digest: Uint8Array }>
  readonly keySha256: Uint8Array
  readonly notice: { readonly sha256: Uint8Array; readonly bytes: Uint8Array } | undefined
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
  lastCheckpoint(): StoredCheckpoint | undefined
  /** Records about gates and effects, in order. */
  gateRecords(): Iterable<StoredCore>
  core(index: number): StoredCore | undefined
  indexOfKey(keySha256: Uint8Array): number | undefined
  /** The first leaf below `size` that has no opening. */
  firstUnopened(size: number): number | undefined
  /** Removes openings without a leaf, which a crash between the two writes leaves behind. */
  dropOrphans(size: number): void
  keep(openings: readonly KeptOpening[]): void
  /** Throws, having written nothing, unless the log still stands at `from`. */
  grow(growth: Growth): void
  putCheckpoint(checkpoint: StoredCheckpoint): void
}
