import { toHex } from '../../src/audit/bytes.ts'
import type { PublicJwk } from '../../src/audit/jwk.ts'
import type {
  Act,
  Growth,
  Head,
  KeptOpening,
  Store,
  StoredCheckpoint,
  StoredCore,
  StoredLeaf,
} from '../../src/audit/store.ts'

/** What is on the disk: it outlives the store that wrote it. */
export class MemoryDisk {
  head: Head
  readonly leaves: StoredLeaf[] = []
  readonly nodes = new Map<string, Uint8Array>()
  readonly checkpoints = new Map<number, string>()
  readonly openings = new Map<number, KeptOpening>()
  readonly notices = new Map<string, Uint8Array>()
  readonly keys = new Map<string, number>()
  readonly statementKeys = new Map<string, string>()

  constructor(root: Uint8Array) {
    this.head = { size: 0, root, timeMs: 0, epoch: 0 }
  }
}

/** A store without a disk, held to the same contract as the real one. */
export class MemoryStore implements Store {
  readonly #disk: MemoryDisk

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  head(): Head {
    return this.#disk.head
  }

  claim(): Head {
    this.#disk.head = { ...this.#disk.head, epoch: this.#disk.head.epoch + 1 }
    return this.#disk.head
  }

  leaves(): Iterable<StoredLeaf> {
    return [...this.#disk.leaves]
  }

  lastCheckpoint(): StoredCheckpoint | undefined {
    const size = Math.max(-1, ...this.#disk.checkpoints.keys())
    const note = this.#disk.checkpoints.get(size)
    return note === undefined ? undefined : { size, note }
  }

  gateRecords(): Iterable<StoredCore> {
    return [...this.#disk.openings.keys()]
      .toSorted((a, b) => a - b)
      .map((index) => this.core(index)!)
      .filter(({ bytes }) => /"type":"(gate|effect)-/.test(new TextDecoder().decode(bytes)))
  }

  core(index: number): StoredCore | undefined {
    const kept = this.#disk.openings.get(index)
    return kept && { index, bytes: kept.parts.core.bytes }
  }

  indexesOf(acts: readonly Act[]): (number | undefined)[] {
    return acts.map(({ owner, keySha256 }) => this.#disk.keys.get(`${owner} ${toHex(keySha256)}`))
  }

  nodeHash(level: number, i: number): Uint8Array | undefined {
    return this.#disk.nodes.get(`${level}/${i}`)
  }

  opened(): Iterable<number> {
    return [...this.#disk.openings.keys()].toSorted((a, b) => a - b)
  }

  /** Nothing is ever erased here. */
  pending(): Iterable<number> {
    return []
  }

  dropOrphans(size: number): void {
    for (const index of this.#disk.openings.keys())
      if (index >= size) this.#disk.openings.delete(index)
    for (const [key, index] of this.#disk.keys) if (index >= size) this.#disk.keys.delete(key)
  }

  keep(openings: readonly KeptOpening[]): void {
    const taken = openings.some(
      ({ index, owner, keySha256 }) =>
        this.#disk.openings.has(index) || this.#disk.keys.has(`${owner} ${toHex(keySha256)}`),
    )
    if (taken) throw new Error('an opening or a key is there already')
    for (const opening of openings) {
      this.#disk.openings.set(opening.index, opening)
      this.#disk.keys.set(`${opening.owner} ${toHex(opening.keySha256)}`, opening.index)
      if (opening.notice !== undefined)
        this.#disk.notices.set(toHex(opening.notice.sha256), opening.notice.bytes)
    }
  }

  grow({ from, to, leaves, nodes, checkpoint }: Growth): void {
    const { head } = this.#disk
    if (head.size !== from.size || head.epoch !== from.epoch)
      throw new Error('another writer has opened this log')
    if (leaves.some(({ index }, i) => index !== head.size + i))
      throw new Error('a leaf out of place')
    if (checkpoint !== undefined) this.putCheckpoint(checkpoint)
    this.#disk.leaves.push(...leaves)
    for (const { level, i, hash } of nodes) this.#disk.nodes.set(`${level}/${i}`, hash)
    this.#disk.head = to
  }

  putCheckpoint({ size, note }: StoredCheckpoint): void {
    const known = this.#disk.checkpoints.get(size)
    if (known !== undefined && !known.startsWith(note))
      throw new Error('another checkpoint of this size')
    this.#disk.checkpoints.set(size, known ?? note)
  }

  keepStatementKey(kid: string, jwk: PublicJwk): void {
    this.#disk.statementKeys.set(kid, JSON.stringify(jwk))
  }

  [Symbol.dispose](): void {}
}
