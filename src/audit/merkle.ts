import { equal, type Sha256 } from './bytes.ts'

/**
 * The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1). Verification follows the iterative algorithms of RFC 9162, not the
 * recursive definition that the prover uses, so that one mistake cannot hide in both.
 */
export const leafHash = (sha256: Sha256, leaf: Uint8Array): Uint8Array =>
  sha256(leafPrefix, leaf)

/** Leaves and nodes are told apart by their first byte: without it a node could be passed off as a leaf (§2.1.5). */
export const nodeHash = (sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(nodePrefix, left, right)

/** MTH({}), the root of the empty tree. */
export const emptyRoot = (sha256: Sha256): Uint8Array => sha256(new Uint8Array())

/** The root over leaf hashes. */
export function treeRoot(sha256: Sha256, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot(sha256)
  if (leaves.length === 1) return leaves[0]!
  const k = splitPoint(leaves.length)
  return nodeHash(sha256, treeRoot(sha256, leaves.slice(0, k)), treeRoot(sha256, leaves.slice(k)))
}

/** PATH(index, leaves): leaf sibling first. The index must be below the number of leaves. */
export function inclusionProof(
  sha256: Sha256,
  leaves: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  if (leaves.length <= 1) return []
  const k = splitPoint(leaves.length)
  const left = leaves.slice(0, k)
  const right = leaves.slice(k)
  return index < k
    ? [...inclusionProof(sha256, left, index), treeRoot(sha256, right)]
    : [...inclusionProof(sha256, right, index - k), treeRoot(sha256, left)]
}

/** PROOF(oldSize, leaves) that the first `oldSize` leaves still begin this tree; 0 < oldSize <= the number of leaves. */
export function consistencyProof(
  sha256: Sha256,
  leaves: readonly Uint8Array[],
  oldSize: number,
): Uint8Array[] {
  return subproof(sha256, leaves, oldSize, true)
}

function subproof(
  sha256: Sha256,
  leaves: readonly Uint8Array[],
  oldSize: number,
  whole: boolean,
): Uint8Array[] {
  if (oldSize === leaves.length) return whole ? [] : [treeRoot(sha256, leaves)]
  const k = splitPoint(leaves.length)
  const left = leaves.slice(0, k)
  const right = leaves.slice(k)
  return oldSize <= k
    ? [...subproof(sha256, left, oldSize, whole), treeRoot(sha256, right)]
    : [...subproof(sha256, right, oldSize - k, false), treeRoot(sha256, left)]
}

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  sha256: Sha256,
  claim: {
    readonly index: number
    readonly size: number
    readonly leafHash: Uint8Array
    readonly root: Uint8Array
  },
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(claim.index) || !isSize(claim.size) || claim.index >= claim.size) return false
  if (![claim.leafHash, claim.root, ...proof].every(isHash)) return false
  let fn = claim.index
  let sn = claim.size - 1
  let r = claim.leafHash
  for (const p of proof) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(sha256, p, r)
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn)
        sn = half(sn)
      }
    } else {
      r = nodeHash(sha256, r, p)
    }
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && equal(r, claim.root)
}

/** RFC 9162 §2.1.4.2. From size 0 nothing can be proven, so it never verifies; see `isConsistentStart`. */
export function verifyConsistency(
  sha256: Sha256,
  old: { readonly size: number; readonly root: Uint8Array },
  now: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(old.size) || !isSize(now.size) || old.size === 0 || old.size > now.size) return false
  if (old.size === now.size) return proof.length === 0 && equal(old.root, now.root)
  if (![old.root, now.root, ...proof].every(isHash)) return false
  const path = isPowerOfTwo(old.size) ? [old.root, ...proof] : proof
  if (proof.length === 0 || path[0] === undefined) return false

  let fn = old.size - 1
  let sn = now.size - 1
  while (isOdd(fn)) {
    fn = half(fn)
    sn = half(sn)
  }
  let fr = path[0]
  let sr = path[0]
  for (const c of path.slice(1)) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(sha256, c, fr)
      sr = nodeHash(sha256, c, sr)
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn)
        sn = half(sn)
      }
    } else {
      sr = nodeHash(sha256, sr, c)
    }
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && equal(fr, old.root) && equal(sr, now.root)
}

/** Whoever has seen only the empty tree accepts any tree, with an empty proof and no other (C2SP tlog-witness). */
export function isConsistentStart(
  sha256: Sha256,
  old: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  return old.size === 0 && equal(old.root, emptyRoot(sha256)) && proof.length === 0
}

/** RFC 9162 §2.1.1: k is the largest power of two below n. */
function splitPoint(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

// Arithmetic, not bit operators: those would cut a size to 32 bits.
export const half = (n: number, times = 1): number => Math.floor(n / 2 ** times)
export const isOdd = (n: number): boolean => n % 2 === 1
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0
const isHash = (bytes: Uint8Array): boolean => bytes.length === 32
const isPowerOfTwo = (n: number): boolean => n === 1 || splitPoint(n) * 2 === n

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)
