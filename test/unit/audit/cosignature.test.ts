import { beforeAll, describe, expect, test } from 'vitest'
import { concat, toBase64, toHex } from '../../../src/audit/bytes.ts'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { collectCosignatures, cosign } from '../../../src/audit/cosignature.ts'
import { Flaw, type FlawCode } from '../../../src/audit/flaw.ts'
import { openNote, parseNote, signNote } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import {
  formatVerifierKey,
  keyIdOf,
  parseVerifierKey,
  parseWitnessKey,
} from '../../../src/audit/verifier-key.ts'
import { logParty, witnessParty, type Party } from './parties.ts'

const flaw = (code: FlawCode) => expect.objectContaining({ name: 'Flaw', code })
const root = new Uint8Array(32).fill(7)

let log: Party<'note'>
let witness: Party<'cosignature'>
let other: Party<'cosignature'>
/** Signed by the log, cosigned by nobody. */
let note: string
let text: string
beforeAll(async () => {
  log = await logParty('log.example')
  witness = await witnessParty('witness.example')
  other = await witnessParty('other.example')
  note = signCheckpoint({ origin: 'log.example', size: 12, root }, log.signer)
  text = parseNote(note).text
})

describe("a witness's key", () => {
  test('has type 4 in its text and in its id, and never passes for a key of a log, nor the reverse', async () => {
    const { name, publicKey, keyId } = witness.verifier
    expect(witness.vkey).toBe(
      `witness.example+${keyId}+${toBase64(concat(Uint8Array.of(4), publicKey))}`,
    )
    expect(keyId).toBe(toHex(keyIdOf(sha256, name, publicKey, 'cosignature')))
    expect(keyId).not.toBe(toHex(keyIdOf(sha256, name, publicKey, 'note')))
    const sameKey = formatVerifierKey(sha256, name, publicKey, 'note')
    await expect(parseVerifierKey(sha256, witness.vkey)).rejects.toThrow(flaw('vkey-type'))
    await expect(parseWitnessKey(sha256, sameKey)).rejects.toThrow(flaw('vkey-type'))
    expect((await parseVerifierKey(sha256, sameKey)).type).toBe('note')
    expect((await parseWitnessKey(sha256, witness.vkey)).type).toBe('cosignature')
  })

  test('with the id of the other type is refused', async () => {
    const { name, publicKey, keyId } = witness.verifier
    const noteId = toHex(keyIdOf(sha256, name, publicKey, 'note'))
    await expect(
      parseWitnessKey(sha256, witness.vkey.replace(`+${keyId}+`, `+${noteId}+`)),
    ).rejects.toThrow(flaw('vkey-id'))
  })

  test('in part, or with any one byte counted up, is refused', async () => {
    const { vkey } = witness
    for (let from = 0; from < vkey.length; from++)
      for (let to = from; to <= vkey.length; to++)
        if (to - from < vkey.length)
          await expect(parseWitnessKey(sha256, vkey.slice(from, to))).rejects.toBeInstanceOf(Flaw)
    for (let at = 0; at < vkey.length; at++) {
      const next = String.fromCharCode(vkey.charCodeAt(at) + 1)
      const mangled = vkey.slice(0, at) + next + vkey.slice(at + 1)
      await expect(parseWitnessKey(sha256, mangled), mangled).rejects.toBeInstanceOf(Flaw)
    }
  })
})

