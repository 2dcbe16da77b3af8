import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CallError } from '#protocol'
import { createFile, makeFolder, syncFolder } from './durable-file.ts'

/**
 * An Ed25519 private key: PKCS8 PEM, or the 32 bytes of a raw seed. `what` it is, for messages. Throws CONFIG_INVALID
 * when it is missing, readable by others, or of another kind.
 */
export function readPrivateKey(path: string, what: string): KeyObject {
  const bytes = readSecret(path, what)
  try {
    const key = bytes.length === 32 ? ed25519OfSeed(bytes) : createPrivateKey(bytes)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw invalid(`${path} holds no private key in PEM, nor a seed of 32 bytes`, cause)
  }
  throw invalid(`the key in ${path} is not Ed25519`)
}

/** Makes a new private key unless there is one. Durable on return. */
export function ensurePrivateKey(path: string): void {
  ensureSecret(path, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
}

/** Makes it unless it is there. Durable on return, also where a process that died had made it and not synced its folder. */
export function ensureSecret(path: string, make: () => string): void {
  if (existsSync(path)) syncFolder(dirname(path))
  else writeSecret(path, make())
}

/** The bytes of a file that only its owner may read. Throws CONFIG_INVALID. */
export function readSecret(path: string, what: string): Buffer {
  if (!existsSync(path)) throw invalid(`${what} ${path} is missing; restore it`)
  if ((statSync(path).mode & 0o077) !== 0)
    throw invalid(`others can read ${what}; run chmod 600 ${path}`)
  return readFileSync(path)
}

/** Durable, and readable by its owner alone. Throws if the file exists: a secret is never written over. */
export function writeSecret(path: string, text: string): void {
  makeFolder(dirname(path))
  createFile(path, text)
}

export const ed25519OfSeed = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })

export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x, 'base64url'))
}

const invalid = (message: string, cause?: unknown): CallError =>
  new CallError('CONFIG_INVALID', message, { cause })

/** RFC 8410 §7: what stands before the seed in PKCS8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
