import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { Signer } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import {
  formatVerifierKey,
  keyIdOf,
  parseVerifierKey,
  parseWitnessKey,
  type KeyType,
  type Verifier,
} from '../../../src/audit/verifier-key.ts'

export type Party<Type extends KeyType> = {
  readonly signer: Signer
  readonly vkey: string
  readonly verifier: Verifier<Type>
}

/** A log with a fresh key. */
export async function logParty(name: string): Promise<Party<'note'>> {
  const { signer, vkey } = freshKey(name, 'note')
  return { signer, vkey, verifier: await parseVerifierKey(sha256, vkey) }
}

/** A witness with a fresh key. */
export async function witnessParty(name: string): Promise<Party<'cosignature'>> {
  const { signer, vkey } = freshKey(name, 'cosignature')
  return { signer, vkey, verifier: await parseWitnessKey(sha256, vkey) }
}

export const rawPublicKey = (key: KeyObject): Uint8Array =>
  Uint8Array.fromBase64(key.export({ format: 'jwk' }).x!, { alphabet: 'base64url' })

function freshKey(name: string, type: KeyType): { signer: Signer; vkey: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = rawPublicKey(privateKey)
  const signer = {
    name,
    keyId: keyIdOf(sha256, name, publicKey, type),
    sign: (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)),
  }
  return { signer, vkey: formatVerifierKey(sha256, name, publicKey, type) }
}
