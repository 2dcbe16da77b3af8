import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import {
  blob,
  integer,
  Keyring,
  openDurable,
  openSealed,
  pseudonymOf,
  rows,
  sealBytes,
  text,
  transaction,
  truncateWal,
  type Entry,
  type KeyId,
  type Pseudonym,
} from '#audit'
import type { Account } from '#auth'
import { Private, type RightsId } from '#protocol'
import { bars, type Demand } from './demand.ts'
import type { Kept } from './retention.ts'
import { readDemand, type KeptDemand, type Row, type Work } from './rights-rows.ts'
import { rightsSchema, rightsStatements } from './rights-schema.ts'

/** What somebody wrote of a demand: the person themself, or the operator. Sealed. */
export type Said = { readonly words: string | null; readonly reason: string | null }

/** A demand that is over. */
export type Closed = Exclude<Demand, { state: 'received' }>

export type NewDemand = {
  readonly demand: Demand
  readonly said: Said
  readonly keepDays: number
}

/**
 * rights.db and, in a file of its own, the keys to what is personal in it. Every change is on the disk when its method
 * returns, together with what the log is to be told of it. Disposing it closes both.
 */
export class RightsDatabase implements Disposable {
  readonly #database: DatabaseSync
  readonly #keys: Keyring
  readonly #pseudonym: Pseudonym
  readonly #sql

  constructor(dir: string, master: Buffer) {
    this.#keys = new Keyring(join(dir, 'rights-keys.db'), master)
    this.#database = openDurable(join(dir, 'rights.db'), rightsSchema, true)
    this.#pseudonym = pseudonymOf(master)
    this.#sql = rightsStatements(this.#database)
    this.#finishForgetting()
  }

  /** One account under a name that means nothing without the master key. */
  accountOf({ issuer, subject }: Account): Buffer {
    return this.#pseudonym(issuer, subject.reveal())
  }

  /** Who this is; undefined when nothing is kept of them. */
  whoIs(account: Uint8Array): Account | undefined {
    const row = this.#sql.person.get(account)
    const json = row && this.#open(account, blob(row['who']), 'who')
    if (json === undefined) return undefined
    const { issuer, subject } = JSON.parse(json) as { issuer: string; subject: string }
    return { issuer, subject: new Private(subject) }
  }

  nameOf(account: Uint8Array): string | null {
    const row = this.#sql.person.get(account)
    if (row === undefined || row['name'] === null) return null
    return this.#open(account, blob(row['name']), 'name') ?? null
  }

  demand(id: RightsId): KeptDemand | undefined {
    const row = this.#sql.demand.get(id)
    return row && readDemand(row)
  }

