import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { emptyTree, treeOf, verifyDecision, type SignedDecision, type StatementKey } from '#audit'
import {
  decisionClaims,
  hashOf,
  joinClaims,
  parseJwk,
  readRequest,
  statementType,
  thumbprint,
  unsignedJws,
  utf8,
  withSignature,
  type Alg,
  type DecisionClaims,
  type PublicJwk,
  type RecordOf,
  type RequestClaims,
} from '#audit/verify'
import { platformSha256 as sha256 } from '../../src/audit/platform-sha256.ts'
import { requestClaims } from '../../src/audit/statements.ts'

/** What a page does with its own key: join with it, and sign decisions. The real algorithms, without a browser. */
export class PersonKey {
  readonly alg: Alg
  readonly jwk: PublicJwk
  readonly jkt: string
  readonly #key: KeyObject

  constructor(alg: Alg = 'Ed25519') {
    this.alg = alg
    this.#key =
      alg === 'Ed25519'
        ? generateKeyPairSync('ed25519').privateKey
        : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const { crv, kty, x, y } = createPublicKey(this.#key).export({ format: 'jwk' })
    this.jwk = parseJwk(kty === 'OKP' ? { crv, kty, x } : { crv, kty, x, y })
    this.jkt = thumbprint(sha256, this.jwk)
  }

  sign(unsigned: string): string {
    const bytes = utf8(unsigned)
    return withSignature(
      unsigned,
      this.alg === 'Ed25519'
        ? sign(null, bytes, this.#key)
        : sign('sha256', bytes, { key: this.#key, dsaEncoding: 'ieee-p1363' }),
    )
  }

  join(about: { ath: string; sid: string; sub: string; nonce: string; iat?: number }): string {
    const claims = joinClaims({ v: 1, iat: 1000, ...about })
    return this.sign(unsignedJws(statementType.join, this.alg, this.jkt, claims))
  }

  /** `change`: what the page says otherwise than the request wants it to. */
  decide(
    requestJws: string,
    decision: DecisionClaims['decision'],
    change: Partial<DecisionClaims> = {},
  ): string {
    const { claims: asked } = readRequest(requestJws)
    const claims = decisionClaims({
      v: 1,
      decision,
      purposes: [{ id: 'recording', granted: (change.decision ?? decision) === 'given' }],
      requestSha256: hashOf(sha256, requestJws),
      noticeSha256: asked.notice.sha256,
      sid: asked.session.id,
      sub: asked.subject.ref,
      nonce: asked.nonce,
      iat: asked.iat,
      origin: asked.origin,
      seen: emptyTree,
      prev: null,
      ...change,
    })
    return this.sign(unsignedJws(statementType.decision, this.alg, this.jkt, claims))
  }
}

/** A server's key that lies in no file. */
export function newStatementKey(): StatementKey {
  const key = new PersonKey()
  return {
    jwk: key.jwk,
    signRequest: (claims) =>
      key.sign(unsignedJws(statementType.request, 'Ed25519', key.jkt, requestClaims(claims))),
  }
}

/** What a server signs for whoever this record asks. */
export const asked = (
  core: RecordOf<'request'>,
  log: { readonly origin: string; readonly checkpoint: string },
): Omit<RequestClaims, 'jkt' | 'nonce'> => {
  const { schema, recordId: _, type: __, event, session, requestId, subject, ...rest } = core
  const { time, validity } = event
  return {
    v: 1,
    schema,
    requestId,
    iat: Math.floor(time / 1000),
    exp: Math.ceil(time / 1000) + 60,
    origin: log.origin,
    checkpoint: treeOf(log.checkpoint),
    subject,
    session: { id: session.id, startedAt: time },
    validity,
    ...rest,
  }
}

/** A person of one call who answers requests of one server, each decision after the one before. */
export class Signer {
  readonly key: PersonKey
  readonly #statements: StatementKey
  readonly #tie: { readonly joinJws: string } | { readonly tokenSha256: string }
  #prev: string | null = null

  /** `tokenSha256`: a token names the key, so that nothing in the proof says that it joined. */
  constructor(
    statements: StatementKey,
    about: { sid: string; sub: string },
    alg?: Alg,
    tokenSha256?: string,
  ) {
    this.key = new PersonKey(alg)
    this.#statements = statements
    const some = 'A'.repeat(43)
    this.#tie =
      tokenSha256 === undefined
        ? { joinJws: this.key.join({ ath: some, nonce: some, ...about }) }
        : { tokenSha256 }
  }

  /** Asked and answered in one go. */
  decide(
    request: Omit<RequestClaims, 'jkt' | 'nonce'>,
    decision: DecisionClaims['decision'],
    change: Partial<DecisionClaims> = {},
  ): SignedDecision {
    const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
    const requestJws = this.#statements.signRequest({ ...request, jkt: this.key.jkt, nonce })
    const decisionJws = this.key.decide(requestJws, decision, { prev: this.#prev, ...change })
    const { jwk } = this.key
    const signed = verifyDecision(
      { requestJws, decisionJws, jwk, ...this.#tie },
      this.#statements.jwk,
    )
    this.#prev = signed.read.decisionSha256
    return signed
  }
}
