import { fromBase64Url, toBase64Url, utf8, type Sha256 } from './bytes.ts'
import { refuseUnfairKey } from './ed25519.ts'
import { Flaw } from './flaw.ts'
import { matching, object, oneOf, property, type Of } from './shape.ts'

/** The two algorithms that a statement may be signed with (RFC 9864 §2.2, RFC 7518 §3.4). */
export type Alg = 'Ed25519' | 'ES256'

/** A public key with its required members and no other, so that one key has one text (RFC 7638 §3.2). */
export type PublicJwk = Of<typeof ed25519> | Of<typeof p256>

/** Throws Flaw for any other kind of key, a private one, one with more members, or one that is no fair key. */
export function parseJwk(value: unknown): PublicJwk {
  const jwk = property(value, 'kty') === 'OKP' ? ed25519(value, 'jwk') : p256(value, 'jwk')
  if (jwk.kty === 'OKP') refuseUnfairKey(fromBase64Url(jwk.x))
  else for (const coordinate of [jwk.x, jwk.y]) refuseLength(coordinate)
  return jwk
}

export const algOf = ({ kty }: PublicJwk): Alg => (kty === 'OKP' ? 'Ed25519' : 'ES256')

/** RFC 7638 §3: SHA-256 over the required members in the order of their names, without white space. */
export function thumbprint(sha256: Sha256, jwk: PublicJwk): string {
  const { crv, kty, x } = jwk
  const members = kty === 'OKP' ? { crv, kty, x } : { crv, kty, x, y: jwk.y }
  return toBase64Url(sha256(utf8(JSON.stringify(members))))
}

const coordinate = matching(/^[A-Za-z0-9_-]{43}$/, '32 bytes in base64url')
const ed25519 = object({ crv: oneOf('Ed25519'), kty: oneOf('OKP'), x: coordinate })
const p256 = object({ crv: oneOf('P-256'), kty: oneOf('EC'), x: coordinate, y: coordinate })

/** Whether the point lies on the curve is seen when the key is imported. */
function refuseLength(coordinate: string): void {
  if (fromBase64Url(coordinate).length !== 32)
    throw new Flaw('key-length', 'a coordinate of P-256 has 32 bytes')
}
