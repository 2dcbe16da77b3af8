import type { SignedDecision } from '#audit'
import { decisionProblem, type Consent, type Input } from '#consent'
import { CallError, type Params, type PersonId, type Sha256 } from '#protocol'
import { logUnavailable } from './asking-rules.ts'
import type { Done } from './effects.ts'
import { sha256, type PageRequests } from './page-requests.ts'
import type { Peer } from './peer.ts'

type World = {
  readonly requests: PageRequests
  readonly consent: () => Consent
  readonly dispatch: (input: Input) => void
  readonly now: () => number
  readonly failed: (cause: unknown) => void
}

/** What people of one call decide: which words are theirs, in which order, and where they stand in the log. */
export class Decisions {
  readonly #world: World
  readonly #signed = new Map<Sha256, SignedDecision>()
  readonly #places = new Map<Sha256, Promise<number>>()
  readonly #last = new Map<PersonId, Sha256>()
  readonly #newest = new Map<PersonId, Promise<number>>()
  readonly #all = new Map<PersonId, Promise<number>[]>()

  constructor(world: World) {
    this.#world = world
  }

  /**
   * Resolves with the log index when the decision is durable. A no takes effect before that, signed or not; a yes that is
   * not signed is none. The same words again are the same decision.
   */
  async take(peer: Peer, answer: Params<'consent.decide'>): Promise<number> {
    const { requests, consent, dispatch, now } = this.#world
    const { person } = peer
    const { requestId, noticeSha256, decision, decisionJws } = answer
    const repeated = decisionJws && this.#places.get(sha256(decisionJws))
    if (repeated) return repeated
    const isSigned = decisionJws !== undefined
    const problem = decisionProblem(consent(), person, { ...answer, isSigned }, now())
    if (problem !== null) throw new CallError(problem, 'decision: cannot be taken')
    const signed = this.#signedBy(peer, answer)
    const hash = signed && sha256(signed.read.proof.decisionJws)
    if (signed !== null && hash !== null) {
      this.#signed.set(hash, signed)
      requests.answered(peer, signed)
    }
    dispatch({ type: 'decide', person, requestId, noticeSha256, decision, signed: hash })
    const index = await this.#newest.get(person)
    if (index === undefined) throw new CallError('NOT_FOUND', 'decision: there is none to change')
    return index
  }

  /** The person's last signed decision: the next one must follow it. */
  prev(person: PersonId): Sha256 | null {
    return this.#last.get(person) ?? null
  }

  signed(hash: Sha256 | null): SignedDecision | undefined {
    return hash === null ? undefined : this.#signed.get(hash)
  }

  /** All of them that are durable, silence included. */
  async all(person: PersonId): Promise<number[]> {
    const settled = await Promise.allSettled(this.#all.get(person) ?? [])
    return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** The machine has taken it: `done` resolves when it is durable. */
  took(person: PersonId, hash: Sha256 | null, done: Promise<Done>): void {
    const place = done.then(({ index }) => {
      if (index === null) throw logUnavailable()
      return index
    })
    place.catch(() => undefined)
    this.#newest.set(person, place)
    this.#all.set(person, [...(this.#all.get(person) ?? []), place])
    if (hash === null) return
    this.#places.set(hash, place)
    this.#last.set(person, hash)
  }
  /** Null for a no that came without a good signature: it counts all the same, on the server's word. */
  #signedBy(
    peer: Peer,
    { requestId, decision, decisionJws }: Params<'consent.decide'>,
  ): SignedDecision | null {
    try {
      if (decisionJws === undefined) return null
      const signed = this.#world.requests.verify(peer, decisionJws, this.prev(peer.person))
      const { request, decision: said } = signed.read
      if (said.decision === decision && request.requestId === requestId) return signed
      throw new CallError('SIGNATURE_INVALID', 'decisionJws: says another thing than this request')
    } catch (cause) {
      if (decision === 'given') throw cause
      this.#world.failed(cause)
      return null
    }
  }
}
