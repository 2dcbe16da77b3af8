import { createHash, randomBytes } from 'node:crypto'
import {
  requestTerms,
  shownNotice,
  treeOf,
  verifyDecision,
  type SignedDecision,
  type StatementKey,
} from '#audit'
import { mayStillSay, type Consent } from '#consent'
import { CallError, Notice, Sha256, type PeerId, type RequestId, type SessionId } from '#protocol'
import type { Peer } from './peer.ts'

/** What one page was asked, as the server signed it. */
type Issued = {
  readonly requestId: RequestId
  readonly noticeSha256: Sha256
  readonly jkt: string
  readonly jws: string
  readonly expiresAt: number
  /** An answer was taken to it; only a withdrawal may repeat its nonce. */
  isAnswered: boolean
}

type World = {
  readonly session: { readonly id: SessionId; readonly startedAt: number }
  readonly statements: StatementKey
  readonly uiSha256: Sha256 | null
  readonly origin: string
  /** The log's newest checkpoint. */
  readonly checkpoint: () => string
  readonly now: () => number
}

/** How long a person has who may say yes on their own, without having been asked again. */
const openMs = 12 * 3_600_000
/** Each nonce is answered once; a person who changes their mind so often is a program. */
const maxPerPage = 64

/** The requests that the pages of one room hold, each signed for one person, one key and one answer. */
export class PageRequests {
  readonly #issued = new Map<PeerId, Map<Sha256, Issued>>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** The request that this page may answer now, or withdraw from; null where there is none, or it has no key. */
  current(peer: Peer, consent: Consent, notice: string): string | null {
    const open = mayStillSay(consent, peer.person)
    if (open === null || peer.binding === null || !('run' in consent)) return null
    const { requestId, noticeSha256 } = consent.run
    const { jkt } = peer.binding
    const newest = [...(this.#issued.get(peer.peerId)?.values() ?? [])].findLast(
      (one) => one.requestId === requestId && one.noticeSha256 === noticeSha256 && one.jkt === jkt,
    )
    const isUsable = newest !== undefined && (!newest.isAnswered || open.what === 'withdrawal')
    return isUsable ? newest.jws : this.#issue(peer, consent, notice, open.until)
  }

  /**
   * A page's signed words, checked: by the key that it bound, over a request that it was given, after `prev`. Throws
   * SIGNATURE_INVALID.
   */
  verify(peer: Peer, decisionJws: string, prev: Sha256 | null): SignedDecision {
    const { binding } = peer
    if (binding === null) throw invalid('this page has bound no key')
    const issued = this.#named(peer.peerId, decisionJws)
    if (issued === undefined) throw invalid('it answers no request to this page')
    const { jws: requestJws, isAnswered, expiresAt } = issued
    const { proof } = binding
    const signed = verifyDecision(
      { requestJws, decisionJws, jwk: binding.jwk, ...proof },
      this.#world.statements.jwk,
    )
    const { decision } = signed.read
    if (decision.prev !== prev) throw invalid('it does not follow your last decision')
    if (!peer.hasSeen(decision.seen)) throw invalid('it names a tree that this page was not shown')
    if (decision.decision !== 'withdrawn') {
      if (isAnswered) throw invalid('this request was answered before')
      if (this.#world.now() > expiresAt) throw new CallError('TOO_LATE', 'the request has run out')
    }
    return signed
  }

  /** A decision was taken: its request is not answered again. */
  answered(peer: Peer, signed: SignedDecision): void {
    const issued = this.#issued.get(peer.peerId)?.get(sha256(signed.read.proof.requestJws))
    if (issued !== undefined) issued.isAnswered = true
  }

  forget(peerId: PeerId): void {
    this.#issued.delete(peerId)
  }

  #named(peerId: PeerId, decisionJws: string): Issued | undefined {
    const hash = requestHashIn(decisionJws)
    return hash === undefined ? undefined : this.#issued.get(peerId)?.get(hash)
  }

  #issue(
    peer: Peer,
    consent: Extract<Consent, { run: unknown }>,
    notice: string,
    until: number | null,
  ): string | null {
    const { session, statements, uiSha256, origin, checkpoint, now } = this.#world
    const { requestId, noticeSha256, policy } = consent.run
    const jkt = peer.binding?.jkt
    const ofPage = this.#issued.get(peer.peerId) ?? new Map<Sha256, Issued>()
    if (jkt === undefined || ofPage.size >= maxPerPage) return null
    const shown = Notice.parse(JSON.parse(notice))
    const expiresAt = until ?? now() + openMs
    const jws = statements.signRequest({
      v: 1,
      schema: 'assent:consent-record:1',
      requestId,
      jkt,
      nonce: randomBytes(32).toString('base64url'),
      iat: Math.floor(now() / 1000),
      exp: Math.ceil(expiresAt / 1000),
      origin,
      checkpoint: treeOf(checkpoint()),
      subject: { ref: peer.person },
      session,
      notice: shownNotice(shown, noticeSha256, uiSha256),
      policy,
      validity: shown.validity,
      ...requestTerms(shown),
    })
    ofPage.set(sha256(jws), {
      requestId,
      noticeSha256,
      jkt,
      jws,
      expiresAt: Math.ceil(expiresAt / 1000) * 1000,
      isAnswered: false,
    })
    this.#issued.set(peer.peerId, ofPage)
    return jws
  }
}

/** Read before anything is believed, to find what the rest is checked against. Attacker-controlled. */
function requestHashIn(decisionJws: string): Sha256 | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(decisionJws.split('.')[1] ?? '', 'base64url').toString(),
    )
    const hash: unknown =
      typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'requestSha256') : null
    return Sha256.safeParse(hash).data
  } catch {
    return undefined
  }
}

export const sha256 = (text: string): Sha256 =>
  Sha256.parse(createHash('sha256').update(text, 'utf8').digest('hex'))

const invalid = (why: string): CallError => new CallError('SIGNATURE_INVALID', `decisionJws: ${why}`)
