import { Flaw } from './flaw.ts'

/** Checks one Ed25519 signature (RFC 8032 §5.1.7) under a key that was imported once. */
export type VerifySignature = (message: Uint8Array, signature: Uint8Array) => Promise<boolean>

/**
 * A 32-byte public key, ready to verify, through WebCrypto, which browsers and Node share. Throws Flaw for keys
 * that are no fair commitment to one signer: under a point of small order one signature fits many messages, and a
 * second encoding of the same point would be a second name for the same key.
 */
export async function importEd25519(publicKey: Uint8Array): Promise<VerifySignature> {
  refuseUnfairKey(publicKey)
  const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, [
    'verify',
  ])
  return async (message, signature) =>
    signature.length === 64 &&
    crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message))
}

export function refuseUnfairKey(publicKey: Uint8Array): void {
  if (publicKey.length !== 32) throw new Flaw('key-length', 'an Ed25519 key has 32 bytes')
  const y = yCoordinate(publicKey)
  if (y >= p) throw new Flaw('key-not-canonical', 'Ed25519 key not in its canonical form')
  if (smallOrder.has(y)) throw new Flaw('key-small-order', 'Ed25519 key of small order')
}

/** Little-endian; the highest bit is the sign of x (RFC 8032 §5.1.2) and takes no part. */
function yCoordinate(publicKey: Uint8Array): bigint {
  return BigInt(`0x${publicKey.toReversed().toHex()}`) & ((1n << 255n) - 1n)
}

const p = (1n << 255n) - 19n
/** Order 1, 2, 4, and the two y of order 8; both signs of x. */
const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
const smallOrder = new Set([1n, p - 1n, 0n, order8, p - order8])
