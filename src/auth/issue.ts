import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  type JWK,
} from 'jose'
import { CallError, type Grants } from '#protocol'

/** What an issuer of tokens holds. Our server needs only the public half. */
export interface SigningKey {
  /** Secret. As JSON it is what `openSigningKey` reads. */
  readonly privateJwk: JWK
  /** The JWK set to publish. */
  readonly jwks: { readonly keys: readonly JWK[] }
}

export interface TokenClaims {
  readonly issuer: string
  readonly audience: string
  readonly subject: string
  readonly room: string
  readonly grants: Grants
  readonly name?: string
  readonly minor?: boolean
  readonly lifeMs: number
  /** When the person signed in, in milliseconds since the epoch, and how. */
  readonly authTime?: number
  readonly amr?: readonly string[]
}

/** A fresh Ed25519 key, named by its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  return await openSigningKey(await exportJWK(privateKey))
}

/** Throws CONFIG_INVALID for anything but a private Ed25519 key as a JWK. */
export async function openSigningKey(jwk: unknown): Promise<SigningKey> {
  const [kty, crv, x, d] = ['kty', 'crv', 'x', 'd'].map((member) => memberOf(jwk, member))
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || typeof d !== 'string') {
    throw new CallError('CONFIG_INVALID', 'the signing key is no private Ed25519 key in JWK form')
  }
  const named = { kty: 'OKP', crv: 'Ed25519', x } as const
  const publicJwk = { ...named, kid: await calculateJwkThumbprint(named), alg: 'EdDSA', use: 'sig' }
  return { privateJwk: { ...publicJwk, d }, jwks: { keys: [publicJwk] } }
}

/**
 * A signed token, as an integrator's own back end would make it. `now` in milliseconds since the
 * epoch.
 */
export async function issueToken(
  { privateJwk }: SigningKey,
  claims: TokenClaims,
  now: number,
): Promise<string> {
  const { room, grants, name, minor, amr, authTime } = claims
  const key = await importJWK(privateJwk, 'EdDSA')
  const iat = Math.floor(now / 1000)
  return await new SignJWT({
    room,
    grants,
    ...(name !== undefined && { name }),
    ...(minor !== undefined && { minor }),
    ...(amr !== undefined && { amr: [...amr] }),
    ...(authTime !== undefined && { auth_time: Math.floor(authTime / 1000) }),
  })
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: 'JWT',
      ...(privateJwk.kid !== undefined && { kid: privateJwk.kid }),
    })
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setSubject(claims.subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt(iat)
    .setNotBefore(iat)
    .setExpirationTime(iat + Math.floor(claims.lifeMs / 1000))
    .sign(key)
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
