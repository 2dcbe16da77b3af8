import type { Account } from '#auth'
import {
  CallError,
  newId,
  type AboutMe,
  type Erased,
  type OperatorName,
  type OperatorResult,
  type RequestId,
  type Right,
  type RightsId,
  type RightsRequest,
} from '#protocol'
import { Turns } from '#recording'
import { isOverdue } from './deadlines.ts'
import { bars, type Actor, type Demand } from './demand.ts'
import { Demands, requestOf, type Asking } from './demands.ts'
import { partedByHold } from './erasing.ts'
import { Erasures } from './erasures.ts'
import { noSuchIssuer, ownData, refsOf } from './own-data.ts'
import { askedFor, destroyPart } from './own-recordings.ts'
import type { RightsDatabase } from './rights-database.ts'
import { exportEntry, lookedEntry } from './rights-entries.ts'
import type { RightsWorld } from './rights-world.ts'

/** A copy of everything is on its way; `given`, once it is complete. */
export type Access = { readonly about: AboutMe; given(): Promise<void> }

export type OpenRequest = OperatorResult<'rights.list'>['open'][number]

/**
 * What people can do about what is held about them (GDPR art. 15–21). Each act is in the log before its method resolves;
 * one that fails half way leaves a demand open, and the same act again goes on with it. The database is closed by
 * whoever opened it. Rejects LOG_UNAVAILABLE; NOT_FOUND for an issuer that is not configured.
 */
export class RightsOffice {
  readonly #world: RightsWorld
  readonly #database: RightsDatabase
  readonly #demands: Demands
  readonly #erasures: Erasures
  /** One act at a time for each person. */
  readonly #turns = new Turns<string>()

  constructor(world: RightsWorld, database: RightsDatabase) {
    this.#world = world
    this.#database = database
    this.#demands = new Demands(world, database)
    this.#erasures = new Erasures(world, database)
  }

  /** What this person has settled for all their calls. Where that cannot be read, they are not recorded. */
  wishesOf(who: Account): { neverRecorded: boolean; name: string | null } {
    try {
      const neverRecorded = this.#demands.of(who).some(({ demand }) => bars(demand))
      return { neverRecorded, name: this.#database.nameOf(this.#database.accountOf(who)) }
    } catch (cause) {
      this.#world.failed(cause)
      return { neverRecorded: true, name: null }
    }
  }

  see(who: Account): Promise<AboutMe> {
    const demands = this.#demands.of(who)
    const barring = demands.map(({ demand }) => demand).find(bars)
    return ownData(this.#world, who, {
      name: this.#database.nameOf(this.#database.accountOf(who)),
      requests: demands.map((kept) => this.#demands.shown(kept)),
      neverRecorded: barring === undefined ? null : sinceWhen(barring),
    })
  }

  /** Art. 15, 20. Everything, to be handed over; met when `given` was called. */
  access(asking: Asking): Promise<Access> {
    return this.#inTurn(asking.who, async () => {
      const { demand } = await this.#demands.begin(asking, 'access')
      const about = await this.see(asking.who)
      for (const { recordingId, session, tracks } of about.recordings) {
        const person = about.calls.find((call) => call.session === session)?.person
        if (person === undefined || tracks.every(({ destroyedAt }) => destroyedAt !== null)) continue
        const part = { session, person, recordingId }
        await this.#world.log.append(exportEntry(part, demand.id, this.#world.now()))
      }
      return { about, given: () => this.#given(asking, demand.id) }
    })
  }

