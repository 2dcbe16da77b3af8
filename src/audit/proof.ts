import { toHex, utf8, type Sha256 } from './bytes.ts'
import { sha256Hex } from './fields.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import { parseJwk, thumbprint, type PublicJwk } from './jwk.ts'
import { readJson, verifyJws, type Jws } from './jws.ts'
import type { RecordOf } from './records.ts'
import { object, optional, text, type Of } from './shape.ts'
import {
  readDecision,
  readJoin,
  readRequest,
  type DecisionClaims,
  type RequestClaims,
} from './statements.ts'

const compact = text(65_536)
const proof = object({
  requestJws: compact,
  decisionJws: compact,
  jwk: parseJwk,
  /**
   * The person's key says that it is theirs; or the server says that the token with this hash names it (RFC 7800 §3.1):
   * the token is not here, so nothing checks that. One of the two.
   */
  joinJws: optional(compact),
  tokenSha256: optional(sha256Hex),
})

/** What proves that a person decided, and not the server: the `proof` part of a decision's record. */
export type Proof = Of<typeof proof>

/** A proof that has been read: its statements belong together; the signatures under them remain to be checked. */
export type ReadProof = {
  readonly proof: Proof
  readonly request: RequestClaims
  readonly decision: DecisionClaims
  /** Names the decision: whoever repeats it says the same thing once. */
  readonly decisionSha256: string
  readonly signatures: readonly Signature[]
}
export type Signature = {
  readonly by: 'participant' | 'server'
  readonly jws: Jws
  readonly jwk: PublicJwk
}

/** Throws Flaw for what no verifier would take. */
export const encodeProof = (value: Proof): string => JSON.stringify(proof(value, 'proof'))
export const decodeProof = (bytes: Uint8Array): Proof => readJson(bytes, proof, 'proof')

/**
 * Whether these statements are one act: this person, with this key, answered this request of this server. Throws Flaw
 * with the first link that does not hold.
 */
export function readProof(sha256: Sha256, of: Proof, statementJwk: PublicJwk): ReadProof {
  const { requestJws, decisionJws, jwk, joinJws, tokenSha256 } = of
  if ((joinJws === undefined) === (tokenSha256 === undefined))
    throw new Flaw('decision-key-unbound', 'nothing, or two things, tie the key to the person')
  const request = readRequest(requestJws)
  const decision = readDecision(decisionJws)
  const jkt = thumbprint(sha256, jwk)
  const asked = request.claims
  const said = decision.claims
  const links: readonly Link[] = [
    ['request-key', request.jws.kid === thumbprint(sha256, statementJwk), 'the request names another key of the server'],
    ['decision-key', decision.jws.kid === jkt && asked.jkt === jkt, 'another key than the one that was asked'],
    ['decision-request', said.requestSha256 === hashOf(sha256, requestJws), 'answers another request'],
    ['decision-nonce', said.nonce === asked.nonce, 'repeats another nonce'],
    ['decision-notice', said.noticeSha256 === asked.notice.sha256, 'answers another notice'],
    ['decision-session', said.sid === asked.session.id, 'was made in another call'],
    ['decision-subject', said.sub === asked.subject.ref, 'was made by someone else'],
    ['decision-origin', said.origin === asked.origin, 'is meant for another log'],
    // A person can take a yes back at any time.
    ['decision-late', said.decision === 'withdrawn' || said.iat <= asked.exp, 'came too late'],
  ]
  refuseBroken(links)
  return {
    proof: of,
    request: asked,
    decision: said,
    decisionSha256: hashOf(sha256, decisionJws),
    signatures: [
      { by: 'server', jws: request.jws, jwk: statementJwk },
      { by: 'participant', jws: decision.jws, jwk },
      ...(joinJws === undefined ? [] : [joinOf(joinJws, said, jkt, jwk)]),
    ],
  }
}

/** Whether the record in the log says what the person signed. Throws Flaw. */
export function checkRecord({ decision, request }: ReadProof, core: RecordOf<'decision'>): void {
  const { event } = core
  refuseBroken([
    ['record-decision', event.state === decision.decision, 'the record says another decision'],
    ['record-request', core.requestId === request.requestId, 'the record is of another request'],
    ['record-subject', core.subject.ref === decision.sub, 'the record is of another person'],
    ['record-session', core.session.id === decision.sid, 'the record is of another call'],
    ['record-notice', core.noticeSha256 === decision.noticeSha256, 'the record names another notice'],
    // Until when is what was promised. From when is the server's clock, which may have been set back since it asked.
    ['record-validity', event.state !== 'given' || event.validity.until === request.validity.until, 'the record holds for another time'],
    ['record-prev', (core.prev ?? null) === decision.prev, 'the record follows another decision'],
  ])
}

/** Throws Flaw `jws-signature` for the first one that is wrong. */
export async function verifySignatures({ signatures }: ReadProof): Promise<void> {
  for (const { jws, jwk } of signatures) await verifyJws(jws, jwk)
}

/** Lower-case hex over the exact text, as all hashes in statements are. */
export const hashOf = (sha256: Sha256, text: string): string => toHex(sha256(utf8(text)))

type Link = readonly [code: FlawCode, holds: boolean, otherwise: string]

function refuseBroken(links: readonly Link[]): void {
  for (const [code, holds, otherwise] of links) if (!holds) throw new Flaw(code, otherwise)
}

function joinOf(text: string, { sid, sub }: DecisionClaims, jkt: string, jwk: PublicJwk): Signature {
  const { claims, jws } = readJoin(text)
  refuseBroken([
    ['join-key', jws.kid === jkt, 'another key joined'],
    ['join-session', claims.sid === sid && claims.sub === sub, 'it joined another call, or as someone else'],
  ])
  return { by: 'participant', jws, jwk }
}
