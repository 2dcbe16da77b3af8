import { concat, equal, fromBase64, toBase64, toHex, utf8, type Sha256 } from './bytes.ts'
import { importEd25519, refuseUnfairKey, type VerifySignature } from './ed25519.ts'
import { Flaw, type FlawCode } from './flaw.ts'

/**
 * What an Ed25519 key is for, and the byte that says so (C2SP signed-note, "Signature types"): a `note` key signs a text
 * as it stands, a `cosignature` key, a witness's, signs it together with the time.
 */
export const keyTypes = { note: 0x01, cosignature: 0x04 } as const
export type KeyType = keyof typeof keyTypes

/**
 * Whoever can check the signatures of one named key. `keyId` is the four bytes of C2SP signed-note, in hex. The type is
 * part of it: a log's key never passes for a witness's.
 */
export type Verifier<Type extends KeyType = 'note'> = {
  readonly type: Type
  readonly name: string
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly verify: VerifySignature
}

/**
 * A C2SP signed-note verifier key, `name+hex(keyId)+base64(type || key)`. Throws Flaw for anything but the exact
 * canonical text of an Ed25519 key (type 0x01).
 */
export const parseVerifierKey = (sha256: Sha256, vkey: string): Promise<Verifier> =>
  parse(sha256, vkey, 'note')

/** The same for the key of a witness (type 0x04, C2SP tlog-cosignature). */
export const parseWitnessKey = (sha256: Sha256, vkey: string): Promise<Verifier<'cosignature'>> =>
  parse(sha256, vkey, 'cosignature')

async function parse<Type extends KeyType>(
  sha256: Sha256,
  vkey: string,
  type: Type,
): Promise<Verifier<Type>> {
  // Base64 may hold a plus itself, so only the first two divide.
  const [, name, keyId, key] =
    /^([^+]*)\+([0-9a-f]{8})\+([\s\S]*)$/.exec(vkey) ?? refuse('vkey-form', 'not name+keyid+key')
  if (!isKeyName(name!)) refuse('vkey-name', 'the name is empty or has spaces')
  const typed = fromBase64(key!)
  if (typed[0] !== keyTypes[type]) refuse('vkey-type', `not ${keyTypeNames[type]}`)
  const publicKey = typed.subarray(1)
  if (toHex(keyIdOf(sha256, name!, publicKey, type)) !== keyId)
    refuse('vkey-id', 'the key id is of another name or key')
  return { type, name: name!, keyId: keyId!, publicKey, verify: await importEd25519(publicKey) }
}

/** The text that others pin. Throws Flaw for a name or a key that nobody could verify with. */
export function formatVerifierKey(
  sha256: Sha256,
  name: string,
  publicKey: Uint8Array,
  type: KeyType = 'note',
): string {
  if (!isKeyName(name)) refuse('vkey-name', 'the name is empty or has spaces')
  refuseUnfairKey(publicKey)
  const typed = concat(Uint8Array.of(keyTypes[type]), publicKey)
  return `${name}+${toHex(keyIdOf(sha256, name, publicKey, type))}+${toBase64(typed)}`
}

/** SHA-256(name || 0x0A || type || key), the first four bytes: a hint which key signed, not a proof of it. */
export function keyIdOf(
  sha256: Sha256,
  name: string,
  publicKey: Uint8Array,
  type: KeyType = 'note',
): Uint8Array {
  return sha256(utf8(name), Uint8Array.of(0x0a, keyTypes[type]), publicKey).subarray(0, 4)
}

/** C2SP signed-note: not empty, no Unicode space, no plus; a control character could never stand in a note. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name)
}

/** Whether two verifiers stand for the same key. */
export const isKey = (verifier: Verifier, name: string, keyId: Uint8Array): boolean =>
  verifier.name === name && equal(Uint8Array.fromHex(verifier.keyId), keyId)

function refuse(code: FlawCode, why: string): never {
  throw new Flaw(code, `verifier key: ${why}`)
}

const keyTypeNames: Record<KeyType, string> = {
  note: 'an Ed25519 key (type 0x01)',
  cosignature: "a witness's Ed25519 key (type 0x04)",
}