  /** Art. 16. What they are called from their next call on. */
  correct(asking: Asking, name: string): Promise<RightsRequest> {
    return this.#inTurn(asking.who, async () => {
      const id = this.#demands.fulfil(asking, 'correct', name)
      await this.#demands.tell()
      return this.#demands.shown(this.#demands.find(id))
    })
  }

  /** Art. 18. Never recorded: on at once, off from their next call on. Null where there was nothing to lift. */
  restrict(asking: Asking, on: boolean): Promise<RightsRequest | null> {
    return this.#inTurn(asking.who, async () => {
      const inForce = this.#demands
        .of(asking.who)
        .filter(({ demand }) => demand.state === 'done' && bars(demand))
      if (!on) return this.#lift(asking, inForce.map(({ demand }) => demand))
      const known = inForce.find(({ demand }) => demand.right === 'restrict')
      const id = known?.demand.id ?? this.#demands.fulfil(asking, 'restrict')
      // Before the log is told: what stops a recording waits for nothing.
      await this.#world.calls().withhold(asking.who)
      await this.#demands.tell()
      return this.#demands.shown(this.#demands.find(id))
    })
  }

  /** Art. 21. Until an operator answers, and if they agree, this person is never recorded. */
  object(asking: Asking, words: string | null): Promise<RightsRequest> {
    return this.register(asking, 'object', words)
  }

  /**
   * Art. 17. Also of the call that they are in now. What is on hold is passed over, and goes when that is lifted; throws
   * ON_HOLD where nothing else is left.
   */
  erase(asking: Asking, isAll = false): Promise<Erased> {
    return this.#inTurn(asking.who, async () => {
      const { demand } = await this.#demands.begin(asking, 'erase')
      const known = await refsOf(this.#world, asking.who)
      const { free, held } = await partedByHold(this.#world, known)
      if (held.length > 0 && free.length === 0) {
        await this.#demands.move(demand.id, 'refuse', asking.actor, 'ON_HOLD')
        throw new CallError('ON_HOLD', 'all that is held is kept as evidence for a claim')
      }
      // First, so that nothing new of them comes to be meanwhile.
      await this.#world.calls().withhold(asking.who)
      const refs = await refsOf(this.#world, asking.who)
      this.#erasures.prepare(demand.id, { refs, isAll, by: asking.actor.by })
      const erased = await this.#erasures.carryOut(demand.id)
      await this.#demands.tell()
      return erased
    })
  }

  /** Art. 7(3). What was recorded of them in one recording. Resolves with how many tracks. Throws NOT_FOUND, ON_HOLD. */
  destroy(who: Account, recordingId: RequestId): Promise<number> {
    return this.#inTurn(who, async () => {
      const { log } = this.#world
      for (const { person, session } of await refsOf(this.#world, who)) {
        const own = await log.ask({ what: 'entries', refs: [person] })
        if (!askedFor(own).includes(recordingId)) continue
        if ((await log.ask({ what: 'hold', session: null })).includes(session))
          throw new CallError('ON_HOLD', 'recordingId: its call is on hold')
        return destroyPart(this.#world, { session, person, recordingId }, 'subject-request')
      }
      throw new CallError('NOT_FOUND', 'recordingId: nothing of you is kept')
    })
  }

  /** Takes back what is not answered yet. Throws NOT_FOUND for what is none of theirs. */
  withdraw({ who, actor }: Asking, id: RightsId): Promise<RightsRequest> {
    return this.#inTurn(who, async () => {
      const isOpen = this.#demands
        .of(who)
        .some(({ demand }) => demand.id === id && demand.state === 'received')
      if (!isOpen) throw new CallError('NOT_FOUND', 'id: no open demand of yours')
      return this.#demands.move(id, 'withdraw', actor)
    })
  }

  /** Notes what is to be met, or answered, later. */
  register(asking: Asking, right: Right, words: string | null): Promise<RightsRequest> {
    return this.#inTurn(asking.who, async () => {
      const kept = await this.#demands.begin(asking, right, words)
      if (bars(kept.demand)) await this.#world.calls().withhold(asking.who)
      return this.#demands.shown(kept)
    })
  }

  /** An operator's answer. Throws NOT_FOUND, and BAD_REQUEST where it cannot be given any more, or by this alone. */
  async answer(
    id: RightsId,
    act: 'extend' | 'refuse' | 'done',
    actor: Actor,
    reason: string,
  ): Promise<RightsRequest> {
    const { account, demand } = this.#demands.find(id)
    if (account === null) throw new CallError('NOT_FOUND', 'id: its person has been erased')
    if (act === 'done' && demand.right !== 'object' && demand.right !== 'access')
      throw new CallError('BAD_REQUEST', `id: to ${demand.right} is done by doing it`)
    return this.#turns.run(hex(account), () => this.#demands.move(id, act, actor, reason))
  }

  /** What nobody has answered yet, the most urgent first. */
  list(): OpenRequest[] {
    const now = this.#world.now()
    return this.#database
      .open()
      .map((kept) => {
        const { words: _, reason: __, ...request } = requestOf(kept, { words: null, reason: null })
        return { ...request, isOverdue: isOverdue(kept.demand, now) }
      })
      .toSorted((a, b) => a.dueAt - b.dueAt)
  }

  /** For an operator, who is named in the log: one demand, and everything about whose it is. Throws NOT_FOUND. */
  async show(id: RightsId, by: OperatorName): Promise<OperatorResult<'rights.show'>> {
    const kept = this.#demands.find(id)
    const who = kept.account === null ? undefined : this.#database.whoIs(kept.account)
    await this.#world.log.append(lookedEntry(by, newId.request(), this.#world.now()))
    return {
      request: this.#demands.shown(kept),
      about: who === undefined ? null : await this.see(who),
    }
  }

  /** A hold was lifted: erasures that had passed over its call go on. */
  async lifted(): Promise<void> {
    for (const { account } of this.#database.heldBack())
      if (account !== null) await this.#turns.run(hex(account), () => this.#erasures.goOn(account))
  }

  /** At start: what a crash interrupted is said, and done. */
  async resume(): Promise<void> {
    await this.#erasures.resume()
    await this.#demands.tell()
    await this.lifted()
  }

  async #lift({ actor }: Asking, demands: readonly Demand[]): Promise<RightsRequest | null> {
    let last: RightsRequest | null = null
    for (const { id } of demands) last = await this.#demands.move(id, 'withdraw', actor)
    return last
  }

  /** Unless it was closed while the copy was on its way. */
  #given({ who, actor }: Asking, id: RightsId): Promise<void> {
    return this.#inTurn(who, async () => {
      if (this.#demands.find(id).demand.state === 'received')
        await this.#demands.move(id, 'done', actor)
    })
  }

  async #inTurn<T>(who: Account, act: () => Promise<T>): Promise<T> {
    if (this.#world.controllerOf(who.issuer) === undefined) throw noSuchIssuer()
    if (this.#world.log.state !== 'open')
      throw new CallError('LOG_UNAVAILABLE', 'the consent log cannot be written')
    return this.#turns.run(hex(this.#database.accountOf(who)), act)
  }
}

const sinceWhen = (demand: Demand): NonNullable<AboutMe['neverRecorded']> => ({
  since: 'closedAt' in demand ? demand.closedAt : demand.receivedAt,
  by: demand.right === 'restrict' ? 'restriction' : 'objection',
})

const hex = (account: Uint8Array): string => Buffer.from(account).toString('hex')
