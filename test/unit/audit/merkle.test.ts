import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equal, toHex, utf8 } from '../../../src/audit/bytes.ts'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  isConsistentStart,
  leafHash,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/audit/merkle.ts'
import {
  appendLeaf,
  edgeRoot,
  emptyEdge,
  nodeCount,
  type Node,
} from '../../../src/audit/right-edge.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { sha256 as ownSha256 } from '../../../src/audit/sha256.ts'

const leaves = Array.from({ length: 600 }, (_, i) => leafHash(sha256, utf8(`leaf ${i}`)))
const stranger = leafHash(sha256, utf8('stranger'))
const roots: Uint8Array[] = []
const nodes: Node[] = []
let edge = emptyEdge
roots.push(edgeRoot(sha256, edge))
for (const leaf of leaves) {
  const [next, completed] = appendLeaf(sha256, edge, leaf)
  edge = next
  nodes.push(...completed)
  roots.push(edgeRoot(sha256, edge))
}
const size = fc.integer({ min: 1, max: 600 })
const indexAndSize = size.chain((n) => fc.tuple(fc.nat(n - 1), fc.constant(n)))
const oldAndNew = size.chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n)))

test("our SHA-256 is the platform's, at every length around its blocks", () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff)
    expect(toHex(ownSha256(bytes)), `${length} bytes`).toBe(toHex(sha256(bytes)))
  }
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5000 }),
      (bytes) => toHex(ownSha256(bytes)) === toHex(sha256(bytes)),
    ),
  )
})

test('pieces are hashed as one, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 5 }), (pieces) => {
      const whole = toHex(createHash('sha256').update(Buffer.concat(pieces)).digest())
      return [sha256, ownSha256].every((hash) => toHex(hash(...pieces)) === whole)
    }),
  )
})

test('a digest shares no memory with what was hashed, or with the next', () => {
  const one = sha256(utf8('one'))
  expect(one.buffer.byteLength).toBe(32)
  expect(sha256(utf8('two')).buffer).not.toBe(one.buffer)
  expect(toHex(one)).toBe(toHex(ownSha256(utf8('one'))))
})

describe('the right edge', () => {
  test('has the root of the whole tree, at every size up to 130 and many beyond', () => {
    for (let n = 0; n <= 600; n += n < 130 ? 1 : 7)
      expect(equal(roots[n]!, treeRoot(sha256, leaves.slice(0, n))), `size ${n}`).toBe(true)
  })

  test('yields every complete subtree once, and no other', () => {
    expect(nodes).toHaveLength(nodeCount(600))
    expect(new Set(nodes.map(({ level, i }) => `${level}/${i}`)).size).toBe(nodeCount(600))
    for (const { level, i, hash } of nodes) {
      const span = 2 ** level
      expect(
        equal(hash, treeRoot(sha256, leaves.slice(i * span, (i + 1) * span))),
        `${level}/${i}`,
      ).toBe(true)
    }
  })
})

describe('inclusion', () => {
  const claimOf = (index: number, n: number) => ({
    index,
    size: n,
    leafHash: leaves[index]!,
    root: roots[n]!,
  })
  const proofOf = (index: number, n: number): Uint8Array[] =>
    inclusionProof(sha256, leaves.slice(0, n), index)

  test('what is proven verifies, for every kind of position', () => {
    fc.assert(
      fc.property(indexAndSize, ([index, n]) =>
        verifyInclusion(sha256, claimOf(index, n), proofOf(index, n)),
      ),
      { numRuns: 300 },
    )
  })

  test('nothing else verifies: another index, size, leaf or root; a hash changed, dropped, added or swapped', () => {
    fc.assert(
      fc.property(indexAndSize, fc.nat(), ([index, n], at) => {
        const claim = claimOf(index, n)
        const proof = proofOf(index, n)
        const refused = (changed: Partial<typeof claim>, changedProof = proof): boolean =>
          !verifyInclusion(sha256, { ...claim, ...changed }, changedProof)
        const wrong = leaves[(index + 1) % 600]!
        expect(refused({ leafHash: wrong })).toBe(true)
        expect(refused({ root: roots[n - 1]! })).toBe(true)
        expect(refused({ index: n })).toBe(true)
        expect(refused({ index: -1 })).toBe(true)
        if (n > 1) expect(refused({ index: (index + 1) % n })).toBe(true)
        expect(refused({}, [...proof, stranger])).toBe(true)
        if (proof.length > 0) {
          const place = at % proof.length
          expect(refused({}, proof.with(place, stranger))).toBe(true)
          expect(refused({}, proof.toSpliced(place, 1))).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('consistency', () => {
  const at = (n: number) => ({ size: n, root: roots[n]! })
  const proofOf = (old: number, n: number): Uint8Array[] =>
    consistencyProof(sha256, leaves.slice(0, n), old)

  test('what is proven verifies', () => {
    fc.assert(
      fc.property(oldAndNew, ([old, n]) =>
        verifyConsistency(sha256, at(old), at(n), proofOf(old, n)),
      ),
      { numRuns: 300 },
    )
  })

  test('nothing else verifies: other roots, other sizes, a hash changed, dropped or added', () => {
    fc.assert(
      fc.property(oldAndNew, fc.nat(), ([old, n], place) => {
        const proof = proofOf(old, n)
        const refused = (
          a: ReturnType<typeof at>,
          b: ReturnType<typeof at>,
          changed = proof,
        ): boolean => !verifyConsistency(sha256, a, b, changed)
        expect(refused({ size: old, root: roots[old - 1]! }, at(n))).toBe(true)
        expect(refused(at(old), { size: n, root: roots[n - 1]! })).toBe(true)
        if (old < n) expect(refused(at(n), at(old))).toBe(true)
        expect(refused(at(old), at(n), [...proof, stranger])).toBe(true)
        if (proof.length > 0) {
          expect(refused(at(old), at(n), proof.toSpliced(place % proof.length, 1))).toBe(true)
          expect(refused(at(old), at(n), proof.with(place % proof.length, stranger))).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('from nothing nothing can be proven, and a first visitor accepts any tree', () => {
    const nothing = { size: 0, root: emptyRoot(sha256) }
    expect(verifyConsistency(sha256, nothing, at(5), [])).toBe(false)
    expect(isConsistentStart(sha256, nothing, [])).toBe(true)
    expect(isConsistentStart(sha256, nothing, [roots[1]!])).toBe(false)
    expect(isConsistentStart(sha256, { size: 0, root: roots[1]! }, [])).toBe(false)
    expect(isConsistentStart(sha256, at(1), [])).toBe(false)
  })
})
