import { treeOf, type ConsentLog } from '#audit'
import {
  CallError,
  type Consistency,
  type Params,
  type Receipt,
  type SessionId,
  type Tree,
} from '#protocol'
import { bindingOf } from './binding.ts'
import type { Peer } from './peer.ts'

type World = {
  readonly log: ConsentLog
  readonly session: { readonly id: SessionId }
  /** What pages are shown may have changed. */
  readonly changed: () => void
}

/** What people get to hold in their own hands: a key that is theirs, and proof of what they said. */
export class Evidence {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /**
   * From now on this page can say yes. Throws SIGNATURE_INVALID; LOG_DIFFERS when the page has seen a tree that this log
   * never was.
   */
  async bind(peer: Peer, params: Params<'session.bind'>): Promise<Consistency> {
    const { log, session, changed } = this.#world
    const binding = bindingOf(peer, session.id, params)
    const consistency = await log.ask({ what: 'consistency', seen: params.seen })
    if (consistency === null) throw logDiffers()
    peer.saw(params.seen)
    peer.saw(treeOf(consistency.checkpoint))
    peer.binding = binding
    changed()
    return consistency
  }

  /**
   * Receipts of these entries, all of one tree, and the way to it from the one that the page has seen. Entries of which
   * nothing is left are left out. Throws LOG_DIFFERS.
   */
  async receipts(
    peer: Peer,
    indexes: readonly number[],
    seen: Tree,
  ): Promise<{ receipts: { index: number; receipt: Receipt }[]; consistency: Consistency }> {
    const answer = await this.#world.log.ask({ what: 'receipts', indexes, seen })
    if (answer === null) throw logDiffers()
    const { receipts, consistency } = answer
    peer.saw(treeOf(consistency.checkpoint))
    return {
      receipts: receipts.flatMap((receipt, i) =>
        receipt === null ? [] : [{ index: indexes[i]!, receipt }],
      ),
      consistency,
    }
  }

  /** The receipt of one decision, and the way to its tree from the one that the page has seen. Throws LOG_DIFFERS. */
  async afterDecision(
    peer: Peer,
    index: number,
    seen: Tree,
  ): Promise<{ index: number; receipt: Receipt; consistency: Consistency }> {
    const { receipts, consistency } = await this.receipts(peer, [index], seen)
    const [first] = receipts
    if (first === undefined) throw new CallError('NOT_FOUND', 'there is nothing left to prove')
    return { ...first, consistency }
  }
}

const logDiffers = (): CallError =>
  new CallError('LOG_DIFFERS', 'seen: this log was never that tree')
