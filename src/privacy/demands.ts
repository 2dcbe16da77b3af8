import type { Account } from '#auth'
import { CallError, newId, type Right, type RightsId, type RightsRequest } from '#protocol'
import { Turns } from '#recording'
import { dueAt } from './deadlines.ts'
import { step, type Actor, type Demand, type DemandAct } from './demand.ts'
import type { RightsDatabase, Said } from './rights-database.ts'
import { demandEntry } from './rights-entries.ts'
import type { KeptDemand } from './rights-rows.ts'
import type { RightsWorld } from './rights-world.ts'

/** Someone demands something; `receivedAt`: when it came, where that was before now. */
export type Asking = { readonly who: Account; readonly actor: Actor; readonly receivedAt?: number }

/** What people demanded, from its coming to its end. Each step is on the disk, and in the log, when its method resolves. */
export class Demands {
  readonly #world: RightsWorld
  readonly #database: RightsDatabase
  readonly #turns = new Turns<'log'>()

  constructor(world: RightsWorld, database: RightsDatabase) {
    this.#world = world
    this.#database = database
  }

  of(who: Account): KeptDemand[] {
    return this.#database.demandsOf(this.#database.accountOf(who))
  }

  openOf(who: Account, right: Right): KeptDemand | undefined {
    return this.of(who).find(
      ({ demand }) => demand.right === right && demand.state === 'received',
    )
  }

  /** Throws NOT_FOUND. */
  find(id: RightsId): KeptDemand {
    const kept = this.#database.demand(id)
    if (kept === undefined) throw new CallError('NOT_FOUND', 'id: no such demand')
    return kept
  }

  /** The open one of this kind, or a new one. What is said now takes the place of what was said before. */
  async begin(asking: Asking, right: Right, words: string | null = null): Promise<KeptDemand> {
    const said = { words, reason: null }
    const open = this.openOf(asking.who, right)
    if (open === undefined) {
      const demand = newDemand(asking, right, this.#world.now())
      const came = demandEntry(demand, asking.actor, demand.receivedAt)
      this.#database.add(asking.who, { demand, said, keepDays: this.#keepDays(asking) }, [came])
      await this.tell()
      return this.find(demand.id)
    }
    if (words !== null) this.#database.change(open, open.demand, [], { said })
    return this.find(open.demand.id)
  }

  /** What is met by being written down, in one step with its coming. `name`: what they are called from now on. */
  fulfil(asking: Asking, right: 'correct' | 'restrict', name?: string): RightsId {
    const { actor, who } = asking
    const now = this.#world.now()
    const open = this.openOf(who, right)
    const demand = open?.demand ?? newDemand(asking, right, now)
    const done = step(demand, 'done', now)
    const met = demandEntry(done, actor, now)
    if (open === undefined) {
      const owed = [demandEntry(demand, actor, demand.receivedAt), met]
      const said = { words: null, reason: null }
      this.#database.add(who, { demand: done, said, keepDays: this.#keepDays(asking) }, owed, name)
    } else {
      this.#database.change(open, done, [met], name === undefined ? {} : { name })
    }
    return done.id
  }

  /** Throws NOT_FOUND, or BAD_REQUEST where the act does not apply any more. */
  async move(id: RightsId, act: DemandAct, actor: Actor, reason?: string): Promise<RightsRequest> {
    const kept = this.find(id)
    const now = this.#world.now()
    const next = step(kept.demand, act, now)
    if (next === kept.demand)
      throw new CallError('BAD_REQUEST', `id: it is ${kept.demand.state}; too late to ${act}`)
    const said = reason === undefined ? {} : { said: { ...this.#database.saidOf(kept), reason } }
    const state = act === 'extend' ? 'extended' : next.state
    this.#database.change(kept, next, [demandEntry({ ...next, state }, actor, now)], said)
    await this.tell()
    return this.shown(this.find(id))
  }

  /** As its person is shown it. */
  shown(kept: KeptDemand): RightsRequest {
    return requestOf(kept, this.#database.saidOf(kept))
  }

  /** Tells the log what it is owed. What a crash lets it be told twice is one entry all the same. */
  tell(): Promise<void> {
    return this.#turns.run('log', async () => {
      for (const { n, entry } of this.#database.owed()) {
        await this.#world.log.append(entry)
        this.#database.settle(n)
      }
    })
  }

  #keepDays({ who }: Asking): number {
    return this.#world.controllerOf(who.issuer)?.rightsRequestDays ?? 0
  }
}

const newDemand = ({ actor, receivedAt }: Asking, right: Right, now: number): Demand => ({
  id: newId.rights(),
  right,
  how: actor.how,
  receivedAt: receivedAt ?? now,
  isExtended: false,
  state: 'received',
})

export const requestOf = (
  { demand, work }: Pick<KeptDemand, 'demand' | 'work'>,
  { words, reason }: Said,
): RightsRequest => ({
  id: demand.id,
  right: demand.right,
  how: demand.how,
  receivedAt: demand.receivedAt,
  dueAt: dueAt(demand.receivedAt, demand.isExtended),
  isExtended: demand.isExtended,
  state: demand.state,
  closedAt: demand.state === 'received' ? null : demand.closedAt,
  words,
  reason,
  heldBack: demand.state === 'done' && work !== null ? work.refs.map(({ session }) => session) : [],
})
