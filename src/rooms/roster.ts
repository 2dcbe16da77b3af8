import type { Account, Principal } from '#auth'
import type { SubjectRecord } from '#audit'
import { newId, type Barred, type Event, type PeerId, type PersonId } from '#protocol'
import type { Peer } from './peer.ts'
import type { Wishes } from './wishes.ts'

/** Who is in one call. A page has a peer id; whoever sits behind it, on however many pages, is one person. */
export class Roster {
  readonly #peers = new Map<PeerId, Peer>()
  /** Whoever was in this call keeps their id for as long as it lasts: a decision outlives a reconnect. */
  readonly #people = new Map<string, PersonId>()
  readonly #subjects = new Map<PersonId, SubjectRecord>()
  /** Who asked never to be recorded. */
  readonly #restricted = new Set<PersonId>()

  get size(): number {
    return this.#peers.size
  }

  get all(): readonly Peer[] {
    return [...this.#peers.values()]
  }

  get(peerId: PeerId): Peer | undefined {
    return this.#peers.get(peerId)
  }

  /** Whoever presents the secret of a page, with a token of the same person that says the same of their age. */
  byResume(secret: string, principal: Principal): Peer | undefined {
    return this.all.find(
      ({ resume, person, principal: { minor } }) =>
        resume === secret &&
        minor === principal.minor &&
        this.#people.get(keyOf(principal)) === person,
    )
  }

  personOf(principal: Principal): PersonId {
    const person = this.known(principal) ?? newId.person()
    this.#people.set(keyOf(principal), person)
    return person
  }

  /** Undefined for who never was in this call. */
  known(who: Account): PersonId | undefined {
    return this.#people.get(keyOf(who))
  }

  /** What someone settled elsewhere holds here from now on, on all their pages. */
  heed(person: PersonId, { neverRecorded }: Pick<Wishes, 'neverRecorded'>): void {
    if (neverRecorded) this.#restricted.add(person)
    else this.#restricted.delete(person)
  }

  /** Why this person is never recorded; null for who can be asked. */
  barOf(person: PersonId): Barred | null {
    if (this.pagesOf(person).some(({ principal }) => principal.minor)) return 'minor'
    return this.#restricted.has(person) ? 'restricted' : null
  }

  add(peer: Peer, startedAt: number): void {
    const {
      principal: { subject, issuer, authTime },
      person,
      name,
    } = peer
    this.#peers.set(peer.peerId, peer)
    this.#subjects.set(person, {
      name,
      account: subject.reveal(),
      auth: { method: 'jwt', issuer, time: authTime ?? startedAt },
    })
  }

  /** False when it was not there any more. */
  remove(peer: Peer): boolean {
    return this.#peers.delete(peer.peerId)
  }

  pagesOf(person: PersonId): readonly Peer[] {
    return this.all.filter((peer) => peer.person === person)
  }

  /** Those who are in the call or may be back in it at any moment. */
  present(): ReadonlyMap<PersonId, { readonly barred: Barred | null; readonly name: string }> {
    return new Map(
      this.all.map(({ person, name }) => [person, { barred: this.barOf(person), name }]),
    )
  }

  isHost(person: PersonId): boolean {
    return this.pagesOf(person).some(({ principal }) => principal.grants.host)
  }

  /** For the erasable part of the log: who it was. Also of those who have left. */
  subjectOf(person: PersonId): SubjectRecord {
    return this.#subjects.get(person) ?? {}
  }

  tell(event: Event, except?: PeerId): void {
    for (const peer of this.#peers.values()) if (peer.peerId !== except) peer.send(event)
  }
}

const keyOf = ({ issuer, subject }: Account): string => `${issuer}\n${subject.reveal()}`
