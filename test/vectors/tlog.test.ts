import { sign, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { fromBase64, toBase64, toHex, utf8, type Sha256 } from '../../src/audit/bytes.ts'
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../src/audit/checkpoint.ts'
import { commitmentOf, groupDigest, groups } from '../../src/audit/commitment.ts'
import { recordLeaf } from '../../src/audit/leaf.ts'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../src/audit/merkle.ts'
import { openNote, parseNote, signNote } from '../../src/audit/note.ts'
import { appendLeaf, edgeRoot, emptyEdge } from '../../src/audit/right-edge.ts'
import { platformSha256 as platform } from '../../src/audit/platform-sha256.ts'
import { sha256 as ownSha256 } from '../../src/audit/sha256.ts'
import { keyIdOf, parseVerifierKey } from '../../src/audit/verifier-key.ts'

const probe = {
  root: z.string().optional(),
  proof: z.array(z.string()).nullable(),
  desc: z.string(),
  wantErr: z.boolean(),
  file: z.string(),
}
const key = z.object({ vkey: z.string(), keyIdHex: z.string() })
const perGroup = z.object({ core: z.string(), subject: z.string(), proof: z.string() })
const { rfc6962, signedNote, sumdbTree, rekorV2Sample, goldenLog, proposal } = z
  .object({
    rfc6962: z.object({
      hashing: z.array(
        z.object({
          desc: z.string(),
          leafHex: z.string().optional(),
          leftHex: z.string().optional(),
          rightHex: z.string().optional(),
          resultHex: z.string(),
        }),
      ),
      eightLeafTree: z.object({
        leavesHex: z.array(z.string()),
        nodeHashesByLevelHex: z.array(z.array(z.string())),
        rootsBySizeHex: z.array(z.string()),
      }),
      inclusionProbes: z.array(
        z.object({
          ...probe,
          leafIdx: z.number(),
          treeSize: z.number(),
          root: z.string().nullable(),
          leafHash: z.string().nullable(),
        }),
      ),
      consistencyProbes: z.array(
        z.object({
          ...probe,
          size1: z.number(),
          size2: z.number(),
          root1: z.string().nullable(),
          root2: z.string().nullable(),
        }),
      ),
    }),
    signedNote: z.object({
      keys: z.object({
        PeterNeumann: key.extend({ skey: z.string() }),
        EnochRoot: key,
        c2spFoo: key,
      }),
      badVkeys: z.array(z.object({ vkey: z.string(), why: z.string() })),
      valid: z.array(
        z.object({
          text: z.string(),
          signedBy: z.array(z.enum(['PeterNeumann', 'EnochRoot', 'c2spFoo'])),
          note: z.string(),
        }),
      ),
    }),
    sumdbTree: z.object({ text: z.string(), size: z.number() }),
    rekorV2Sample: z.object({ checkpoint: z.string(), canonicalizedBodyB64: z.string() }),
    goldenLog: z.object({
      checkpoints: z.object({
        notes: z.array(z.object({ note: z.string(), size: z.number() })),
        skey: z.string(),
        vkey: z.string(),
      }),
      roots: z.array(z.object({ size: z.number(), root: z.string() })),
      inclusion: z.array(
        z.object({ index: z.number(), size: z.number(), proof: z.array(z.string()) }),
      ),
      consistency: z.array(
        z.object({ size1: z.number(), size2: z.number(), proof: z.array(z.string()) }),
      ),
    }),
    proposal: z.object({
      groups: perGroup,
      saltsHex: perGroup,
      groupDigestsHex: perGroup,
      commitmentB64: z.string(),
      leafUtf8: z.string(),
      leafHashHex: z.string(),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../shared/vectors/tlog.json', import.meta.url), 'utf8')),
  )

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text)
const proofOf = (proof: readonly string[] | null): Uint8Array[] =>
  (proof ?? []).map((one) => Uint8Array.fromBase64(one))
const bytesOf = (base64: string | null): Uint8Array => Uint8Array.fromBase64(base64 ?? '')

describe.each([
  ['the platform', platform, 70_000],
  ['our own', ownSha256, 600],
])('with SHA-256 of %s', (_, sha256, largest) => {
  test.each(rfc6962.hashing)('RFC 6962: $desc', ({ leafHex, leftHex, rightHex, resultHex }) => {
    const node =
      leftHex === undefined ? emptyRoot(sha256) : nodeHash(sha256, hex(leftHex), hex(rightHex!))
    expect(toHex(leafHex === undefined ? node : leafHash(sha256, hex(leafHex)))).toBe(resultHex)
  })

  test('RFC 6962: the tree of eight leaves, its nodes and its roots', () => {
    const { leavesHex, nodeHashesByLevelHex, rootsBySizeHex } = rfc6962.eightLeafTree
    const leaves = leavesHex.map((leaf) => leafHash(sha256, hex(leaf)))
    let edge = emptyEdge
    const nodes: string[][] = [[], [], [], []]
    expect(toHex(edgeRoot(sha256, edge))).toBe(rootsBySizeHex[0])
    for (const [i, leaf] of leaves.entries()) {
      const [next, completed] = appendLeaf(sha256, edge, leaf)
      edge = next
      for (const node of completed) nodes[node.level]![node.i] = toHex(node.hash)
      expect(toHex(edgeRoot(sha256, edge))).toBe(rootsBySizeHex[i + 1])
      expect(toHex(treeRoot(sha256, leaves.slice(0, i + 1)))).toBe(rootsBySizeHex[i + 1])
    }
    expect(nodes).toEqual(nodeHashesByLevelHex)
  })

  test.each(rfc6962.inclusionProbes)(
    '$file',
    ({ leafIdx, treeSize, root, leafHash: leaf, proof, wantErr }) => {
      const claim = { index: leafIdx, size: treeSize, leafHash: bytesOf(leaf), root: bytesOf(root) }
      expect(verifyInclusion(sha256, claim, proofOf(proof))).toBe(!wantErr)
    },
  )

  test.each(rfc6962.consistencyProbes)(
    '$file',
    ({ size1, size2, root1, root2, proof, wantErr }) => {
      const old = { size: size1, root: bytesOf(root1) }
      const now = { size: size2, root: bytesOf(root2) }
      expect(verifyConsistency(sha256, old, now, proofOf(proof))).toBe(!wantErr)
    },
  )

  test('the log that an independent implementation wrote: roots and proofs', () => {
    const leaves = Array.from({ length: largest }, (_, i) => leafHash(sha256, utf8(`leaf ${i}`)))
    const wanted = new Set(
      [
        ...goldenLog.roots,
        ...goldenLog.inclusion,
        ...goldenLog.consistency.flatMap(({ size1, size2 }) => [{ size: size1 }, { size: size2 }]),
      ].map(({ size }) => size),
    )
    const roots = rootsOf(sha256, leaves, wanted)
    const rootAt = (size: number): Uint8Array => roots.get(size)!
    for (const { size, root } of goldenLog.roots.filter((one) => one.size <= largest))
      expect(toBase64(rootAt(size))).toBe(root)
    for (const { index, size, proof } of goldenLog.inclusion.filter((one) => one.size <= largest)) {
      if (size <= 600)
        expect(inclusionProof(sha256, leaves.slice(0, size), index).map(toBase64)).toEqual(proof)
      const claim = { index, size, leafHash: leaves[index]!, root: rootAt(size) }
      expect(verifyInclusion(sha256, claim, proofOf(proof))).toBe(true)
    }
    for (const { size1, size2, proof } of goldenLog.consistency.filter(
      (one) => one.size2 <= largest,
    )) {
      if (size2 <= 600)
        expect(consistencyProof(sha256, leaves.slice(0, size2), size1).map(toBase64)).toEqual(proof)
      const old = { size: size1, root: rootAt(size1) }
      expect(
        verifyConsistency(sha256, old, { size: size2, root: rootAt(size2) }, proofOf(proof)),
      ).toBe(true)
    }
  }, 60_000)
})

describe('signed notes', () => {
  const { keys } = signedNote

  test.each(Object.values(keys))('$vkey has the published key id', async ({ vkey, keyIdHex }) => {
    expect((await parseVerifierKey(platform, vkey)).keyId).toBe(keyIdHex)
  })

  test.each(signedNote.badVkeys)('a key with $why is refused', async ({ vkey }) => {
    await expect(parseVerifierKey(platform, vkey)).rejects.toMatchObject({ name: 'Flaw' })
  })

  test('every part of a key that is not the whole is refused', async () => {
    for (const { vkey } of Object.values(keys)) {
      for (let from = 0; from < vkey.length; from++) {
        for (let to = from; to <= vkey.length; to++) {
          if (to - from === vkey.length) continue
          await expect(parseVerifierKey(platform, vkey.slice(from, to))).rejects.toMatchObject({
            name: 'Flaw',
          })
        }
      }
    }
  })

  test('a key with any one byte counted up is refused', async () => {
    for (const { vkey } of Object.values(keys)) {
      for (let at = 0; at < vkey.length; at++) {
        const mangled =
          vkey.slice(0, at) + String.fromCharCode(vkey.charCodeAt(at) + 1) + vkey.slice(at + 1)
        await expect(parseVerifierKey(platform, mangled), mangled).rejects.toMatchObject({
          name: 'Flaw',
        })
      }
    }
  })

  test.each(signedNote.valid)(
    '$signedBy: the note opens with all of its keys',
    async ({ note, text, signedBy }) => {
      const verifiers = await Promise.all(
        signedBy.map((name) => parseVerifierKey(platform, keys[name].vkey)),
      )
      await expect(openNote(note, verifiers)).resolves.toEqual({ text, signedBy: verifiers })
      expect(parseNote(note).text).toBe(text)
    },
  )

  test('signing with the published private key gives the published bytes', () => {
    const { text, note } = signedNote.valid[0]!
    const [, , name, , base64] = /^(PRIVATE\+KEY)\+([^+]+)\+([^+]+)\+(.*)$/.exec(
      keys.PeterNeumann.skey,
    )!
    const signer = signerOf(name!, fromBase64(base64!).subarray(1))
    expect(
      signNote(text, { ...signer, name: 'PeterNeumann', keyId: hex(keys.PeterNeumann.keyIdHex) }),
    ).toBe(note)
  })
})

describe('checkpoints', () => {
  test.each(goldenLog.checkpoints.notes)(
    'of size $size, by an independent implementation',
    async ({ note, size }) => {
      const { vkey, skey } = goldenLog.checkpoints
      const verifier = await parseVerifierKey(platform, vkey)
      const checkpoint = await openCheckpoint(note, verifier)
      expect(checkpoint).toMatchObject({ origin: verifier.name, size })
      expect(toBase64(checkpoint.root)).toBe(goldenLog.roots.find((one) => one.size === size)!.root)
      const seed = fromBase64(skey.split('+').slice(4).join('+')).subarray(1)
      expect(signCheckpoint(checkpoint, signerOf(verifier.name, seed))).toBe(note)
    },
  )

  test('the published body survives reading and writing', () => {
    expect(parseCheckpoint(sumdbTree.text).size).toBe(sumdbTree.size)
    expect(formatCheckpoint(parseCheckpoint(sumdbTree.text))).toBe(sumdbTree.text)
  })

  test('a tree of one leaf has that leaf as its root', () => {
    const { size, root } = parseCheckpoint(parseNote(rekorV2Sample.checkpoint).text)
    expect(size).toBe(1)
    expect(root).toEqual(
      new Uint8Array(leafHash(platform, fromBase64(rekorV2Sample.canonicalizedBodyB64))),
    )
  })
})

test('the commitment: digests, leaf and leaf hash of the worked example', () => {
  const part = (group: 'core' | 'subject' | 'proof') => ({
    bytes: utf8(proposal.groups[group]),
    salt: hex(proposal.saltsHex[group]),
  })
  const opening = { core: part('core'), subject: part('subject'), proof: part('proof') }
  for (const group of groups)
    expect(toHex(groupDigest(platform, group, opening[group]))).toBe(
      proposal.groupDigestsHex[group],
    )
  const leaf = recordLeaf(commitmentOf(platform, opening))
  expect(toBase64(commitmentOf(platform, opening))).toBe(proposal.commitmentB64)
  expect(leaf).toEqual(utf8(proposal.leafUtf8))
  expect(leaf).toHaveLength(69)
  expect(toHex(leafHash(platform, leaf))).toBe(proposal.leafHashHex)
})

/** The roots at these sizes, by the tree's right edge. */
function rootsOf(
  sha256: Sha256,
  leaves: readonly Uint8Array[],
  sizes: ReadonlySet<number>,
): Map<number, Uint8Array> {
  let edge = emptyEdge
  const roots = new Map([[0, edgeRoot(sha256, edge)]])
  for (const leaf of leaves) {
    edge = appendLeaf(sha256, edge, leaf)[0]
    if (sizes.has(edge.size)) roots.set(edge.size, edgeRoot(sha256, edge))
  }
  return roots
}

function signerOf(name: string, seed: Uint8Array) {
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
  return {
    name,
    keyId: keyIdOf(platform, name, rawPublicKey(key)),
    sign: (message: Uint8Array) => new Uint8Array(sign(null, message, key)),
  }
}

function rawPublicKey(key: ReturnType<typeof createPrivateKey>): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url'))
}
