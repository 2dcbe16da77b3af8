import { beforeAll, describe, expect, test } from 'vitest'
import { toBase64, utf8 } from '../../../src/audit/bytes.ts'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { cosign } from '../../../src/audit/cosignature.ts'
import { Flaw, type FlawCode } from '../../../src/audit/flaw.ts'
import { inclusionProof, leafHash, treeRoot } from '../../../src/audit/merkle.ts'
import { parseNote } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import {
  checkProof,
  formatProof,
  parseProof,
  type TlogProof,
} from '../../../src/audit/tlog-proof.ts'
import { logParty, witnessParty, type Party } from './parties.ts'

const origin = 'localhost:4443/consent/test'
const leaves = Array.from({ length: 13 }, (_, i) => leafHash(sha256, utf8(`leaf ${i}`)))
const flaw = (code: FlawCode) => expect.objectContaining({ name: 'Flaw', code })

let log: Party<'note'>
beforeAll(async () => {
  log = await logParty(origin)
})

const checkpointOf = (size: number, root = treeRoot(sha256, leaves.slice(0, size))): string =>
  signCheckpoint({ origin, size, root }, log.signer)
const proofOf = (index: number, size: number): TlogProof => ({
  index,
  hashes: inclusionProof(sha256, leaves.slice(0, size), index),
  checkpoint: checkpointOf(size),
})
const check = (proof: TlogProof, leaf = leaves[proof.index]!) =>
  checkProof(sha256, proof, leaf, log.verifier)

