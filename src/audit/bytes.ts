import { Flaw } from './flaw.ts'

/** SHA-256 of all pieces, one behind the other. Injected: the server uses the platform's, a browser `sha256.ts`. */
export type Sha256 = (...pieces: readonly Uint8Array[]) => Uint8Array

const encoder = new TextEncoder()
// `fatal`: a byte that is no UTF-8 is an error, not a U+FFFD that would hash differently; `ignoreBOM`: a BOM stays visible.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Throws Flaw `utf8`. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new Flaw('utf8', 'not UTF-8', { cause })
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Not in constant time: everything compared here is public. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

export const toHex = (bytes: Uint8Array): string => bytes.toHex()

export const toBase64 = (bytes: Uint8Array): string => bytes.toBase64()

/**
 * Canonical, padded, standard base64 only. Decoders skip white space and stray bits, so the text is encoded again and
 * compared: otherwise two different texts would stand for the same signed bytes. Throws Flaw `base64`.
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = decode(text)
  if (bytes === undefined || toBase64(bytes) !== text)
    throw new Flaw('base64', 'not canonical base64')
  return bytes
}

/** Unpadded base64url (RFC 7515 §2), as in a JWS. */
export const toBase64Url = (bytes: Uint8Array): string =>
  bytes.toBase64({ alphabet: 'base64url', omitPadding: true })

/** Canonical and unpadded only, for the same reason. Throws Flaw `base64`. */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = decode(text, { alphabet: 'base64url' })
  if (bytes === undefined || toBase64Url(bytes) !== text)
    throw new Flaw('base64', 'not canonical base64url')
  return bytes
}

function decode(text: string, how?: { alphabet: 'base64url' }): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, how)
  } catch {
    return undefined
  }
}
