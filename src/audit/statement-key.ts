import { createHash, sign } from 'node:crypto'
import { toBase64Url, utf8 } from './bytes.ts'
import { thumbprint, type PublicJwk } from './jwk.ts'
import { unsignedJws, withSignature } from './jws.ts'
import { ensurePrivateKey, rawPublicKey, readPrivateKey } from './key-file.ts'
import { requestClaims, statementType, type RequestClaims } from './statements.ts'

/**
 * The key with which the server asks. Another one than the log's: whoever can ask in the server's name can not sign
 * checkpoints with it, nor the other way round.
 */
export type StatementKey = {
  readonly jwk: PublicJwk
  /** A request as a compact JWS. Throws Flaw for claims that no page would take. */
  signRequest(claims: RequestClaims): string
}

/** Makes the key at the very first start. Throws CONFIG_INVALID as `readPrivateKey`. */
export function openStatementKey(path: string): StatementKey {
  ensurePrivateKey(path)
  const key = readPrivateKey(path, 'the key that signs requests')
  const jwk = { crv: 'Ed25519', kty: 'OKP', x: toBase64Url(rawPublicKey(key)) } as const
  const kid = thumbprint((bytes) => createHash('sha256').update(bytes).digest(), jwk)
  return {
    jwk,
    signRequest: (claims) => {
      const unsigned = unsignedJws(statementType.request, 'Ed25519', kid, requestClaims(claims))
      return withSignature(unsigned, sign(null, utf8(unsigned), key))
    },
  }
}
