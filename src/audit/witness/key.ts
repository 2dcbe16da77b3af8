import { randomBytes, sign } from 'node:crypto'
import { CallError } from '#protocol'
import { concat, fromBase64, fromUtf8, toBase64, toHex } from '../bytes.ts'
import { Flaw } from '../flaw.ts'
import { ed25519OfSeed, rawPublicKey, readSecret, writeSecret } from '../key-file.ts'
import type { Signer } from '../note.ts'
import { platformSha256 as sha256 } from '../platform-sha256.ts'
import { formatVerifierKey, isKeyName, keyIdOf, keyTypes } from '../verifier-key.ts'

/** What a witness cosigns with, and the text by which others check it. */
export type WitnessKey = { readonly signer: Signer; readonly vkey: string }

/**
 * Makes a witness's key: one line, `PRIVATE+KEY+name+hex(keyId)+base64(0x04 || seed)`, durable and readable by its owner
 * alone. Throws CONFIG_INVALID for a name that no key can have, and if there is such a file.
 */
export function createWitnessKey(name: string, path: string): WitnessKey {
  if (!isKeyName(name))
    throw new CallError(
      'CONFIG_INVALID',
      "a witness's name has no space and no plus, as in witness.example/w1",
    )
  const seed = randomBytes(32)
  const key = keyOf(name, seed)
  const typed = concat(Uint8Array.of(type), seed)
  try {
    writeSecret(path, `PRIVATE+KEY+${name}+${toHex(key.signer.keyId)}+${toBase64(typed)}\n`)
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    const why = isThere ? 'is there already; a key is never written over' : 'cannot be made'
    throw new CallError('CONFIG_INVALID', `${path} ${why}`, { cause })
  }
  return key
}

/** Reads such a file. Throws CONFIG_INVALID when it is missing, readable by others, or not exactly as it was made. */
export function loadWitnessKey(path: string): WitnessKey {
  const bytes = readSecret(path, "the witness's key")
  try {
    const [, name, keyId, base64] =
      /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([^\n]+)\n$/.exec(fromUtf8(bytes)) ?? []
    const typed = fromBase64(base64 ?? '')
    if (name !== undefined && isKeyName(name) && typed.length === 33 && typed[0] === type) {
      const key = keyOf(name, typed.subarray(1))
      if (toHex(key.signer.keyId) === keyId) return key
    }
  } catch (error) {
    if (!(error instanceof Flaw)) throw error
  }
  throw new CallError('CONFIG_INVALID', `${path} holds no key of a witness; restore it`)
}

function keyOf(name: string, seed: Uint8Array): WitnessKey {
  const key = ed25519OfSeed(seed)
  const publicKey = rawPublicKey(key)
  const keyId = keyIdOf(sha256, name, publicKey, 'cosignature')
  return {
    signer: { name, keyId, sign: (message) => sign(null, message, key) },
    vkey: formatVerifierKey(sha256, name, publicKey, 'cosignature'),
  }
}

const type = keyTypes.cosignature
