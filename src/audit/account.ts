import { CallError } from '#protocol'
import { Flaw } from './flaw.ts'
import { isWhole, parseLeaf, type Leaf } from './leaf.ts'
import type { Tombstone } from './sequencer.ts'
import type { Store } from './store.ts'

/** Accounts for every entry while the tree is read: it can be opened, or it was erased and that is said. */
export class Account {
  /** What the tree says of erasures. */
  readonly buried: Tombstone[] = []
  readonly #opened: Iterator<number>
  readonly #unopened = new Set<number>()
  readonly #pending: ReadonlySet<number>
  #next: number | undefined

  constructor(store: Store) {
    this.#opened = store.opened()[Symbol.iterator]()
    this.#next = this.#advance()
    this.#pending = new Set(store.pending())
  }

  /** Leaves come in order. Throws LOG_CORRUPT for one that is of no kind that is known. */
  read(index: number, bytes: Uint8Array): void {
    const leaf = leafIn(index, bytes)
    const isOpened = this.#next === index
    if (isOpened) this.#next = this.#advance()
    switch (leaf.kind) {
      case 'record':
        if (!isOpened && !this.#pending.has(index)) this.#unopened.add(index)
        return
      case 'erasure':
        this.buried.push({ index: leaf.index, reason: leaf.reason })
        if (isWhole(leaf.reason)) this.#unopened.delete(leaf.index)
        return
      case 'shard':
        return
    }
  }

  /** Once all is read. Throws LOG_CORRUPT. */
  refuseUnaccounted(): void {
    // Openings without a leaf are left unread; a statement that is not at its end keeps the database from being tidied.
    this.#opened.return?.()
    const [first] = this.#unopened
    if (first === undefined) return
    throw new CallError(
      'LOG_CORRUPT',
      `leaf ${first} has no opening: vault.db is older than log.db; restore the newer one`,
    )
  }

  #advance(): number | undefined {
    const { value, done } = this.#opened.next()
    return done === true ? undefined : value
  }
}

function leafIn(index: number, bytes: Uint8Array): Leaf {
  try {
    return parseLeaf(bytes)
  } catch (cause) {
    if (!(cause instanceof Flaw)) throw cause
    throw new CallError('LOG_CORRUPT', `leaf ${index}: ${cause.message}; run assent verify`, { cause })
  }
}
