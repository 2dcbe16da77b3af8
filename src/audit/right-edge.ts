import { emptyRoot, nodeHash } from './merkle.ts'
import type { Sha256 } from './bytes.ts'

/** A complete subtree: it never changes again. Level 0 is a leaf, level l covers 2^l leaves, `i` counts from the left. */
export type Node = { readonly level: number; readonly i: number; readonly hash: Uint8Array }

/**
 * All that a growing tree needs to remember: the roots of its largest complete subtrees, left to right, one for each
 * one-bit of its size. Appending a leaf costs two hashes on average, whatever the size.
 */
export type RightEdge = { readonly size: number; readonly peaks: readonly Node[] }

export const emptyEdge: RightEdge = { size: 0, peaks: [] }

/** The edge with one more leaf, and the subtrees that this leaf completed, lowest first. */
export function appendLeaf(
  sha256: Sha256,
  edge: RightEdge,
  hash: Uint8Array,
): [next: RightEdge, completed: Node[]] {
  let node: Node = { level: 0, i: edge.size, hash }
  const completed = [node]
  let kept = edge.peaks.length
  for (let left = edge.peaks[kept - 1]; left?.level === node.level; left = edge.peaks[--kept - 1]) {
    node = { level: node.level + 1, i: left.i / 2, hash: nodeHash(sha256, left.hash, node.hash) }
    completed.push(node)
  }
  return [{ size: edge.size + 1, peaks: [...edge.peaks.slice(0, kept), node] }, completed]
}

/** The root: the peaks folded from the right, since the split of RFC 9162 §2.1.1 takes the largest subtree first. */
export function edgeRoot(sha256: Sha256, edge: RightEdge): Uint8Array {
  const [last, ...before] = edge.peaks.toReversed()
  if (last === undefined) return emptyRoot(sha256)
  return before.reduce((root, peak) => nodeHash(sha256, peak.hash, root), last.hash)
}

/** How many complete subtrees a tree of this size has: n leaves, n/2 pairs, n/4 … */
export function nodeCount(size: number): number {
  let count = 0
  for (let n = size; n > 0; n = Math.floor(n / 2)) count += n
  return count
}
