import type { Sha256 } from './bytes.ts'
import { emptyRoot, half, isOdd, nodeHash } from './merkle.ts'

/** The root of a complete subtree: level 0 is a leaf, level l covers 2^l leaves, `i` counts from the left. */
export type NodeHash = (level: number, i: number) => Uint8Array

/**
 * PATH(index) of RFC 6962 §2.1.1 in the tree of the first `size` leaves, from stored subtrees: 2 log(size) look-ups at
 * most, whatever the log has grown to since. Throws RangeError for a leaf that is not in the tree.
 */
export function inclusionFromNodes(
  sha256: Sha256,
  hashOf: NodeHash,
  index: number,
  size: number,
): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new RangeError('no such leaf in this tree')
  return siblings(sha256, hashOf, { level: 0, i: index }, size)
}

/**
 * PROOF(oldSize) of RFC 6962 §2.1.2 for the tree of the first `size` leaves, from stored subtrees. Throws RangeError
 * unless 0 < oldSize <= size: from nothing nothing can be proven.
 */
export function consistencyFromNodes(
  sha256: Sha256,
  hashOf: NodeHash,
  oldSize: number,
  size: number,
): Uint8Array[] {
  if (!(oldSize > 0 && oldSize <= size)) throw new RangeError('no such older tree')
  if (oldSize === size) return []
  // The largest complete subtree that ends where the old tree ends: both trees are folded from it.
  let [level, i] = [0, oldSize - 1]
  for (; isOdd(i); level += 1) i = half(i)
  const path = siblings(sha256, hashOf, { level, i }, size)
  // A power of two is this one subtree, whose hash the verifier has: it is the old root.
  return i === 0 ? path : [hashOf(level, i), ...path]
}

/** The root over the first `size` leaves. */
export function rootFromNodes(sha256: Sha256, hashOf: NodeHash, size: number): Uint8Array {
  if (size === 0) return emptyRoot(sha256)
  let level = 0
  while (2 ** level < size) level += 1
  return subtreeRoot(sha256, hashOf, { level, i: 0 }, size)
}

type Place = { readonly level: number; readonly i: number }

/** What stands beside the path from a complete subtree up to the root, lowest first. */
function siblings(sha256: Sha256, hashOf: NodeHash, from: Place, size: number): Uint8Array[] {
  const path: Uint8Array[] = []
  let { level, i } = from
  for (let last = half(size - 1, level); last > 0; last = half(last)) {
    if (isOdd(i)) path.push(hashOf(level, i - 1))
    else if (i < last) path.push(subtreeRoot(sha256, hashOf, { level, i: i + 1 }, size))
    i = half(i)
    level += 1
  }
  return path
}

/** The root of a subtree that the tree's end may cut short: only its leaves below `size` count. */
function subtreeRoot(
  sha256: Sha256,
  hashOf: NodeHash,
  { level, i }: Place,
  size: number,
): Uint8Array {
  if ((i + 1) * 2 ** level <= size) return hashOf(level, i)
  const left = { level: level - 1, i: 2 * i }
  const right = { level: level - 1, i: 2 * i + 1 }
  if (right.i * 2 ** right.level >= size) return subtreeRoot(sha256, hashOf, left, size)
  return nodeHash(sha256, hashOf(left.level, left.i), subtreeRoot(sha256, hashOf, right, size))
}
