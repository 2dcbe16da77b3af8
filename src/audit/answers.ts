import { CallError } from '#protocol'
import { toBase64, type Sha256 } from './bytes.ts'
import type { StoredOpening } from './check-openings.ts'
import type { Opening } from './commitment.ts'
import { decodeCore } from './entry.ts'
import { Erasure } from './erasure.ts'
import type { ErasureJournal } from './erasure-journal.ts'
import { parseJwk, type PublicJwk } from './jwk.ts'
import {
  consistencyFromNodes,
  inclusionFromNodes,
  rootFromNodes,
  type NodeHash,
} from './node-proofs.ts'
import { formatOpening } from './opening.ts'
import { decodeProof } from './proof.ts'
import type { Answer, Consistency, Question, Receipt } from './questions.ts'
import type { Sequencer, Tombstone } from './sequencer.ts'
import type { SqliteStore } from './sqlite-store.ts'
import type { StoredCheckpoint } from './store.ts'
import { readRequest } from './statements.ts'
import { encodeEntryBundle, encodeHashTile, fullWidth, hasTile, type Tile } from './tiles.ts'
import { formatProof } from './tlog-proof.ts'
import type { TreeName } from './tree.ts'
import { VaultQueries } from './vault-queries.ts'

type Parts = {
  readonly sha256: Sha256
  readonly sequencer: Sequencer
  readonly store: SqliteStore
  readonly master: Buffer
  readonly journal: ErasureJournal
  readonly now: () => number
  /** The order in which tombstones are said must not tell whose they are. */
  readonly shuffle: (tombstones: Tombstone[]) => Tombstone[]
}

/** Answers what the log's thread is asked, between two commits. Throws CallError; anything else is a fault of the disk. */
export class Answers {
  readonly #parts: Parts
  readonly #queries: VaultQueries
  readonly #erasure: Erasure

  constructor(parts: Parts) {
    const { vault } = parts.store
    this.#parts = parts
    this.#queries = new VaultQueries(vault.database, vault.keys, parts.master)
    this.#erasure = new Erasure(vault.database, vault.keys, parts.journal)
  }

  to(question: Question): Answer {
    switch (question.what) {
      case 'receipts': {
        const { indexes, seen } = question
        const tree = this.#treeWith(Math.max(seen.size, ...indexes.map((index) => index + 1)))
        const consistency = this.#consistency(seen, tree)
        return (
          consistency && {
            receipts: indexes.map((index) => this.#receipt(index, tree)),
            consistency,
          }
        )
      }
      case 'consistency':
        return this.#consistency(question.seen, this.#parts.sequencer.checkpoint)
      case 'proof':
        return question.from === question.size
          ? []
          : consistencyFromNodes(
              this.#parts.sha256,
              this.#node,
              question.from,
              question.size,
            )
      case 'tile':
        return this.#tile(question.tile)
      case 'people':
        return this.#queries.people(question.issuer, question.account)
      case 'entries':
        return this.#queries.entriesOf(question.refs)
      case 'session':
        return this.#queries.entriesIn(question.session)
      case 'evidence':
        return this.#queries.evidence()
      case 'erase': {
        const { target, reason } = question
        if ('refs' in target) return this.#erasure.ofPeople(target.refs, reason)
        return 'session' in target
          ? this.#erasure.ofSession(target.session, reason)
          : this.#erasure.ofServer(target.beforeMs, reason)
      }
      case 'hold':
        return question.session === null
          ? this.#erasure.holds()
          : this.#erasure.hold(question.session, question.isHeld)
      case 'pending':
        return this.#erasure.pending().length
      case 'bury':
        return this.#bury()
      case 'published':
        return this.#treeWith(0).note
      case 'snapshot':
        return this.#snapshot(question.dir)
      case 'cosign':
        return this.#cosign(question)
    }
  }

  recover(buried: readonly Tombstone[]): void {
    this.#erasure.recover(buried)
  }

  /** A tree that covers so many entries: the one that witnesses have seen, if it does. */
  #treeWith(size: number): StoredCheckpoint {
    const { sequencer, store } = this.#parts
    const cosigned = store.tree.cosigned
    return cosigned !== undefined && cosigned.size >= size ? cosigned : sequencer.checkpoint
  }

  #receipt(index: number, { note: checkpoint, size }: StoredCheckpoint): Receipt | null {
    const { sha256, store } = this.#parts
    const kept = store.vault.openingOf(index)
    if (kept === undefined || index >= size) return null
    const hashes = inclusionFromNodes(sha256, this.#node, index, size)
    return {
      tlogProof: formatProof({ index, hashes, checkpoint }),
      opening: formatOpening({
        opening: kept.opening,
        statementJwk: this.#statementKey(kept.opening),
        notice: this.#notice(kept),
      }),
    }
  }

  #notice({ opening: { core } }: StoredOpening): Uint8Array | undefined {
    if ('digest' in core) return undefined
    const record = decodeCore(core.bytes)
    const hash =
      record.type === 'request'
        ? record.notice.sha256
        : record.type === 'decision'
          ? record.noticeSha256
          : undefined
    return hash === undefined
      ? undefined
      : this.#parts.store.vault.notice(Uint8Array.fromHex(hash))
  }

  #statementKey({ proof }: Opening): PublicJwk | undefined {
    if ('digest' in proof || proof.bytes.length === 0) return undefined
    const { kid } = readRequest(decodeProof(proof.bytes).requestJws).jws
    const jwk = this.#parts.store.vault.statementKey(kid)
    return jwk === undefined ? undefined : parseJwk(JSON.parse(jwk))
  }

  #consistency(
    seen: TreeName,
    { note: checkpoint, size }: StoredCheckpoint,
  ): Consistency | null {
    const { sha256 } = this.#parts
    if (seen.size > size || toBase64(rootFromNodes(sha256, this.#node, seen.size)) !== seen.root)
      return null
    const isSame = seen.size === 0 || seen.size === size
    const hashes = isSame ? [] : consistencyFromNodes(sha256, this.#node, seen.size, size)
    return { checkpoint, hashes: hashes.map(toBase64) }
  }

  #tile(tile: Tile): Uint8Array | null {
    const { sequencer, store } = this.#parts
    if (!hasTile(tile, sequencer.size)) return null
    if (tile.holds === 'hashes') return encodeHashTile(this.#node, tile)
    return encodeEntryBundle(store.tree.entries(tile.index * fullWidth, tile.width))
  }

  #bury(): number {
    const { sequencer, shuffle, now } = this.#parts
    // What a reader had held up: it is not said to be gone before it is.
    this.#erasure.finish()
    const pending = this.#erasure.pending()
    sequencer.bury(shuffle(pending), now())
    this.#erasure.settle(pending)
    return pending.length
  }

  /** Between two commits, so that no leaf is without what opens it. */
  #snapshot(dir: string): number {
    const { sequencer, store } = this.#parts
    sequencer.flush()
    store.copyInto(dir)
    return sequencer.size
  }

  /** A row of its own checkpoint may still be owed: it is written first, so that there is one to add to. */
  #cosign({ size, line }: { readonly size: number; readonly line: string }): boolean {
    const { sequencer, store } = this.#parts
    if (size === sequencer.size) sequencer.flush()
    return store.tree.cosign(size, line)
  }

  readonly #node: NodeHash = (level, i) => {
    const hash = this.#parts.store.nodeHash(level, i)
    if (hash !== undefined) return hash
    throw new CallError('LOG_CORRUPT', `the tree lacks node ${level}/${i}; run assent verify`)
  }
}
