import { sign } from 'node:crypto'
import { CallError } from '#protocol'
import type { Sha256 } from './bytes.ts'
import { rawPublicKey, readPrivateKey } from './key-file.ts'
import type { Signer } from './note.ts'
import { formatVerifierKey, isKeyName, keyIdOf } from './verifier-key.ts'

/** The key that signs a log's checkpoints, and the text by which others check them. */
export type LogKey = { readonly signer: Signer; readonly vkey: string }

/** Throws CONFIG_INVALID for a name that no key can have, and as `readPrivateKey`. */
export function loadLogKey(sha256: Sha256, path: string, origin: string): LogKey {
  if (!isKeyName(origin))
    throw new CallError('CONFIG_INVALID', 'the origin is empty, or has a space or a plus')
  const key = readPrivateKey(path, 'the log’s key')
  const publicKey = rawPublicKey(key)
  const keyId = keyIdOf(sha256, origin, publicKey)
  return {
    signer: { name: origin, keyId, sign: (message) => sign(null, message, key) },
    vkey: formatVerifierKey(sha256, origin, publicKey),
  }
}
