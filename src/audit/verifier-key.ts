import { concat, equal, fromBase64, toBase64, toHex, utf8, type Sha256 } from './bytes.ts'
import { importEd25519, refuseUnfairKey, type VerifySignature } from './ed25519.ts'
import { Flaw, type FlawCode } from './flaw.ts'

/** Whoever can check the signatures of one named key. `keyId` is the four bytes of C2SP signed-note, in hex. */
export type Verifier = {
  readonly name: string
  readonly keyId: string
  readonly verify: VerifySignature
}

/**
 * A C2SP signed-note verifier key, `name+hex(keyId)+base64(type || key)`. Throws Flaw for anything but the exact
 * canonical text of an Ed25519 key (type 0x01).
 */
export async function parseVerifierKey(sha256: Sha256, vkey: string): Promise<Verifier> {
  // Base64 may hold a plus itself, so only the first two divide.
  const [, name, keyId, key] =
    /^([^+]*)\+([0-9a-f]{8})\+([\s\S]*)$/.exec(vkey) ?? refuse('vkey-form', 'not name+keyid+key')
  if (!isKeyName(name!)) refuse('vkey-name', 'the name is empty or has spaces')
  const typed = fromBase64(key!)
  if (typed[0] !== ed25519Type) refuse('vkey-type', 'not an Ed25519 key (type 0x01)')
  const publicKey = typed.subarray(1)
  if (toHex(keyIdOf(sha256, name!, publicKey)) !== keyId)
    refuse('vkey-id', 'the key id is of another name or key')
  return { name: name!, keyId: keyId!, verify: await importEd25519(publicKey) }
}

/** The text that others pin. Throws Flaw for a name or a key that nobody could verify with. */
export function formatVerifierKey(sha256: Sha256, name: string, publicKey: Uint8Array): string {
  if (!isKeyName(name)) refuse('vkey-name', 'the name is empty or has spaces')
  refuseUnfairKey(publicKey)
  const typed = concat(Uint8Array.of(ed25519Type), publicKey)
  return `${name}+${toHex(keyIdOf(sha256, name, publicKey))}+${toBase64(typed)}`
}

/** SHA-256(name || 0x0A || type || key), the first four bytes: a hint which key signed, not a proof of it. */
export function keyIdOf(sha256: Sha256, name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(concat(utf8(name), Uint8Array.of(0x0a, ed25519Type), publicKey)).subarray(0, 4)
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

const ed25519Type = 0x01
