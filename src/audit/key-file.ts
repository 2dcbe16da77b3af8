import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
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

/** Reads a file that holds a private key. Throws CONFIG_INVALID when it is missing, or others can read it. */
export function readKeyFile(path: string, what: string): Buffer {
  if (!existsSync(path))
    throw new CallError('CONFIG_INVALID', `${what} ${path} is missing; restore it`)
  if ((statSync(path).mode & 0o077) !== 0)
    throw new CallError('CONFIG_INVALID', `others can read ${what}; run chmod 600 ${path}`)
  return readFileSync(path)
}

/** Makes a new file, durable and readable by its owner alone. Throws if there is one. */
export function createKeyFile(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
  // A umask can only take rights away, so this gives back the owner's.
  chmodSync(path, 0o600)
}

export const ed25519OfSeed = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })

export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x, 'base64url'))
}

/** RFC 8410 §7: what stands before the seed in PKCS8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
