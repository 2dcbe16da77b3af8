import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { CallError } from '#protocol'
import type { Sha256 } from './bytes.ts'
import { createKeyFile, ed25519OfSeed, rawPublicKey, readKeyFile } from './key-file.ts'
import type { Signer } from './note.ts'
import { formatVerifierKey, isKeyName, keyIdOf } from './verifier-key.ts'

/** The key that signs a log's checkpoints, and the text by which others check them. */
export type LogKey = { readonly signer: Signer; readonly vkey: string }

/**
 * Reads an Ed25519 private key: PKCS8 PEM, or the 32 bytes of a raw seed. Throws CONFIG_INVALID when it is missing,
 * readable by others, or of another kind.
 */
export function loadLogKey(sha256: Sha256, path: string, origin: string): LogKey {
  if (!isKeyName(origin))
    throw new CallError('CONFIG_INVALID', 'the origin is empty, or has a space or a plus')
  const key = parseKey(readKeyFile(path, "the log's key"), path)
  const publicKey = rawPublicKey(key)
  const keyId = keyIdOf(sha256, origin, publicKey)
  return {
    signer: { name: origin, keyId, sign: (message) => sign(null, message, key) },
    vkey: formatVerifierKey(sha256, origin, publicKey),
  }
}

/** Makes a new key, durable and readable by its owner alone. Throws if the file exists. */
export function createLogKey(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  createKeyFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

function parseKey(bytes: Buffer, path: string): KeyObject {
  try {
    const key = bytes.length === 32 ? ed25519OfSeed(bytes) : createPrivateKey(bytes)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new CallError(
      'CONFIG_INVALID',
      `${path} holds no private key in PEM, nor a seed of 32 bytes`,
      { cause },
    )
  }
  throw new CallError('CONFIG_INVALID', `the key in ${path} is not Ed25519`)
}