describe('a proof', () => {
  test('is written as the specification has it, byte for byte', () => {
    const proof = proofOf(2, 3)
    expect(formatProof(proof)).toBe(
      `c2sp.org/tlog-proof@v1\nindex 2\n${toBase64(proof.hashes[0]!)}\n\n${proof.checkpoint}`,
    )
    expect(formatProof(proofOf(0, 1))).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpointOf(1)}`)
  })

  test('is the same after writing and reading, and proves its leaf, for every leaf of every size', async () => {
    for (let size = 1; size <= leaves.length; size++) {
      for (let index = 0; index < size; index++) {
        const proof = parseProof(formatProof(proofOf(index, size)))
        expect(proof).toEqual(proofOf(index, size))
        await expect(check(proof)).resolves.toMatchObject({ origin, size })
      }
    }
  })

  test('keeps the cosignatures of its checkpoint as they are', async () => {
    const witness = await witnessParty('witness.example')
    const proof = proofOf(4, 9)
    const checkpoint =
      proof.checkpoint + cosign(parseNote(proof.checkpoint).text, witness.signer, 7)
    const file = formatProof({ ...proof, checkpoint })
    expect(parseProof(file).checkpoint).toBe(checkpoint)
    await expect(check(parseProof(file))).resolves.toMatchObject({ size: 9 })
  })

  test('may bring extra data, which is read and dropped', () => {
    const file = formatProof(proofOf(4, 9))
    const withExtra = file.replace('\nindex', '\nextra YWJj\nindex')
    expect(parseProof(withExtra)).toEqual(parseProof(file))
    expect(parseProof(file.replace('\nindex', '\nextra \nindex'))).toEqual(parseProof(file))
    expect(formatProof(parseProof(withExtra))).toBe(file)
  })
})

describe('what is no proof in form', () => {
  const malformed: Record<string, [FlawCode, (good: string) => string]> = {
    'another version': ['proof-header', (good) => good.replace('@v1', '@v2')],
    'no header': ['proof-header', (good) => good.slice(good.indexOf('index'))],
    'a carriage return in the header': ['proof-header', (good) => good.replace('@v1', '@v1\r')],
    'a byte order mark': ['proof-header', (good) => `\ufeff${good}`],
    'an empty line at first': ['proof-header', (good) => `\n${good}`],
    'an empty line behind the header': ['proof-index', (good) => good.replace('\n', '\n\n')],
    'no index': ['proof-index', (good) => good.replace('index 4\n', '')],
    'two indexes': ['base64', (good) => good.replace('index 4\n', 'index 4\nindex 4\n')],
    'a leading zero': ['proof-index', (good) => good.replace('index 4', 'index 04')],
    'a sign': ['proof-index', (good) => good.replace('index 4', 'index +4')],
    'a negative index': ['proof-index', (good) => good.replace('index 4', 'index -4')],
    'a hexadecimal index': ['proof-index', (good) => good.replace('index 4', 'index 0x4')],
    'an index behind two spaces': ['proof-index', (good) => good.replace('index 4', 'index  4')],
    'a space behind the index': ['proof-index', (good) => good.replace('index 4', 'index 4 ')],
    'an index of 30 digits': ['proof-index', (good) => good.replace('index 4', `index ${'9'.repeat(30)}`)],
    'an index of 2^53': ['proof-index-size', (good) => good.replace('index 4', 'index 9007199254740992')],
    'extra data behind the index': ['base64', (good) => good.replace('index 4\n', 'index 4\nextra YWJj\n')],
    'two lines of extra data': ['proof-index', (good) => good.replace('index', 'extra YWJj\nextra YWJj\nindex')],
    'extra data without padding': ['base64', (good) => good.replace('index', 'extra YWI\nindex')],
    'extra data with stray bits': ['base64', (good) => good.replace('index', 'extra YWJ=\nindex')],
    'extra data with a space': ['base64', (good) => good.replace('index', 'extra YW Jj\nindex')],
    'extra data without a space before it': ['proof-index', (good) => good.replace('index', 'extra\nindex')],
    'a hash of 31 bytes': ['proof-hash', (good) => good.replace('index 4\n', `index 4\n${toBase64(new Uint8Array(31))}\n`)],
    'a hash of 33 bytes': ['proof-hash', (good) => good.replace('index 4\n', `index 4\n${toBase64(new Uint8Array(33))}\n`)],
    'a hash in hexadecimal': ['proof-hash', (good) => good.replace('index 4\n', `index 4\n${'ab'.repeat(32)}\n`)],
    'a hash without padding': ['base64', (good) => good.replace('=\n', '\n')],
    'a hash with a carriage return': ['base64', (good) => good.replace('=\n', '=\r\n')],
    '64 hashes': ['proof-too-many-hashes', (good) => good.replace('index 4\n', `index 4\n${`${toBase64(new Uint8Array(32))}\n`.repeat(60)}`)],
    'no checkpoint': ['proof-no-checkpoint', (good) => good.slice(0, good.indexOf('\n\n') + 1)],
    'nothing behind the empty line': ['note-no-signatures', (good) => good.slice(0, good.indexOf('\n\n') + 2)],
    'two empty lines before the checkpoint': ['checkpoint-form', (good) => good.replace('\n\n', '\n\n\n')],
    'a checkpoint without signatures': ['note-no-signatures', (good) => good.slice(0, good.lastIndexOf('\n\n') + 1)],
    'a checkpoint with an extension': ['checkpoint-form', (good) => good.replace('\n\n—', '\nextension\n\n—')],
    'a line feed more at the end': ['note-unterminated', (good) => `${good}\n`],
    'no line feed at the end': ['note-unterminated', (good) => good.slice(0, -1)],
    'two million characters': ['proof-file-length', (good) => good.replace('index', `extra ${'A'.repeat(2_000_000)}\nindex`)],
    nothing: ['proof-no-checkpoint', () => ''],
  }
  test.each(Object.entries(malformed))('%s is refused', (_, [code, change]) => {
    const good = formatProof(proofOf(4, 9))
    expect(change(good)).not.toBe(good)
    expect(() => parseProof(change(good))).toThrow(flaw(code))
  })

  test('63 hashes, and an index just below 2^53, are read', () => {
    const hashes = Array.from({ length: 63 }, () => new Uint8Array(32))
    const file = formatProof({ ...proofOf(4, 9), index: Number.MAX_SAFE_INTEGER, hashes })
    expect(parseProof(file)).toMatchObject({ index: Number.MAX_SAFE_INTEGER, hashes })
  })
})

describe('what proves nothing', () => {
  test.each([9, 10, 11, 12])(
    'a proof shorter or longer than its place in a tree of %d needs',
    async (size) => {
      for (let index = 0; index < size; index++) {
        const proof = proofOf(index, size)
        const { hashes } = proof
        if (hashes.length > 0)
          await expect(check({ ...proof, hashes: hashes.slice(1) })).rejects.toThrow(
            flaw('proof-too-short'),
          )
        await expect(check({ ...proof, hashes: [] })).rejects.toThrow(flaw('proof-too-short'))
        await expect(check({ ...proof, hashes: [...hashes, hashes[0]!] })).rejects.toThrow(
          flaw('proof-too-long'),
        )
      }
    },
  )

  test('an index at the size or above it', async () => {
    const proof = proofOf(4, 9)
    for (const index of [9, 10, Number.MAX_SAFE_INTEGER])
      await expect(check({ ...proof, index }, leaves[4])).rejects.toThrow(
        flaw('proof-index-outside'),
      )
    await expect(check({ index: 0, hashes: [], checkpoint: checkpointOf(0) })).rejects.toThrow(
      flaw('proof-index-outside'),
    )
  })

  test('another leaf, another place of the same depth, another root, hashes in another order', async () => {
    const proof = proofOf(4, 9)
    const wrong = flaw('proof-root')
    await expect(check(proof, leaves[5])).rejects.toThrow(wrong)
    await expect(check(proof, leaves[4]!.subarray(1))).rejects.toThrow(wrong)
    await expect(check({ ...proof, index: 5 }, leaves[4])).rejects.toThrow(wrong)
    await expect(check({ ...proof, checkpoint: checkpointOf(9, leaves[0]) })).rejects.toThrow(wrong)
    await expect(check({ ...proof, hashes: proof.hashes.toReversed() })).rejects.toThrow(wrong)
  })

  test('a checkpoint of another key, of another origin, or one that was changed', async () => {
    const stranger = await logParty(origin)
    const { index, hashes } = proofOf(4, 9)
    const root = treeRoot(sha256, leaves.slice(0, 9))
    const strange = signCheckpoint({ origin, size: 9, root }, stranger.signer)
    const elsewhere = signCheckpoint({ origin: 'elsewhere', size: 9, root }, log.signer)
    const changed = checkpointOf(9).replace('\n9\n', '\n10\n')
    const of = (checkpoint: string) => check({ index, hashes, checkpoint }, leaves[4])
    await expect(of(strange)).rejects.toThrow(flaw('note-unsigned'))
    await expect(of(elsewhere)).rejects.toThrow(flaw('checkpoint-origin'))
    await expect(of(changed)).rejects.toThrow(flaw('note-signature-wrong'))
  })

  const believed = async (file: string): Promise<unknown> => check(parseProof(file), leaves[4])

  test('every part of a file that is not the whole', async () => {
    const file = formatProof(proofOf(4, 9))
    await expect(believed(file)).resolves.toMatchObject({ size: 9 })
    for (let from = 0; from < file.length; from++) {
      for (const part of [
        file.slice(0, from),
        file.slice(from + 1),
        file.slice(0, from) + file.slice(from + 1),
      ])
        if (part !== file)
          await expect(believed(part), JSON.stringify(part)).rejects.toBeInstanceOf(Flaw)
    }
  })

  test('a file with any one character counted up or down, or with one bit of it flipped', async () => {
    const file = formatProof(proofOf(4, 9))
    for (let at = 0; at < file.length; at++) {
      const char = file.charCodeAt(at)
      for (const other of [char + 1, char - 1, char ^ 0x10, char ^ 0x20]) {
        const mangled = file.slice(0, at) + String.fromCharCode(other) + file.slice(at + 1)
        await expect(believed(mangled), JSON.stringify(mangled)).rejects.toBeInstanceOf(Flaw)
      }
    }
  })
})
