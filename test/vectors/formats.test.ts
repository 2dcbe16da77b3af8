import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { toBase64, toHex, utf8 } from '../../src/audit/bytes.ts'
import { parseCheckpoint } from '../../src/audit/checkpoint.ts'
import { collectCosignatures } from '../../src/audit/cosignature.ts'
import { judgeCheckpoint } from '../../src/audit/judge-checkpoint.ts'
import { leafHash } from '../../src/audit/merkle.ts'
import {
  consistencyFromNodes,
  inclusionFromNodes,
  rootFromNodes,
  type NodeHash,
} from '../../src/audit/node-proofs.ts'
import { parseNote } from '../../src/audit/note.ts'
import { platformSha256 as sha256 } from '../../src/audit/platform-sha256.ts'
import { appendLeaf, emptyEdge } from '../../src/audit/right-edge.ts'
import {
  encodeEntryBundle,
  encodeHashTile,
  hasTile,
  parseEntryBundle,
  parseHashTile,
  parseTilePath,
  tilePath,
  tilesOf,
  type Tile,
} from '../../src/audit/tiles.ts'
import { checkProof, formatProof, parseProof } from '../../src/audit/tlog-proof.ts'
import { parsePolicy } from '../../src/audit/trust-policy.ts'
import { parseVerifierKey, parseWitnessKey } from '../../src/audit/verifier-key.ts'
import { monitorPath } from '../../src/audit/witness.ts'

