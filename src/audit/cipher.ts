import { createCipheriv, createDecipheriv } from 'node:crypto'
import { drawBytes } from './random.ts'

/**
 * AES-256-GCM (NIST SP 800-38D): 12 random bytes, the ciphertext, 16 bytes of tag. `place` is bound to it, so that one
 * sealed thing cannot be put in the place of another.
 */
export function sealBytes(key: Buffer, bytes: Uint8Array, place: string): Buffer {
  const iv = drawBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
  return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Undefined when it was sealed with another key, for another place, or was changed. */
export function openSealed(key: Buffer, sealed: Uint8Array, place: string): Buffer | undefined {
  if (sealed.length < ivBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes))
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(sealed.length - tagBytes))
  const opened = decipher.update(sealed.subarray(ivBytes, sealed.length - tagBytes))
  try {
    return Buffer.concat([opened, decipher.final()])
  } catch {
    return undefined // The tag does not fit: Node says so by throwing.
  }
}

const ivBytes = 12
const tagBytes = 16
