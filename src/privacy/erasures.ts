import { CallError, type Erased, type RightsId } from '#protocol'
import { step, type Demand } from './demand.ts'
import { requestOf } from './demands.ts'
import { destroyParts, eraseRefs, partedByHold } from './erasing.ts'
import type { Closed, RightsDatabase } from './rights-database.ts'
import { demandEntry } from './rights-entries.ts'
import type { KeptDemand, OwnRef, Work } from './rights-rows.ts'
import type { RightsWorld } from './rights-world.ts'

/** Demands to be erased, carried out step by step: each can be taken again, so that a crash leaves an open demand. */
export class Erasures {
  readonly #world: RightsWorld
  readonly #database: RightsDatabase

  constructor(world: RightsWorld, database: RightsDatabase) {
    this.#world = world
    this.#database = database
  }

  /** Notes what has to go, so that it can be gone on with when nobody knows any more whose it was. */
  prepare(id: RightsId, { refs, isAll, by }: Work): void {
    const kept = this.#mustFind(id)
    const all = [...(kept.work?.refs ?? []), ...refs].map(({ person, session }) => ({ person, session }))
    const once = [...new Map(all.map((ref) => [ref.person, ref])).values()]
    this.#database.change(kept, kept.demand, [], { work: { refs: once, isAll, by } })
  }

  /** Everything of it that may go is gone on return. What the log is to be told of it is still owed. */
  async carryOut(id: RightsId): Promise<Erased> {
    const { demand, account, work } = this.#mustFind(id)
    if (account === null || work === null) throw new CallError('NOT_FOUND', 'id: nothing to erase')
    const { held, ...erased } = await this.#erase(work)
    const now = this.#world.now()
    const done = { ...step(demand, 'done', now), closedAt: now } as Closed
    const moot = this.#database
      .demandsOf(account)
      .filter((other) => other.demand.state === 'received' && other.demand.id !== id)
      .map((other) => ({ ...step(other.demand, 'withdraw', now), closedAt: now }) as Closed)
    const closed = [done, ...moot]
    const left = held.length === 0 ? null : { id, work: { ...work, refs: held } }
    const actor = { how: demand.how, by: work.by }
    const owed = closed.map((one) => demandEntry(one, actor, now))
    this.#database.forget(account, closed, owed, left)
    const request = requestOf({ demand: done, work: left?.work ?? null }, { words: null, reason: null })
    return { request, ...erased }
  }

  /** At start: those that a crash interrupted. */
  async resume(): Promise<void> {
    for (const { demand, work } of this.#database.open())
      if (demand.right === 'erase' && work !== null) await this.carryOut(demand.id)
  }

  /** What a hold kept back of this account's erasures. */
  async goOn(account: Uint8Array): Promise<void> {
    for (const { demand, work } of this.#database.demandsOf(account)) {
      if (!isPassedOver(demand) || work === null) continue
      const { held } = await this.#erase(work)
      this.#database.leave(demand.id, held.length === 0 ? null : { ...work, refs: held })
    }
  }

  async #erase({ refs, isAll }: Work): Promise<Omit<Erased, 'request'> & { readonly held: OwnRef[] }> {
    const parted = await partedByHold(this.#world, refs)
    const tracks = await destroyParts(this.#world, parted.free)
    const { whole, proof, ...erased } = await eraseRefs(this.#world, parted.free, isAll)
    const held = [...parted.held, ...erased.held]
    const onHold = held.map(({ session }) => ({ session, why: 'hold', until: null }) as const)
    return { held, tracks, whole, stays: [...proof, ...onHold] }
  }

  #mustFind(id: RightsId): KeptDemand {
    const kept = this.#database.demand(id)
    if (kept === undefined) throw new CallError('NOT_FOUND', 'id: no such demand')
    return kept
  }
}

const isPassedOver = ({ right, state }: Demand): boolean => right === 'erase' && state === 'done'
