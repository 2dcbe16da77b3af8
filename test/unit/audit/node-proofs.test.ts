import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../../src/audit/bytes.ts'
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  nodeHash,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/audit/merkle.ts'
import {
  consistencyFromNodes,
  inclusionFromNodes,
  rootFromNodes,
  type NodeHash,
} from '../../../src/audit/node-proofs.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { appendLeaf, emptyEdge } from '../../../src/audit/right-edge.ts'

const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(toHex)

describe('in trees of up to 600 leaves, stored as their complete subtrees', () => {
  const leaves = Array.from({ length: 600 }, (_, i) => leafHash(sha256, utf8(`leaf ${i}`)))
  const nodes = new Map<string, Uint8Array>()
  let edge = emptyEdge
  for (const leaf of leaves) {
    const [next, completed] = appendLeaf(sha256, edge, leaf)
    for (const node of completed) nodes.set(`${node.level}/${node.i}`, node.hash)
    edge = next
  }
  /** As from a log that has grown to 600 since: a subtree that is not complete is not there. */
  const stored: NodeHash = (level, i) => {
    const node = nodes.get(`${level}/${i}`)
    if (node === undefined) throw new Error(`no node ${level}/${i}`)
    return node
  }
  const sizes = Array.from({ length: 600 }, (_, i) => i + 1)

  test('the root of every size, the empty tree included, is that of its leaves', () => {
    for (const size of [0, ...sizes])
      expect(toHex(rootFromNodes(sha256, stored, size)), `size ${size}`).toBe(
        toHex(treeRoot(sha256, leaves.slice(0, size))),
      )
  })

  test('the proof of every leaf in every tree up to 70, and of many beyond, is the one by definition', () => {
    for (const size of sizes.filter((one) => one <= 70 || one % 83 === 0)) {
      const tree = leaves.slice(0, size)
      for (let index = 0; index < size; index += size <= 70 ? 1 : 29)
        expect(hex(inclusionFromNodes(sha256, stored, index, size)), `${index} of ${size}`).toEqual(
          hex(inclusionProof(sha256, tree, index)),
        )
    }
  })

  test('the proof from every size to every other up to 70, and of many beyond, is the one by definition', () => {
    for (const size of sizes.filter((one) => one <= 70 || one % 83 === 0)) {
      const tree = leaves.slice(0, size)
      for (let old = 1; old <= size; old += size <= 70 ? 1 : 29)
        expect(hex(consistencyFromNodes(sha256, stored, old, size)), `${old} to ${size}`).toEqual(
          hex(consistencyProof(sha256, tree, old)),
        )
    }
  })

  test('any leaf and any older tree, at random', () => {
    const pair = fc
      .integer({ min: 1, max: 600 })
      .chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)))
    fc.assert(
      fc.property(pair, ([index, size]) => {
        const tree = leaves.slice(0, size)
        expect(hex(inclusionFromNodes(sha256, stored, index, size))).toEqual(
          hex(inclusionProof(sha256, tree, index)),
        )
        expect(hex(consistencyFromNodes(sha256, stored, index + 1, size))).toEqual(
          hex(consistencyProof(sha256, tree, index + 1)),
        )
      }),
    )
  })

  test.each([
    [5, 5],
    [0, 0],
    [-1, 5],
    [Number.NaN, 5],
  ])('leaf %d of %d leaves is refused', (index, size) => {
    expect(() => inclusionFromNodes(sha256, stored, index, size)).toThrow(RangeError)
  })

  test.each([
    [0, 5],
    [6, 5],
    [0, 0],
    [-1, 5],
  ])('a proof from size %d to size %d is refused', (old, size) => {
    expect(() => consistencyFromNodes(sha256, stored, old, size)).toThrow(RangeError)
  })
})

describe('in trees of up to 2^53 leaves', () => {
  const size = fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER })
  const case_ = size.chain((n) =>
    fc.record({
      size: fc.constant(n),
      index: fc.integer({ min: 0, max: n - 1 }),
      old: fc.integer({ min: 1, max: n }),
    }),
  )
  const uniform = [leafHash(sha256, utf8('leaf'))]
  for (let level = 0; level < 53; level++)
    uniform.push(nodeHash(sha256, uniform[level]!, uniform[level]!))

  /** All leaves are the same but these, so that a wrong place shows and few nodes need to be computed. */
  function sparseTree(
    size: number,
    special: readonly number[],
  ): { hashOf: NodeHash; lookUps: () => number } {
    let count = 0
    const known = new Map<string, Uint8Array>()
    const compute: NodeHash = (level, i) => {
      const [from, to] = [i * 2 ** level, (i + 1) * 2 ** level]
      if (!special.some((leaf) => leaf >= from && leaf < to)) return uniform[level]!
      if (level === 0) return leafHash(sha256, utf8(`leaf ${i}`))
      const key = `${level}/${i}`
      const node =
        known.get(key) ?? nodeHash(sha256, compute(level - 1, 2 * i), compute(level - 1, 2 * i + 1))
      known.set(key, node)
      return node
    }
    return {
      hashOf: (level, i) => {
        count += 1
        expect((i + 1) * 2 ** level, 'asks for complete subtrees only').toBeLessThanOrEqual(size)
        return compute(level, i)
      },
      lookUps: () => count,
    }
  }

  test('what is proven verifies, and costs no more look-ups than twice the height', () => {
    fc.assert(
      fc.property(case_, ({ size: n, index, old }) => {
        const special = [index, old - 1, old % n, n - 1]
        const { hashOf } = sparseTree(n, special)
        const root = rootFromNodes(sha256, hashOf, n)
        const oldRoot = rootFromNodes(sha256, hashOf, old)

        const inclusion = sparseTree(n, special)
        const proof = inclusionFromNodes(sha256, inclusion.hashOf, index, n)
        const claim = { index, size: n, leafHash: hashOf(0, index), root }
        expect(verifyInclusion(sha256, claim, proof)).toBe(true)

        const consistency = sparseTree(n, special)
        const path = consistencyFromNodes(sha256, consistency.hashOf, old, n)
        expect(
          verifyConsistency(sha256, { size: old, root: oldRoot }, { size: n, root }, path),
        ).toBe(true)
        const height = Math.ceil(Math.log2(n))
        expect(inclusion.lookUps()).toBeLessThanOrEqual(2 * height)
        expect(consistency.lookUps()).toBeLessThanOrEqual(2 * height + 1)
      }),
      { numRuns: 500 },
    )
  })
})