  demandsOf(account: Uint8Array): KeptDemand[] {
    return [...rows(this.#sql.demandsOf, readDemand, account)]
  }

  /** Those that nobody has answered yet. */
  open(): KeptDemand[] {
    return [...rows(this.#sql.open, readDemand)]
  }

  /** Erasures that passed over calls on hold. */
  heldBack(): KeptDemand[] {
    return [...rows(this.#sql.heldBack, readDemand)]
  }

  /** Those that are over, and for how long each is kept. One that still bars its person is not over. */
  closed(): Kept[] {
    return [...rows(this.#sql.closed, readClosed)].flatMap(({ demand, account, days }) =>
      demand.state === 'received' || (account !== null && bars(demand))
        ? []
        : [{ id: demand.id, session: null, endedMs: demand.closedAt, days }],
    )
  }

  saidOf({ account, said, demand }: KeptDemand): Said {
    const json = account && said && this.#open(account, said, demand.id)
    return json ? (JSON.parse(json) as Said) : { words: null, reason: null }
  }

  /** Adds a demand, and the person whose it is; `name`: what they are called from now on. */
  add(who: Account, { demand, said, keepDays }: NewDemand, owed: readonly Entry[], name?: string): void {
    const account = this.accountOf(who)
    const seal = this.#sealing(account)
    const sealedWho = seal(JSON.stringify({ issuer: who.issuer, subject: who.subject.reveal() }), 'who')
    const sealedSaid = isSaid(said) ? seal(JSON.stringify(said), demand.id) : null
    const sealedName = name === undefined ? null : seal(name, 'name')
    this.#write(owed, () => {
      this.#sql.addPerson.run(account, sealedWho)
      if (sealedName !== null) this.#sql.rename.run(sealedName, account)
      this.#sql.addDemand.run(
        demand.id,
        account,
        demand.right,
        demand.how,
        demand.receivedAt,
        demand.isExtended ? 1 : 0,
        demand.state,
        demand.state === 'received' ? null : demand.closedAt,
        keepDays,
        sealedSaid,
        null,
      )
    })
  }

  /** A demand has come further. `said` replaces what was said of it; `name`: what its person is called from now on. */
  change(
    kept: KeptDemand,
    next: Demand,
    owed: readonly Entry[],
    { said, work = kept.work, name }: { said?: Said; work?: Work | null; name?: string } = {},
  ): void {
    const { account } = kept
    const seal = account && this.#sealing(account)
    const words = seal && said && isSaid(said) ? seal(JSON.stringify(said), next.id) : kept.said
    const sealedName = seal && name !== undefined ? seal(name, 'name') : null
    this.#write(owed, () => {
      if (sealedName !== null) this.#sql.rename.run(sealedName, account)
      this.#sql.change.run(
        next.isExtended ? 1 : 0,
        next.state,
        next.state === 'received' ? null : next.closedAt,
        words,
        jsonOf(work),
        next.id,
      )
    })
  }

  /**
   * Forgets a person: who they are, what they settled, what was said of their demands and whose these were, but for an
   * erasure with work left. On return no byte of it is in any file, and nothing opens a copy of it.
   */
  forget(
    account: Uint8Array,
    closed: readonly Closed[],
    owed: readonly Entry[],
    left: { readonly id: RightsId; readonly work: Work } | null,
  ): void {
    this.#write(owed, () => {
      for (const { id, state, closedAt } of closed) this.#sql.close.run(state, closedAt, id)
      this.#sql.dropPerson.run(account)
      this.#sql.unsay.run(account)
      this.#sql.disown.run(account, left?.id ?? '')
      if (left !== null) this.#sql.leave.run(jsonOf(left.work), left.id)
      this.#sql.doom.run(keyOf(account))
    })
    this.#finishForgetting()
  }

  /** What is left of an erasure that passed over calls on hold; with null it has nothing more to do with anybody. */
  leave(id: RightsId, work: Work | null): void {
    this.#write([], () =>
      work === null ? this.#sql.disownOne.run(id) : this.#sql.leave.run(jsonOf(work), id),
    )
    truncateWal(this.#database)
  }

  /** With the last demand goes the person, unless they had their name corrected. */
  remove(id: RightsId): void {
    const account = this.demand(id)?.account ?? null
    this.#write([], () => {
      this.#sql.remove.run(id)
      if (account === null || this.#sql.dropUnused.run(account).changes === 0) return
      this.#sql.doom.run(keyOf(account))
    })
    this.#finishForgetting()
    truncateWal(this.#database)
  }

  /** What the log is still to be told, oldest first. */
  owed(): { readonly n: number; readonly entry: Entry }[] {
    return [
      ...rows(this.#sql.owed, (row) => ({
        n: integer(row['n']),
        entry: JSON.parse(text(row['entry'])) as Entry,
      })),
    ]
  }

  settle(n: number): void {
    this.#write([], () => this.#sql.settle.run(n))
  }

  [Symbol.dispose](): void {
    this.#database.close()
    this.#keys[Symbol.dispose]()
  }

  #write(owed: readonly Entry[], act: () => void): void {
    transaction(this.#database, () => {
      act()
      for (const entry of owed) this.#sql.owe.run(JSON.stringify(entry))
    })
  }

  /** The key is on the disk before anything that it seals. */
  #sealing(account: Uint8Array): (text: string, place: string) => Buffer {
    const key = this.#keys.keyOf(keyOf(account))
    this.#keys.save()
    return (words, place) => sealBytes(key, Buffer.from(words), place)
  }

  #open(account: Uint8Array, sealed: Uint8Array, place: string): string | undefined {
    const key = this.#keys.find(keyOf(account))
    return key && openSealed(key, sealed, place)?.toString()
  }

  /** Also at start, for what a crash interrupted. */
  #finishForgetting(): void {
    const doomed = [...rows(this.#sql.doomed, ({ id }) => text(id) as KeyId)]
    if (doomed.length === 0) return
    this.#keys.drop(doomed)
    truncateWal(this.#database)
    this.#sql.undoom.run()
  }
}

const readClosed = (row: Row) => ({ ...readDemand(row), days: integer(row['keep_days']) })
const keyOf = (account: Uint8Array): KeyId => `${Buffer.from(account).toString('hex')}/who`
const isSaid = ({ words, reason }: Said): boolean => words !== null || reason !== null
const jsonOf = (work: Work | null): string | null => (work === null ? null : JSON.stringify(work))
