import { CallError } from '#protocol'
import { utf8, type Sha256 } from './bytes.ts'
import { signCheckpoint } from './checkpoint.ts'
import { decodeCore, isSameAct } from './entry.ts'
import type { GuardFile } from './guard.ts'
import { erasureLeaf, shardLeaf, type ErasureReason } from './leaf.ts'
import type { Signer } from './note.ts'
import { appendLeaf, edgeRoot, type Node, type RightEdge } from './right-edge.ts'
import { actOf, leafOf, sealEntry, storedLeaf, type Arriving } from './seal.ts'
import { ownerOf } from './vault-rows.ts'
import type { Succession } from './succession.ts'
import type { Head, KeptOpening, Store, StoredCheckpoint, StoredLeaf } from './store.ts'

/** Where each arrival stands, in order, or why it was refused; and a signed checkpoint that covers them all. */
export type Committed = {
  readonly placed: readonly (number | CallError)[]
  /** How many of them are new leaves. */
  readonly leaves: number
  readonly checkpoint: string
}

export type Tombstone = { readonly index: number; readonly reason: ErasureReason }

type Parts = {
  readonly sha256: Sha256
  readonly store: Store
  readonly guard: Pick<GuardFile, 'note'>
  readonly signer: Signer
  readonly head: Head
  readonly edge: RightEdge
}

/**
 * The one writer of a log. The order is the promise: openings durable, then leaves, then the signature, then the
 * acknowledgement. Signing before the commit could leave two signed roots for one size.
 */
export class Sequencer {
  readonly #parts: Parts
  #head: Head
  #edge: RightEdge
  #checkpoint: StoredCheckpoint
  /** The checkpoint, while its row is still to be written: with the next commit, so that it costs no fsync. */
  #owed: StoredCheckpoint | undefined
  #failure: unknown

  /** The head must be the store's, and the edge that of its leaves: `start.ts` proves both. Signs at once. */
  constructor(parts: Parts) {
    this.#parts = parts
    this.#head = parts.head
    this.#edge = parts.edge
    this.#checkpoint = this.#sign(parts.head)
    this.#owed = this.#checkpoint
  }

  get size(): number {
    return this.#head.size
  }

  /** Of all that is acknowledged. */
  get checkpoint(): StoredCheckpoint {
    return this.#checkpoint
  }

  /**
   * Durable on return. Throws LOG_UNAVAILABLE when anything could not be written, and always from then on: SQLite would
   * take the next commit as if nothing had happened, on top of pages that never reached the disk.
   */
  append(batch: readonly Arriving[]): Committed {
    return this.#orFail(() => {
      const { sha256, store } = this.#parts
      const known = store.indexesOf(batch.map((arriving) => actOf(sha256, arriving)))
      const fresh = new Map<string, KeptOpening>()
      const placed = batch.map((arriving, i) => this.#place(arriving, known[i], fresh))
      if (fresh.size > 0) {
        const openings = [...fresh.values()]
        store.keep(openings)
        this.#grow(
          openings.map((opening) => leafOf(sha256, opening)),
          Math.max(...openings.map(({ about }) => about.timeMs)),
        )
      }
      return { placed, leaves: fresh.size, checkpoint: this.#checkpoint.note }
    })
  }

  /** The first leaf of a log that takes the place of another one. Durable on return; throws as `append`. */
  succeed({ origin, size, root }: Succession, nowMs: number): void {
    this.#orFail(() =>
      this.#grow([storedLeaf(this.#parts.sha256, 0, shardLeaf(origin, size, root))], nowMs),
    )
  }

  /** Says in the tree what was erased: one leaf each, in the order given. Durable on return; throws as `append`. */
  bury(tombstones: readonly Tombstone[], nowMs: number): void {
    if (tombstones.length === 0) return
    this.#orFail(() => {
      const { size } = this.#head
      const leaf = ({ index, reason }: Tombstone, i: number): StoredLeaf =>
        storedLeaf(this.#parts.sha256, size + i, erasureLeaf(index, reason))
      this.#grow(tombstones.map(leaf), nowMs)
    })
  }

  /** Writes the row of the last checkpoint, if it is still to be written. Throws as `append`. */
  flush(): void {
    this.#orFail(() => {
      if (this.#owed !== undefined) this.#parts.store.putCheckpoint(this.#owed)
      this.#owed = undefined
    })
  }

  /** A key that is known, from this batch or from the store, keeps its index and is not written again. */
  #place(
    arriving: Arriving,
    known: number | undefined,
    fresh: Map<string, KeptOpening>,
  ): number | CallError {
    const name = `${ownerOf(arriving.about.ref, arriving.about.session)} ${arriving.key}`
    const kept = fresh.get(name)
    if (kept !== undefined)
      return isRepetition(kept.parts.core.bytes, arriving.core) ? kept.index : keyTaken()
    if (known !== undefined)
      return isRepetition(this.#parts.store.core(known)?.bytes, arriving.core) ? known : keyTaken()
    const index = this.#head.size + fresh.size
    fresh.set(name, sealEntry(this.#parts.sha256, index, arriving))
    return index
  }

  #grow(leaves: readonly StoredLeaf[], nowMs: number): void {
    const { sha256, store, guard } = this.#parts
    const nodes: Node[] = []
    let edge = this.#edge
    for (const { leafHash } of leaves) {
      const [next, completed] = appendLeaf(sha256, edge, leafHash)
      edge = next
      nodes.push(...completed)
    }
    const from = this.#head
    // A clock set back while we run must not make the log's own time go back.
    const to = {
      ...from,
      size: edge.size,
      root: edgeRoot(sha256, edge),
      timeMs: Math.max(from.timeMs, nowMs),
    }
    store.grow({ from, to, leaves, nodes, checkpoint: this.#owed })
    guard.note(to)
    this.#head = to
    this.#edge = edge
    this.#checkpoint = this.#sign(to)
    this.#owed = this.#checkpoint
  }

  #sign({ size, root }: Head): StoredCheckpoint {
    const { signer } = this.#parts
    return { size, note: signCheckpoint({ origin: signer.name, size, root }, signer) }
  }

  #orFail<T>(act: () => T): T {
    if (this.#failure !== undefined) throw unavailable(this.#failure)
    try {
      return act()
    } catch (error) {
      this.#failure = error
      throw unavailable(error)
    }
  }
}

/** Whether two records tell of the same act. An erased record can no longer be compared; its key alone decides. */
function isRepetition(known: Uint8Array | undefined, arriving: string): boolean {
  return known === undefined || isSameAct(decodeCore(known), decodeCore(utf8(arriving)))
}

const keyTaken = (): CallError =>
  new CallError('BAD_REQUEST', 'this key names another act that is in the log')

const unavailable = (cause: unknown): CallError =>
  new CallError(
    'LOG_UNAVAILABLE',
    'the consent log could not be written; it must be started again',
    { cause },
  )
