import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { fromBase64, fromUtf8, toBase64 } from '../../../src/audit/bytes.ts'
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../../src/audit/checkpoint.ts'
import { importEd25519 } from '../../../src/audit/ed25519.ts'
import { openNote, parseNote, signNote, type Signer } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import {
  formatVerifierKey,
  keyIdOf,
  parseVerifierKey,
  type Verifier,
} from '../../../src/audit/verifier-key.ts'

const origin = 'localhost:4443/consent/test'
const rawKey = (key: KeyObject): Uint8Array =>
  fromBase64(
    toBase64(Uint8Array.fromBase64(key.export({ format: 'jwk' }).x!, { alphabet: 'base64url' })),
  )

async function party(name: string): Promise<{ signer: Signer; verifier: Verifier }> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = rawKey(privateKey)
  const signer = {
    name,
    keyId: keyIdOf(sha256, name, publicKey),
    sign: (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)),
  }
  return {
    signer,
    verifier: await parseVerifierKey(sha256, formatVerifierKey(sha256, name, publicKey)),
  }
}

let log: Awaited<ReturnType<typeof party>>
let other: Awaited<ReturnType<typeof party>>
let note: string
beforeAll(async () => {
  log = await party(origin)
  other = await party('witness.example')
  note = signNote('text\n', log.signer)
})
const line = (of: string, at = 0): string => of.split('\n\n').at(-1)!.split('\n')[at]!
const corrupt = { code: 'LOG_CORRUPT' }

describe('a note', () => {
  test('opens with the key that signed it, and names it', async () => {
    await expect(openNote(note, [other.verifier, log.verifier])).resolves.toEqual({
      text: 'text\n',
      signedBy: [log.verifier],
    })
  })

  test('that no known key signed is refused', async () => {
    await expect(openNote(note, [other.verifier])).rejects.toMatchObject(corrupt)
    await expect(openNote(note, [])).rejects.toMatchObject(corrupt)
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
      expect.objectContaining(corrupt),
    )
  })

  test('with one bad signature of a known key is refused, although another is good', async () => {
    const bad = line(signNote('other\n', log.signer))
    await expect(openNote(`text\n\n${line(note)}\n${bad}\n`, [log.verifier])).rejects.toMatchObject(
      corrupt,
    )
    await expect(openNote(`text\n\n${bad}\n${line(note)}\n`, [log.verifier])).rejects.toMatchObject(
      corrupt,
    )
    const badOther = line(signNote('other\n', other.signer))
    await expect(
      openNote(`text\n\n${line(note)}\n${badOther}\n`, [log.verifier, other.verifier]),
    ).rejects.toMatchObject(corrupt)
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
      ).rejects.toMatchObject(corrupt)
    }
  })

  const malformed: Record<string, (good: string) => string> = {
    'no empty line': (good) => good.replace('\n\n', '\n'),
    'no line feed at the end': (good) => good.slice(0, -1),
    'an empty line more at the end': (good) => `${good}\n`,
    'a carriage return': (good) => good.replace('text', 'te\rxt'),
    'a tab': (good) => good.replace('text', 'te\txt'),
    'a zero byte': (good) => good.replace('text', 'te\0xt'),
    'a lone surrogate': (good) => good.replace('text', 'te\ud800xt'),
    'a hyphen for the dash': (good) => good.replace('— ', '- '),
    'two spaces': (good) => good.replace('— ', '—  '),
    'a space after the signature': (good) => good.replace(/\n$/, ' \n'),
    'a key name with a plus': (good) => `${good}— a+b ${line(good).split(' ')[2]}\n`,
    'a key name with a no-break space': (good) => `${good}— a\u00a0b ${line(good).split(' ')[2]}\n`,
    'base64 without padding': (good) => `${good}— x AAAAAAA\n`,
    'base64 with stray bits': (good) => `${good}— x AAAAAAB=\n`,
    'base64 of the URL alphabet': (good) => `${good}— x AAAA_A==\n`,
    "an unknown key's signature of four bytes": (good) => `${good}— x AAAAAA==\n`,
    "an unknown key's malformed line": (good) => `${good}nonsense\n`,
    'over a million characters': (good) => 'x'.repeat(1_000_000) + good,
  }
  test.each(Object.entries(malformed))('with %s is refused', async (_, change) => {
    await expect(openNote(change(note), [log.verifier])).rejects.toMatchObject(corrupt)
  })

  test('is never made of a text that would not be read again', () => {
    for (const text of ['text', 'te\rxt\n', ''])
      expect(() => signNote(text, log.signer)).toThrow(expect.objectContaining(corrupt))
  })
})

describe('a verifier key', () => {
  const publicKey = rawKey(
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
    ).rejects.toMatchObject(corrupt)
    await expect(parseVerifierKey(sha256, `${vkey}\n`)).rejects.toMatchObject(corrupt)
  })

  test.each(['', 'a b', 'a+b', 'a\u2003b', 'a\u0085b', 'a\u0007b', '\ud800'])(
    'cannot be named %j',
    (name) => {
      expect(() => formatVerifierKey(sha256, name, publicKey)).toThrow(
        expect.objectContaining(corrupt),
      )
    },
  )

  const unfair = {
    'order 1': '01'.padEnd(64, '0'),
    'order 1, other sign': `01${'00'.repeat(30)}80`,
    'order 2': `ec${'ff'.repeat(30)}7f`,
    'order 4': '00'.repeat(32),
    'order 4, other sign': `${'00'.repeat(31)}80`,
    'order 8': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'order 8, other sign': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'the other order 8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'p, which is 0 again': `ed${'ff'.repeat(30)}7f`,
    'p + 1, which is 1 again': `ee${'ff'.repeat(30)}7f`,
    '31 bytes': '11'.repeat(31),
  }
  test.each(Object.entries(unfair))('of %s is refused', async (_, hex) => {
    await expect(importEd25519(Uint8Array.fromHex(hex))).rejects.toMatchObject(corrupt)
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
    await expect(openCheckpoint(foreign, log.verifier)).rejects.toMatchObject(corrupt)
  })

  const malformed = {
    'a leading zero': body.replace('\n12\n', '\n012\n'),
    'a sign': body.replace('\n12\n', '\n+12\n'),
    'a negative size': body.replace('\n12\n', '\n-1\n'),
    'a hexadecimal size': body.replace('\n12\n', '\n0xc\n'),
    'a size of 2^53': body.replace('\n12\n', '\n9007199254740992\n'),
    'a size of 30 digits': body.replace('\n12\n', `\n${'9'.repeat(30)}\n`),
    'an extension line': `${body}extension\n`,
    'no root': `${origin}\n12\n`,
    'a root of 31 bytes': formatCheckpoint({ ...checkpoint, root: root.subarray(1) }),
    'a root without padding': body.replace('=\n', '\n'),
    'no origin': body.replace(origin, ''),
    'no line feed at the end': body.slice(0, -1),
  }
  test.each(Object.entries(malformed))('with %s is refused', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining(corrupt))
  })

  test('of the largest size that no computer rounds is read exactly', () => {
    expect(parseCheckpoint(body.replace('\n12\n', '\n9007199254740991\n')).size).toBe(
      Number.MAX_SAFE_INTEGER,
    )
    expect(parseCheckpoint(body.replace('\n12\n', '\n0\n')).size).toBe(0)
  })
})

test('bytes that are no UTF-8 are refused, and a byte order mark is kept', () => {
  expect(() => fromUtf8(Uint8Array.of(0xc3, 0x28))).toThrow(expect.objectContaining(corrupt))
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
})
