import { beforeAll, describe, expect, test } from 'vitest'
import { toBase64, utf8 } from '../../../src/audit/bytes.ts'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { cosign } from '../../../src/audit/cosignature.ts'
import { Flaw, type FlawCode } from '../../../src/audit/flaw.ts'
import { consistencyProof, emptyRoot, leafHash, treeRoot } from '../../../src/audit/merkle.ts'
import { parseNote, signNote } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import {
  formatAddCheckpoint,
  nothingSeen,
  openSubmission,
  parseAddCheckpoint,
  refusalOf,
  type AddCheckpoint,
  type Refusal,
  type Seen,
} from '../../../src/audit/witness.ts'
import { logParty, witnessParty, type Party } from './parties.ts'

const origin = 'log.example/consent/test'
const leaves = Array.from({ length: 20 }, (_, i) => leafHash(sha256, utf8(`leaf ${i}`)))
const forked = leaves.with(2, leaves[0]!)
const rootOf = (size: number, of = leaves): Uint8Array => treeRoot(sha256, of.slice(0, size))
const flaw = (code: FlawCode) => expect.objectContaining({ name: 'Flaw', code })

let log: Party<'note'>
let stranger: Party<'note'>
beforeAll(async () => {
  log = await logParty(origin)
  stranger = await logParty(origin)
})

const checkpoint = (size: number, root = rootOf(size), by = log): string =>
  signCheckpoint({ origin, size, root }, by.signer)
const request = (oldSize: number, size: number, of = leaves): AddCheckpoint => ({
  oldSize,
  proof:
    oldSize === 0 || oldSize > size ? [] : consistencyProof(sha256, of.slice(0, size), oldSize),
  checkpoint: checkpoint(size, rootOf(size, of)),
})
const seen = (size: number, of = leaves): Seen => ({ size, root: rootOf(size, of), timeS: 100 })

/** What the witness answers: undefined where it cosigns. */
async function answer(
  known: Seen,
  asked: AddCheckpoint | string,
  nowS = 100,
): Promise<Refusal | undefined> {
  const body = typeof asked === 'string' ? asked : formatAddCheckpoint(asked)
  const submission = await openSubmission([log.verifier], utf8(body))
  return 'status' in submission ? submission : refusalOf(sha256, known, submission, nowS)
}

describe('the body of add-checkpoint', () => {
  test('is as the specification has it, byte for byte', () => {
    const asked = request(3, 7)
    expect(formatAddCheckpoint(asked)).toBe(
      `old 3\n${asked.proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${asked.checkpoint}`,
    )
    expect(formatAddCheckpoint(request(0, 7))).toBe(`old 0\n\n${checkpoint(7)}`)
  })

  test('is the same after writing and reading', () => {
    for (let size = 0; size <= 12; size++)
      for (let old = 0; old <= size; old++)
        expect(parseAddCheckpoint(formatAddCheckpoint(request(old, size)))).toEqual(
          request(old, size),
        )
  })

  const hash = toBase64(new Uint8Array(32))
  const malformed: Record<string, [FlawCode, (good: string) => string]> = {
    'no empty line': ['submission-no-checkpoint', () => 'old 3\n'],
    'no old size': ['submission-old-size', (good) => good.slice(6)],
    'an old size with a leading zero': ['submission-old-size', (good) => good.replace('old 3', 'old 03')],
    'an old size with a sign': ['submission-old-size', (good) => good.replace('old 3', 'old -3')],
    'an old size of 2^53': ['submission-old-size', (good) => good.replace('old 3', 'old 9007199254740992')],
    'an old size of 20 digits': ['submission-old-size', (good) => good.replace('old 3', `old ${'1'.repeat(20)}`)],
    'two spaces': ['submission-old-size', (good) => good.replace('old 3', 'old  3')],
    'a carriage return': ['submission-old-size', (good) => good.replace('old 3', 'old 3\r')],
    'another word': ['submission-old-size', (good) => good.replace('old 3', 'new 3')],
    'an empty line at first': ['submission-no-checkpoint', (good) => `\n${good.replaceAll('\n\n', '\n')}`],
    '64 hashes': ['submission-too-many-hashes', (good) => good.replace('old 3', `old 3${`\n${hash}`.repeat(64)}`)],
    'a hash of 31 bytes': ['submission-hash', (good) => good.replace('old 3', `old 3\n${toBase64(new Uint8Array(31))}`)],
    'a hash without padding': ['base64', (good) => good.replace('old 3', `old 3\n${hash.slice(0, -1)}`)],
    'a hash in hexadecimal': ['submission-hash', (good) => good.replace('old 3', `old 3\n${'ab'.repeat(32)}`)],
  }
  test.each(Object.entries(malformed))('with %s is refused', (_, [code, change]) => {
    expect(() => parseAddCheckpoint(change(formatAddCheckpoint(request(3, 7))))).toThrow(flaw(code))
  })

  test('may have 63 hashes', () => {
    const proof = Array.from({ length: 63 }, () => new Uint8Array(32))
    expect(parseAddCheckpoint(formatAddCheckpoint({ ...request(3, 7), proof })).proof).toHaveLength(
      63,
    )
  })
})