const sized = z.object({ level: z.number(), full: z.number(), partial: z.number().optional() })
const { cosignatureV1, tiles, goldenLog, sumdbTree } = z
  .object({
    cosignatureV1: z.object({
      valid: z.array(z.object({ vkey: z.string(), checkpoint: z.string() })),
      originHash: z.object({ origin: z.string(), sha256Hex: z.string() }),
    }),
    tiles: z.object({
      pathIndex: z.array(z.object({ index: z.number(), path: z.string() })),
      layout: z.array(z.object({ treeSize: z.number(), tiles: z.array(sized) })),
    }),
    sumdbTree: z.object({ text: z.string(), hashOfLeafUtf8: z.string() }),
    goldenLog: z.object({
      checkpoints: z.object({
        notes: z.array(z.object({ note: z.string(), size: z.number() })),
        vkey: z.string(),
      }),
      roots: z.array(z.object({ size: z.number(), root: z.string() })),
      inclusion: z.array(
        z.object({ index: z.number(), size: z.number(), proof: z.array(z.string()) }),
      ),
      consistency: z.array(
        z.object({ size1: z.number(), size2: z.number(), proof: z.array(z.string()) }),
      ),
      tile_count_by_level: z.record(z.string(), z.number()),
      tiles_70000: z.array(
        z.object({
          L: z.number(),
          N: z.number(),
          W: z.number(),
          bytes: z.number(),
          goPath: z.string(),
          sha256: z.string(),
        }),
      ),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../shared/vectors/tlog.json', import.meta.url), 'utf8')),
  )

describe.each(cosignatureV1.valid)('the cosignature of $vkey', ({ vkey, checkpoint }) => {
  const { text, signatures } = parseNote(checkpoint)

  test('is found with its time, and the others on the note are ignored', async () => {
    const witness = await parseWitnessKey(sha256, vkey)
    await expect(collectCosignatures(checkpoint, [witness])).resolves.toEqual([
      { witness, timeS: 1_767_139_200 },
    ])
    expect(parseCheckpoint(text).size).toBe(300)
  })

  test('with any one of its bytes, or of what it signs, changed is refused', async () => {
    const witness = await parseWitnessKey(sha256, vkey)
    const { signature } = signatures.find(({ name }) => name === witness.name)!
    const blob = Uint8Array.fromBase64(checkpoint.split(`— ${witness.name} `)[1]!.split('\n')[0]!)
    for (let at = 4; at < 4 + signature.length; at++) {
      const mangled = checkpoint.replace(toBase64(blob), toBase64(blob.with(at, blob[at]! ^ 1)))
      await expect(collectCosignatures(mangled, [witness]), `byte ${at}`).rejects.toMatchObject({
        name: 'Flaw',
        code: at === 4 || at === 5 ? expect.stringMatching(/^cosignature-/) : 'cosignature-wrong',
      })
    }
    for (let at = 0; at < text.length - 1; at++) {
      const mangled =
        checkpoint.slice(0, at) +
        String.fromCharCode(checkpoint.charCodeAt(at) ^ 1) +
        checkpoint.slice(at + 1)
      await expect(
        collectCosignatures(mangled, [witness]),
        `character ${at}`,
      ).rejects.toMatchObject({ name: 'Flaw' })
    }
  })

  test('is not one of the same key as a log', async () => {
    await expect(parseVerifierKey(sha256, vkey)).rejects.toMatchObject({ code: 'vkey-type' })
  })
})

test('a witness keeps what it has seen of a log under the hash of its origin', () => {
  const { origin, sha256Hex } = cosignatureV1.originHash
  expect(monitorPath(sha256, origin)).toBe(`${sha256Hex}/checkpoint`)
})

test('the published tree is that of its one leaf', () => {
  const { root } = parseCheckpoint(sumdbTree.text)
  expect(toHex(root)).toBe(toHex(leafHash(sha256, utf8(sumdbTree.hashOfLeafUtf8))))
})

describe('tiles', () => {
  test.each(tiles.pathIndex)('$index is $path', ({ index, path }) => {
    const tile = { holds: 'hashes', level: 0, index, width: 256 } as const
    expect(tilePath(tile)).toBe(`tile/0/${path}`)
    expect(parseTilePath(`tile/0/${path}`)).toEqual(tile)
  })

  test.each(tiles.layout)('of a tree of size $treeSize', ({ treeSize, tiles: levels }) => {
    const found = [...tilesOf(treeSize)].filter((tile) => tile.holds === 'hashes')
    const counted = levels.map(({ level }) => {
      const here = found.filter((tile) => tile.level === level)
      return {
        level,
        full: here.filter(({ width }) => width === 256).length,
        partial: here.find(({ width }) => width < 256)?.width,
      }
    })
    expect(counted).toEqual(levels.map(({ level, full, partial }) => ({ level, full, partial })))
    expect(new Set(found.map(({ level }) => level)).size).toBe(levels.length)
  })
})

describe('the log that an independent implementation wrote', () => {
  const size = 70_000
  const leaves = Array.from({ length: size }, (_, i) => utf8(`leaf ${i}`))
  const nodes = new Map<string, Uint8Array>()
  let edge = emptyEdge
  for (const leaf of leaves) {
    const [next, completed] = appendLeaf(sha256, edge, leafHash(sha256, leaf))
    for (const { level, i, hash: node } of completed) nodes.set(`${level}/${i}`, node)
    edge = next
  }
  const hashOf: NodeHash = (level, i) => nodes.get(`${level}/${i}`)!
  const hashTiles = [...tilesOf(size)].filter((tile) => tile.holds === 'hashes')
  const base64 = (hashes: readonly Uint8Array[]): string[] => hashes.map(toBase64)

  test('has as many tiles on each level', () => {
    const counts = Object.groupBy(hashTiles, ({ level }) => String(level))
    expect(
      Object.fromEntries(Object.entries(counts).map(([level, all]) => [level, all!.length])),
    ).toEqual(goldenLog.tile_count_by_level)
  })

  test.each(goldenLog.tiles_70000)(
    'has the bytes of $goPath',
    ({ L, N, W, bytes, goPath, sha256: digest }) => {
      const tile: Tile = { holds: 'hashes', level: L, index: N, width: W }
      const encoded = encodeHashTile(hashOf, tile)
      expect(encoded).toHaveLength(bytes)
      expect(toHex(sha256(encoded))).toBe(digest)
      // The height of a tile, 8, is in their path alone.
      expect(tilePath(tile)).toBe(goPath.replace('tile/8/', 'tile/'))
      expect(hasTile(tile, size)).toBe(true)
      expect(hashTiles).toContainEqual(tile)
      expect(parseHashTile(encoded, W)).toEqual(
        Array.from({ length: W }, (_, i) => new Uint8Array(hashOf(8 * L, 256 * N + i))),
      )
    },
  )

  test('has bundles whose entries hash to the tiles beside them', () => {
    for (const index of [0, 272, 273]) {
      const bundle = [...tilesOf(size)].find(
        (tile) => tile.holds === 'entries' && tile.index === index,
      )!
      const entries = leaves.slice(256 * index, 256 * index + bundle.width)
      const read = parseEntryBundle(encodeEntryBundle(entries), bundle.width)
      expect(read).toEqual(entries)
      const tile = encodeHashTile(hashOf, { holds: 'hashes', level: 0, index, width: bundle.width })
      expect(base64(read.map((entry) => leafHash(sha256, entry)))).toEqual(
        base64(parseHashTile(tile, bundle.width)),
      )
    }
  })

  test('has these roots and proofs, from its stored subtrees', () => {
    for (const { size: n, root } of goldenLog.roots)
      expect(toBase64(rootFromNodes(sha256, hashOf, n)), `size ${n}`).toBe(root)
    for (const { index, size: n, proof } of goldenLog.inclusion)
      expect(base64(inclusionFromNodes(sha256, hashOf, index, n)), `${index} of ${n}`).toEqual(
        proof,
      )
    for (const { size1, size2, proof } of goldenLog.consistency)
      expect(
        base64(consistencyFromNodes(sha256, hashOf, size1, size2)),
        `${size1} to ${size2}`,
      ).toEqual(proof)
  })

  test('has checkpoints under which each leaf can be proven, in a file', async () => {
    const { vkey, notes } = goldenLog.checkpoints
    const log = await parseVerifierKey(sha256, vkey)
    const policy = await parsePolicy(sha256, `log ${vkey}\nquorum none\n`)
    for (const { note, size: n } of notes) {
      await expect(judgeCheckpoint(policy, note)).resolves.toMatchObject({
        hasQuorum: true,
        cosignatures: [],
      })
      for (const index of new Set([0, n >> 1, n - 1].filter((i) => i >= 0 && i < n))) {
        const hashes = inclusionFromNodes(sha256, hashOf, index, n)
        const proof = parseProof(formatProof({ index, hashes, checkpoint: note }))
        const checkpoint = await checkProof(sha256, proof, hashOf(0, index), log)
        expect(toBase64(checkpoint.root)).toBe(goldenLog.roots.find((one) => one.size === n)!.root)
      }
    }
  })
})