describe('cosignatures', () => {
  test('are found with their times, several of one witness too, in the order of the note', async () => {
    const cosigned =
      note +
      cosign(text, witness.signer, 1_700_000_000) +
      cosign(text, other.signer, 1) +
      cosign(text, witness.signer, Number.MAX_SAFE_INTEGER)
    await expect(
      collectCosignatures(cosigned, [witness.verifier, other.verifier]),
    ).resolves.toEqual([
      { witness: witness.verifier, timeS: 1_700_000_000 },
      { witness: other.verifier, timeS: 1 },
      { witness: witness.verifier, timeS: Number.MAX_SAFE_INTEGER },
    ])
    await expect(openNote(cosigned, [log.verifier])).resolves.toEqual({
      text,
      signedBy: [log.verifier],
    })
  })

  test('of nobody known are none, and of the unknown are not judged', async () => {
    const bad = cosign('another text\n', other.signer, 5)
    await expect(collectCosignatures(note, [witness.verifier])).resolves.toEqual([])
    await expect(collectCosignatures(note + bad, [])).resolves.toEqual([])
    await expect(
      collectCosignatures(note + bad + cosign(text, witness.signer, 5), [witness.verifier]),
    ).resolves.toEqual([{ witness: witness.verifier, timeS: 5 }])
  })

  test('commit to the time: neither it nor the text can be exchanged', async () => {
    const [, , base64] = cosign(text, witness.signer, 5).trimEnd().split(' ')
    const blob = Uint8Array.fromBase64(base64!)
    blob[11] = 6
    const later = `— witness.example ${toBase64(blob)}\n`
    await expect(collectCosignatures(note + later, [witness.verifier])).rejects.toThrow(
      flaw('cosignature-wrong'),
    )
    const elsewhere = cosign(text.replace('12', '13'), witness.signer, 5)
    await expect(collectCosignatures(note + elsewhere, [witness.verifier])).rejects.toThrow(
      flaw('cosignature-wrong'),
    )
  })

  test('are none: a plain signature by the same key, with or without a time before it', async () => {
    const [plain] = signNote(text, witness.signer).split('\n').slice(-2)
    await expect(collectCosignatures(`${note}${plain!}\n`, [witness.verifier])).rejects.toThrow(
      flaw('cosignature-length'),
    )
    const timed = concat(
      witness.signer.keyId,
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5),
      Uint8Array.fromBase64(plain!.split(' ')[2]!).subarray(4),
    )
    await expect(
      collectCosignatures(`${note}— witness.example ${toBase64(timed)}\n`, [witness.verifier]),
    ).rejects.toThrow(flaw('cosignature-wrong'))
  })
  const badBlobs: Record<string, [FlawCode, (blob: Uint8Array) => Uint8Array]> = {
    'a byte short': ['cosignature-length', (blob) => blob.subarray(0, -1)],
    'a byte long': ['cosignature-length', (blob) => concat(blob, Uint8Array.of(0))],
    'without its time': ['cosignature-length', (blob) => concat(blob.subarray(0, 4), blob.subarray(12))],
    'of the time zero': ['cosignature-time', (blob) => concat(blob.subarray(0, 4), new Uint8Array(8), blob.subarray(12))],
    'of a time above 2^53': ['cosignature-time', (blob) => blob.with(5, 0x20)],
    'of a time above 2^63': ['cosignature-time', (blob) => blob.with(4, 0x80)],
    'of another time': ['cosignature-wrong', (blob) => blob.with(11, 9)],
    'with another signature': ['cosignature-wrong', (blob) => blob.with(75, blob[75]! ^ 1)],
  }
  test.each(Object.entries(badBlobs))(
    'one %s spoils the note, beside a good one too',
    async (_, [code, change]) => {
      const good = cosign(text, witness.signer, 5)
      const blob = Uint8Array.fromBase64(good.trimEnd().split(' ')[2]!)
      const bad = `— witness.example ${toBase64(change(blob))}\n`
      for (const lines of [bad, good + bad, bad + good])
        await expect(collectCosignatures(note + lines, [witness.verifier])).rejects.toThrow(
          flaw(code),
        )
    },
  )

  test('a note with any one character changed is refused, or its cosignature is by someone unknown', async () => {
    const cosigned = note + cosign(text, witness.signer, 5)
    for (let at = 0; at < cosigned.length; at++) {
      const mangled =
        cosigned.slice(0, at) +
        String.fromCharCode(cosigned.charCodeAt(at) ^ 1) +
        cosigned.slice(at + 1)
      const found = await collectCosignatures(mangled, [witness.verifier]).catch(
        (error: unknown) => {
          if (!(error instanceof Flaw)) throw error
          return 'refused'
        },
      )
      const isOfTheLog = at > text.length && at < note.length
      // The log's own line is not a witness's: what is changed there, whoever opens the note finds.
      if (isOfTheLog) continue
      expect(found === 'refused' || found.length === 0, JSON.stringify(mangled)).toBe(true)
    }
  })

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53])('of the time %d are never made', (timeS) => {
    expect(() => cosign(text, witness.signer, timeS)).toThrow(flaw('cosignature-time'))
  })
})
