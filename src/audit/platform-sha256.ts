import { hash } from 'node:crypto'
import type { Sha256 } from './bytes.ts'

/**
 * Node's own, many times faster than the one that browsers are given. Pieces meet in one buffer, and the digest comes as
 * a string, since a buffer made for it by Node costs more than the hashing. What is returned shares no memory: digests
 * are kept for long, and in a pool would keep beside them what people were promised is forgotten.
 */
export const platformSha256: Sha256 = (...pieces) => {
  digest.write(hash('sha256', joined(pieces), 'binary'), 'binary')
  return new Uint8Array(digest)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = pieces
  if (first !== undefined && others.length === 0) return first
  let end = 0
  for (const piece of pieces) {
    if (end + piece.length > meeting.length) return Buffer.concat(pieces)
    meeting.set(piece, end)
    end += piece.length
  }
  return meeting.subarray(0, end)
}

const digest = Buffer.allocUnsafeSlow(32)
const meeting = Buffer.allocUnsafeSlow(1024)
