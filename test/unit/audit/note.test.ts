import { createPrivateKey } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { fromUtf8 } from '../../../src/audit/bytes.ts'
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../../src/audit/checkpoint.ts'
import { importEd25519 } from '../../../src/audit/ed25519.ts'
import type { FlawCode } from '../../../src/audit/flaw.ts'
import { openNote, parseNote, signNote } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import { formatVerifierKey, parseVerifierKey } from '../../../src/audit/verifier-key.ts'
import { logParty, rawPublicKey, type Party } from './parties.ts'

const origin = 'localhost:4443/consent/test'
let log: Party<'note'>
let other: Party<'note'>
let note: string
beforeAll(async () => {
  log = await logParty(origin)
  other = await logParty('witness.example')
  note = signNote('text\n', log.signer)
})
const line = (of: string, at = 0): string => of.split('\n\n').at(-1)!.split('\n')[at]!
const flaw = (code: FlawCode) => ({ name: 'Flaw', code })

describe('a note', () => {
  test('opens with the key that signed it, and names it', async () => {
    await expect(openNote(note, [other.verifier, log.verifier])).resolves.toEqual({
      text: 'text\n',
      signedBy: [log.verifier],
    })
  })

  test('that no known key signed is refused', async () => {
    await expect(openNote(note, [other.verifier])).rejects.toMatchObject(flaw('note-unsigned'))
    await expect(openNote(note, [])).rejects.toMatchObject(flaw('note-unsigned'))
  })

  test('ignores lines of unknown keys, also of 20 of them', async () => {
    const many = Array.from({ length: 20 }, () => line(signNote('text\n', other.signer))).join('\n')
    await expect(
      openNote(`text\n\n${many}\n${line(note)}\n`, [log.verifier]),
    ).resolves.toMatchObject({ text: 'text\n' })
  })

  test('with more than 100 signatures is refused', () => {
    expect(() => parseNote(`text\n\n${`${line(note)}\n`.repeat(100)}`)).not.toThrow()
    expect(() => parseNote(`text\n\n${`${line(note)}\n`.repeat(101)}`)).toThrow(
      expect.objectContaining(flaw('note-too-many-signatures')),
    )
  })

  test('with one bad signature of a known key is refused, although another is good', async () => {
    const bad = line(signNote('other\n', log.signer))
    const wrong = flaw('note-signature-wrong')
    await expect(openNote(`text\n\n${line(note)}\n${bad}\n`, [log.verifier])).rejects.toMatchObject(
      wrong,
    )
    await expect(openNote(`text\n\n${bad}\n${line(note)}\n`, [log.verifier])).rejects.toMatchObject(
      wrong,
    )
    const badOther = line(signNote('other\n', other.signer))
    await expect(
      openNote(`text\n\n${line(note)}\n${badOther}\n`, [log.verifier, other.verifier]),
    ).rejects.toMatchObject(wrong)
  })

  test('splits at the last empty line', () => {
    const text = 'one\n\ntwo\n\nthree\n'
    expect(parseNote(signNote(text, log.signer)).text).toBe(text)
  })

  test('with a changed byte anywhere is refused', async () => {
    for (let at = 0; at < note.length; at++) {
      const changed =
        note.slice(0, at) + String.fromCharCode(note.charCodeAt(at) ^ 1) + note.slice(at + 1)
      await expect(
        openNote(changed, [log.verifier]),
        JSON.stringify(changed),
      ).rejects.toMatchObject({ name: 'Flaw' })
    }
  })

  const malformed: Record<string, [FlawCode, (good: string) => string]> = {
    'no empty line': ['note-no-signatures', (good) => good.replace('\n\n', '\n')],
    'no line feed at the end': ['note-unterminated', (good) => good.slice(0, -1)],
    'an empty line more at the end': ['note-unterminated', (good) => `${good}\n`],
    'a carriage return': ['note-control-character', (good) => good.replace('text', 'te\rxt')],
    'a tab': ['note-control-character', (good) => good.replace('text', 'te\txt')],
    'a zero byte': ['note-control-character', (good) => good.replace('text', 'te\0xt')],
    'a lone surrogate': ['note-not-unicode', (good) => good.replace('text', 'te\ud800xt')],
    'a hyphen for the dash': ['note-signature-line', (good) => good.replace('— ', '- ')],
    'two spaces': ['note-signature-line', (good) => good.replace('— ', '—  ')],
    'a space after the signature': ['note-signature-line', (good) => good.replace(/\n$/, ' \n')],
    'a key name with a plus': ['note-signature-line', (good) => `${good}— a+b ${line(good).split(' ')[2]}\n`],
    'a key name with a no-break space': ['note-signature-line', (good) => `${good}— a\u00a0b ${line(good).split(' ')[2]}\n`],
    'base64 without padding': ['base64', (good) => `${good}— x AAAAAAA\n`],
    'base64 with stray bits': ['base64', (good) => `${good}— x AAAAAAB=\n`],
    'base64 of the URL alphabet': ['base64', (good) => `${good}— x AAAA_A==\n`],
    "an unknown key's signature of four bytes": ['note-signature-short', (good) => `${good}— x AAAAAA==\n`],
    "an unknown key's malformed line": ['note-signature-line', (good) => `${good}nonsense\n`],
    'over a million characters': ['note-too-long', (good) => 'x'.repeat(1_000_000) + good],
  }
  test.each(Object.entries(malformed))('with %s is refused', async (_, [code, change]) => {
    await expect(openNote(change(note), [log.verifier])).rejects.toMatchObject(flaw(code))
  })

  test('is never made of a text that would not be read again', () => {
    for (const [text, code] of [
      ['text', 'note-no-signatures'],
      ['te\rxt\n', 'note-control-character'],
      ['', 'note-no-signatures'],
    ] as const)
      expect(() => signNote(text, log.signer)).toThrow(expect.objectContaining(flaw(code)))
  })
})

