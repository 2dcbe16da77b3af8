import { hash } from 'node:crypto'
import type { Sha256 } from './bytes.ts'

/**
 * Node's own, many times faster than the one that browsers are given. Pieces meet in one buffer, and the digest comes as
 * a string into Node's pool: memory of its own for each costs more than the hashing.
 */
export const platformSha256: Sha256 = (...pieces) =>
  Buffer.from(hash('sha256', joined(pieces), 'binary'), 'binary')

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

const meeting = Buffer.allocUnsafeSlow(1024)
