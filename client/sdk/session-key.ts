import {
  parseJwk,
  sha256,
  thumbprint,
  utf8,
  withSignature,
  type Alg,
  type PublicJwk,
} from '#audit/verify'

/** A key of one person in one call. The private half cannot be read, by nobody: it can only sign, on this page. */
export interface SessionKey {
  readonly alg: Alg
  readonly jwk: PublicJwk
  /** RFC 7638. */
  readonly jkt: string
  /** `unsigned` with its signature: a compact JWS. */
  sign(unsigned: string): Promise<string>
}

/** A fresh pair: Ed25519, or P-256 where the browser does not know it. Rejects where there is no WebCrypto. */
export async function newKeyPair(): Promise<CryptoKeyPair> {
  try {
    return (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause
    const p256 = { name: 'ECDSA', namedCurve: 'P-256' }
    return crypto.subtle.generateKey(p256, false, ['sign', 'verify'])
  }
}

/** The pair as it is used. */
export async function sessionKey({ privateKey, publicKey }: CryptoKeyPair): Promise<SessionKey> {
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk = parseJwk(kty === 'OKP' ? { crv, kty, x } : { crv, kty, x, y })
  const how = kty === 'OKP' ? 'Ed25519' : { name: 'ECDSA', hash: 'SHA-256' }
  return {
    alg: kty === 'OKP' ? 'Ed25519' : 'ES256',
    jwk,
    jkt: thumbprint(sha256, jwk),
    sign: async (unsigned) => {
      const signature = await crypto.subtle.sign(how, privateKey, new Uint8Array(utf8(unsigned)))
      return withSignature(unsigned, new Uint8Array(signature))
    },
  }
}