describe('a verifier key', () => {
  const publicKey = rawPublicKey(
    createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${'00'.repeat(32)}`, 'hex'),
      format: 'der',
      type: 'pkcs8',
    }),
  )

  test('is the same after reading and writing', async () => {
    const vkey = formatVerifierKey(sha256, 'EnochRoot', publicKey)
    expect(vkey).toBe('EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop')
    await expect(
      parseVerifierKey(sha256, vkey.replace('af0cfe78', 'AF0CFE78')),
    ).rejects.toMatchObject(flaw('vkey-form'))
    await expect(parseVerifierKey(sha256, `${vkey}\n`)).rejects.toMatchObject(flaw('base64'))
  })

  test.each(['', 'a b', 'a+b', 'a\u2003b', 'a\u0085b', 'a\u0007b', '\ud800'])(
    'cannot be named %j',
    (name) => {
      expect(() => formatVerifierKey(sha256, name, publicKey)).toThrow(
        expect.objectContaining(flaw('vkey-name')),
      )
    },
  )

  const unfair: Record<string, [FlawCode, string]> = {
    'order 1': ['key-small-order', '01'.padEnd(64, '0')],
    'order 1, other sign': ['key-small-order', `01${'00'.repeat(30)}80`],
    'order 2': ['key-small-order', `ec${'ff'.repeat(30)}7f`],
    'order 4': ['key-small-order', '00'.repeat(32)],
    'order 4, other sign': ['key-small-order', `${'00'.repeat(31)}80`],
    'order 8': ['key-small-order', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    'order 8, other sign': ['key-small-order', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
    'the other order 8': ['key-small-order', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    'p, which is 0 again': ['key-not-canonical', `ed${'ff'.repeat(30)}7f`],
    'p + 1, which is 1 again': ['key-not-canonical', `ee${'ff'.repeat(30)}7f`],
    '31 bytes': ['key-length', '11'.repeat(31)],
  }
  test.each(Object.entries(unfair))('of %s is refused', async (_, [code, hex]) => {
    await expect(importEd25519(Uint8Array.fromHex(hex))).rejects.toMatchObject(flaw(code))
  })
})

describe('a checkpoint', () => {
  const root = new Uint8Array(32).fill(7)
  const checkpoint = { origin, size: 12, root }
  const body = formatCheckpoint(checkpoint)

  test('opens to what was signed', async () => {
    await expect(
      openCheckpoint(signCheckpoint(checkpoint, log.signer), log.verifier),
    ).resolves.toEqual(checkpoint)
  })

  test('of another origin is refused, although the right key signed it', async () => {
    const foreign = signNote(formatCheckpoint({ ...checkpoint, origin: 'elsewhere' }), log.signer)
    await expect(openCheckpoint(foreign, log.verifier)).rejects.toMatchObject(
      flaw('checkpoint-origin'),
    )
  })

  const malformed: Record<string, [FlawCode, string]> = {
    'a leading zero': ['checkpoint-form', body.replace('\n12\n', '\n012\n')],
    'a sign': ['checkpoint-form', body.replace('\n12\n', '\n+12\n')],
    'a negative size': ['checkpoint-form', body.replace('\n12\n', '\n-1\n')],
    'a hexadecimal size': ['checkpoint-form', body.replace('\n12\n', '\n0xc\n')],
    'a size of 2^53': ['checkpoint-size', body.replace('\n12\n', '\n9007199254740992\n')],
    'a size of 30 digits': ['checkpoint-form', body.replace('\n12\n', `\n${'9'.repeat(30)}\n`)],
    'an extension line': ['checkpoint-form', `${body}extension\n`],
    'no root': ['checkpoint-form', `${origin}\n12\n`],
    'a root of 31 bytes': ['checkpoint-root', formatCheckpoint({ ...checkpoint, root: root.subarray(1) })],
    'a root without padding': ['base64', body.replace('=\n', '\n')],
    'no origin': ['checkpoint-form', body.replace(origin, '')],
    'no line feed at the end': ['checkpoint-form', body.slice(0, -1)],
  }
  test.each(Object.entries(malformed))('with %s is refused', (_, [code, text]) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining(flaw(code)))
  })

  test('of the largest size that no computer rounds is read exactly', () => {
    expect(parseCheckpoint(body.replace('\n12\n', '\n9007199254740991\n')).size).toBe(
      Number.MAX_SAFE_INTEGER,
    )
    expect(parseCheckpoint(body.replace('\n12\n', '\n0\n')).size).toBe(0)
  })
})

test('bytes that are no UTF-8 are refused, and a byte order mark is kept', () => {
  expect(() => fromUtf8(Uint8Array.of(0xc3, 0x28))).toThrow(expect.objectContaining(flaw('utf8')))
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
})