describe('a witness', () => {
  test('cosigns what continues what it has seen, from every size to every other, the same one too', async () => {
    for (let size = 0; size <= leaves.length; size++)
      for (let old = 0; old <= size; old++)
        expect(
          await answer(old === 0 ? nothingSeen(sha256) : seen(old), request(old, size)),
          `${old} to ${size}`,
        ).toBeUndefined()
  })

  test('believes the first checkpoint of a log that it has never seen, with an empty proof and no other', async () => {
    const nothing = nothingSeen(sha256)
    expect(await answer(nothing, request(0, 7))).toBeUndefined()
    expect(await answer(nothing, { ...request(0, 7), proof: [leaves[0]!] })).toMatchObject({
      status: 422,
    })
    expect(await answer(nothing, request(3, 7))).toMatchObject({ status: 409, size: 0 })
  })

  test('409 tells where it is, to whoever believes it behind or ahead of that', async () => {
    for (const old of [0, 1, 4, 6, 7])
      expect(await answer(seen(5), request(old, 7)), `old ${old}`).toEqual({
        status: 409,
        size: 5,
        problem: 'this witness has seen size 5',
      })
  })

  test('409 also where the new tree is older than what it has seen', async () => {
    for (const [old, size] of [
      [0, 4],
      [3, 4],
      [4, 4],
    ] as const)
      expect(await answer(seen(5), request(old, size))).toMatchObject({ status: 409, size: 5 })
  })

  test('400 for an old size above the new one, also where it is what it has seen', async () => {
    for (const known of [seen(5), seen(4), nothingSeen(sha256)])
      expect(await answer(known, request(5, 4))).toMatchObject({ status: 400 })
  })

  test('422 for the same size with another root, with and without a proof', async () => {
    const problem = 'this witness has seen another root of this size'
    expect(await answer(seen(7), request(7, 7, forked))).toEqual({ status: 422, problem })
    expect(await answer(seen(7), { ...request(7, 7, forked), proof: [leaves[0]!] })).toEqual({
      status: 422,
      problem,
    })
    expect(await answer(seen(7), { ...request(7, 7), proof: [leaves[0]!] })).toMatchObject({
      status: 422,
    })
  })

  test('422 for a fork, and for a proof that is cut, longer, changed, swapped or of other sizes', async () => {
    const { proof, ...rest } = request(6, 13)
    const wrong: Record<string, readonly Uint8Array[]> = {
      none: [],
      cut: proof.slice(1),
      'cut at the end': proof.slice(0, -1),
      longer: [...proof, leaves[0]!],
      changed: proof.with(1, leaves[0]!),
      swapped: proof.toReversed(),
      'of size 5': request(5, 13).proof,
      'to size 12': request(6, 12).proof,
    }
    for (const [what, hashes] of Object.entries(wrong))
      expect(await answer(seen(6), { ...rest, proof: hashes }), what).toEqual({
        status: 422,
        problem: 'the proof does not lead from the tree this witness has seen',
      })
    expect(await answer(seen(6), request(6, 13, forked))).toMatchObject({ status: 422 })
    expect(await answer(seen(6, forked), request(6, 13))).toMatchObject({ status: 422 })
  })

  test('422 for an empty tree with another root than the empty one', async () => {
    const posing = (root: Uint8Array) => ({
      oldSize: 0,
      proof: [],
      checkpoint: checkpoint(0, root),
    })
    expect(await answer(nothingSeen(sha256), posing(emptyRoot(sha256)))).toBeUndefined()
    expect(await answer(nothingSeen(sha256), posing(leaves[0]!))).toMatchObject({ status: 422 })
  })

  test('404 for a log that it does not know, whatever its signature', async () => {
    const other = await logParty('other.example')
    const foreign = signCheckpoint(
      { origin: 'other.example', size: 7, root: rootOf(7) },
      other.signer,
    )
    const posing = signCheckpoint({ origin: 'other.example', size: 7, root: rootOf(7) }, log.signer)
    for (const note of [foreign, posing])
      expect(
        await answer(nothingSeen(sha256), { oldSize: 0, proof: [], checkpoint: note }),
      ).toMatchObject({ status: 404 })
  })

  test('403 for a checkpoint that no trusted key signed, or with one bad signature of such a key', async () => {
    const strange = checkpoint(7, rootOf(7), stranger)
    const bad = signNote('another text\n', log.signer).split('\n').at(-2)!
    for (const note of [
      strange,
      checkpoint(7).replace('\n7\n', '\n8\n'),
      `${checkpoint(7)}${bad}\n`,
    ])
      expect(
        await answer(nothingSeen(sha256), { oldSize: 0, proof: [], checkpoint: note }),
      ).toMatchObject({ status: 403 })
  })

  test('400 for whatever is malformed', async () => {
    const good = formatAddCheckpoint(request(3, 7))
    const bad: Record<string, string> = {
      nothing: '',
      'no checkpoint': good.slice(0, good.indexOf('\n\n') + 2),
      'an extension line': good.replace('\n\n—', '\nextension\n\n—'),
      'a leading zero in the size': good.replace('\n7\n', '\n07\n'),
      "an unknown key's malformed line": `${good}nonsense\n`,
      'no line feed at the end': good.slice(0, -1),
      'a control character': good.replace('log.example', 'log\t.example'),
    }
    for (const [what, body] of Object.entries(bad))
      expect(await answer(seen(3), body), what).toMatchObject({ status: 400 })
    const submission = await openSubmission([log.verifier], Uint8Array.of(0x6f, 0xff))
    expect(submission).toMatchObject({ status: 400 })
  })

  test('503 while its clock is behind its last cosignature', async () => {
    expect(await answer(seen(3), request(3, 7), 99)).toMatchObject({ status: 503 })
    expect(await answer(seen(3), request(3, 7), 100)).toBeUndefined()
  })

  test('trusts several keys of one log, and keeps the signatures of those alone', async () => {
    const note = checkpoint(7)
    const { text } = parseNote(note)
    const line = (by: Party<'note'>) => `${signNote(text, by.signer).split('\n').at(-2)!}\n`
    const passer = await witnessParty('passer.example')
    const crowded = note + line(stranger) + cosign(text, passer.signer, 5)
    const body = utf8(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: crowded }))
    await expect(openSubmission([log.verifier], body)).resolves.toMatchObject({ note })
    await expect(openSubmission([log.verifier, stranger.verifier], body)).resolves.toMatchObject({
      note: note + line(stranger),
      checkpoint: { origin, size: 7 },
    })
  })

  test('cosigns no body with any one character changed, and never fails on one', async () => {
    const good = formatAddCheckpoint(request(3, 7))
    expect(await answer(seen(3), good)).toBeUndefined()
    for (let at = 0; at < good.length; at++) {
      for (const flip of [1, 0x10, 0x20]) {
        const mangled =
          good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ flip) + good.slice(at + 1)
        expect(await answer(seen(3), mangled), JSON.stringify(mangled)).toMatchObject({
          status: expect.any(Number),
        })
      }
    }
    for (let end = 0; end < good.length; end++)
      expect(await answer(seen(3), good.slice(0, end)), `${end} characters`).toMatchObject({
        status: 400,
      })
  })
})

test('a failure that is no flaw of the submission is not taken for one', async () => {
  const broken = { ...log.verifier, verify: () => Promise.reject(new TypeError('out of memory')) }
  const submitted = openSubmission([broken], utf8(formatAddCheckpoint(request(0, 7))))
  await expect(submitted).rejects.toThrow(TypeError)
  await expect(submitted).rejects.not.toBeInstanceOf(Flaw)
})
