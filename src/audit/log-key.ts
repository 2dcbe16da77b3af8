import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { CallError } from '#protocol'
import type { Sha256 } from './bytes.ts'
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
  if (!existsSync(path))
    throw new CallError('CONFIG_INVALID', `the log's key ${path} is missing; restore it`)
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new CallError('CONFIG_INVALID', `others can read the log's key; run chmod 600 ${path}`)
  }
  const key = parseKey(readFileSync(path), path)
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
  const file = openSync(path, 'wx', 0o600)
  writeSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  fsyncSync(file)
  closeSync(file)
  // A umask can only take rights away, so this gives back the owner's.
  chmodSync(path, 0o600)
}

function parseKey(bytes: Buffer, path: string): KeyObject {
  const der = bytes.length === 32 ? Buffer.concat([pkcs8Prefix, bytes]) : undefined
  try {
    const key = createPrivateKey(der ? { key: der, format: 'der', type: 'pkcs8' } : bytes)
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

function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x, 'base64url'))
}

/** RFC 8410 §7: what stands before the seed in PKCS8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
