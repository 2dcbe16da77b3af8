import type { Principal } from '#auth'
import type { SubjectRecord } from '#audit'
import { newId, type Event, type PeerId, type PersonId } from '#protocol'
import type { Peer } from './peer.ts'

/** Who is in one call. A page has a peer id; whoever sits behind it, on however many pages, is one person. */
export class Roster {
  readonly #peers = new Map<PeerId, Peer>()
  /** Whoever was in this call keeps their id for as long as it lasts: a decision outlives a reconnect. */
  readonly #people = new Map<string, PersonId>()
  readonly #subjects = new Map<PersonId, SubjectRecord>()

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
    const key = keyOf(principal)
    const person = this.#people.get(key) ?? newId.person()
    this.#people.set(key, person)
    return person
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
  present(): ReadonlyMap<PersonId, { readonly minor: boolean; readonly name: string }> {
    const minors = new Set(
      this.all.filter(({ principal }) => principal.minor).map(({ person }) => person),
    )
    return new Map(
      this.all.map(({ person, name }) => [person, { minor: minors.has(person), name }]),
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

const keyOf = ({ issuer, subject }: Principal): string => `${issuer}\n${subject.reveal()}`
