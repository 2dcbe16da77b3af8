import { createPublicKey, verify } from 'node:crypto'
import { CallError } from '#protocol'
import { Flaw } from './flaw.ts'
import { algOf, parseJwk, thumbprint, type PublicJwk } from './jwk.ts'
import type { Jws } from './jws.ts'
import { platformSha256 as sha256 } from './platform-sha256.ts'
import { encodeProof, readProof, type Proof, type ReadProof } from './proof.ts'
import { readJoin, type JoinClaims } from './statements.ts'

const ours = Symbol('made by verifyDecision')

/**
 * A decision whose signature was checked. The log takes no yes without one, and only `verifyDecision` makes them: a yes
 * that nobody signed is thus no value that could be passed on by mistake.
 */
export class SignedDecision {
  readonly read: ReadProof
  /** The bytes that the log keeps. */
  readonly proof: string

  constructor(seal: typeof ours, read: ReadProof) {
    if (seal !== ours) throw new TypeError('a signed decision comes from verifyDecision alone')
    this.read = read
    this.proof = encodeProof(read.proof)
  }
}

/**
 * Synchronous, so that a decision is read, checked and acted upon in one turn. `statementJwk`: the key that signed the
 * request, which is the server's own and needs no check. Throws SIGNATURE_INVALID with the reason.
 */
export function verifyDecision(proof: Proof, statementJwk: PublicJwk): SignedDecision {
  return orInvalid(() => {
    const read = readProof(sha256, proof, statementJwk)
    for (const { by, jws, jwk } of read.signatures) if (by === 'participant') mustHold(jws, jwk)
    return new SignedDecision(ours, read)
  })
}

/** What a page's key says when it joins, checked. Throws SIGNATURE_INVALID. */
export function verifyJoin(joinJws: string, jwk: PublicJwk): JoinClaims {
  return orInvalid(() => {
    const { claims, jws } = readJoin(joinJws)
    if (jws.kid !== thumbprint(sha256, jwk)) throw new Flaw('join-key', 'another key joined')
    mustHold(jws, jwk)
    return claims
  })
}

/** RFC 7638. Throws SIGNATURE_INVALID for a key that is no fair one. */
export const thumbprintOf = (jwk: PublicJwk): string =>
  orInvalid(() => thumbprint(sha256, parseJwk(jwk)))

function mustHold({ alg, signed, signature }: Jws, jwk: PublicJwk): void {
  if (alg !== algOf(jwk)) throw new Flaw('jws-alg', `the key is none for ${alg}`)
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  const holds =
    alg === 'Ed25519'
      ? verify(null, signed, key, signature)
      : verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
  if (!holds) throw new Flaw('jws-signature', 'the signature is wrong')
}

function orInvalid<T>(check: () => T): T {
  try {
    return check()
  } catch (cause) {
    if (cause instanceof Flaw || isBadKey(cause))
      throw new CallError('SIGNATURE_INVALID', cause.message, { cause })
    throw cause
  }
}

/** What OpenSSL says of coordinates that are no point of the curve. */
const isBadKey = (cause: unknown): cause is Error =>
  cause instanceof Error && 'code' in cause && /^ERR_(CRYPTO|OSSL)/.test(String(cause.code))
