import { createLocalJWKSet, type CryptoKey, type JWSHeaderParameters } from 'jose'
import { TokenRefused } from './refusal.ts'

/**
 * The algorithms that tokens may be signed with. `EdDSA` and `Ed25519` are one algorithm under two
 * names (RFC 9864).
 */
export const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'] as const

/** Where the keys of one issuer come from. */
export interface KeySource {
  /** The one key that a header names. Throws TokenRefused `unknownKey` or `keysUnavailable`. */
  find(header: JWSHeaderParameters): Promise<CryptoKey>
  close(): void
}

/** The keys of one issuer as they stood at one time. Throws TokenRefused `unknownKey`. */
export type KeySet = (header: JWSHeaderParameters) => Promise<CryptoKey>

const maxKeys = 64
const keyTypes = { EdDSA: 'OKP', Ed25519: 'OKP', ES256: 'EC', RS256: 'RSA', PS256: 'RSA' } as const

/**
 * A JWK set (RFC 7517 §5) as keys that can verify. A key counts only if it names its own algorithm,
 * one of ours: a header that chooses the algorithm could otherwise choose a weaker one (RFC 8725
 * §3.1). Throws an Error that says what is wrong: nothing usable, too many keys, or a secret where
 * public keys belong.
 */
export function keySetOf(document: unknown): KeySet {
  const keys = usableKeys(document)
  const find = createLocalJWKSet({ keys })
  return async (header) => {
    const alg = header.alg === 'Ed25519' ? 'EdDSA' : header.alg
    try {
      return await find({ ...header, ...(alg !== undefined && { alg }) })
    } catch (cause) {
      // None, several, or one that the platform cannot import: too short, or not of its curve.
      throw new TokenRefused('unknownKey', { cause })
    }
  }
}

function usableKeys(document: unknown): { kty: string; alg: string }[] {
  const keys =
    typeof document === 'object' && document !== null ? Reflect.get(document, 'keys') : undefined
  if (!Array.isArray(keys))
    throw new Error('no JWK set: an object with an array `keys` is expected')
  if (keys.length > maxKeys) throw new Error(`a JWK set of more than ${maxKeys} keys`)
  const usable = keys.filter(isObject).flatMap((key) => {
    // RFC 7518 §6.2.2, §6.3.2, §6.4: `d` is a private key, `k` a shared secret. Whoever publishes
    // one has lost it.
    if ('d' in key || 'k' in key) throw new Error('a JWK set with a private or shared key in it')
    const alg = algorithms.find((name) => name === Reflect.get(key, 'alg'))
    if (alg === undefined || Reflect.get(key, 'kty') !== keyTypes[alg] || isShortRsa(key)) return []
    return [{ ...key, kty: keyTypes[alg], alg: alg === 'Ed25519' ? 'EdDSA' : alg }]
  })
  if (usable.length === 0) {
    throw new Error(
      `no key in the JWK set names one of ${algorithms.join(', ')} (RSA: 2048 bits at least)`,
    )
  }
  return usable
}

// RFC 7518 §3.3: 2048 bits at least; `n` is base64url, 6 bits a character.
const isShortRsa = (key: object): boolean =>
  Reflect.get(key, 'kty') === 'RSA' && String(Reflect.get(key, 'n')).length < Math.ceil(2048 / 6)

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
