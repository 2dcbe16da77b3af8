import { beforeAll, describe, expect, test } from 'vitest'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { cosign } from '../../../src/audit/cosignature.ts'
import { Flaw, type FlawCode } from '../../../src/audit/flaw.ts'
import { judgeCheckpoint } from '../../../src/audit/judge-checkpoint.ts'
import { parseNote, signNote } from '../../../src/audit/note.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import { parsePolicy } from '../../../src/audit/trust-policy.ts'
import { formatVerifierKey } from '../../../src/audit/verifier-key.ts'
import { logParty, witnessParty, type Party } from './parties.ts'

const flaw = (code: FlawCode) => expect.objectContaining({ name: 'Flaw', code })
const parse = (file: string) => parsePolicy(sha256, file)

let log: Party<'note'>
let second: Party<'note'>
let w: Party<'cosignature'>[]
/** Five witnesses under the names A to E. */
let named: string
beforeAll(async () => {
  log = await logParty('log.example')
  second = await logParty('second.example')
  w = await Promise.all([0, 1, 2, 3, 4].map((i) => witnessParty(`witness.example/${i}`)))
  named = `log ${log.vkey}\n${w.map(({ vkey }, i) => `witness ${'ABCDE'[i]} ${vkey}\n`).join('')}`
})

describe('a policy', () => {
  test('is read, with comments, blank lines, tabs, spaces at both ends and addresses', async () => {
    const file = [
      '# whom we trust',
      '',
      ' \t ',
      `log\t${log.vkey}  https://log.example/`,
      `  log ${second.vkey}`,
      ' # witnesses',
      `witness A ${w[0]!.vkey} https://witness.example/ `,
      `witness zwei-größte ${w[1]!.vkey}`,
      `witness \u212a ${w[2]!.vkey}`,
      'group X 2 A zwei-größte',
      'group Y any X \u212a',
      'quorum Y\t',
      '',
    ].join('\n')
    await expect(parse(file)).resolves.toEqual({
      logs: [
        { key: log.verifier, url: 'https://log.example/' },
        { key: second.verifier, url: undefined },
      ].map(({ key, url }) => ({ key: { ...key, verify: expect.any(Function) }, url })),
      witnesses: [
        { name: 'A', party: w[0]!, url: 'https://witness.example/' },
        { name: 'zwei-größte', party: w[1]!, url: undefined },
        { name: '\u212a', party: w[2]!, url: undefined },
      ].map(({ name, party, url }) => ({
        name,
        key: { ...party.verifier, verify: expect.any(Function) },
        url,
      })),
      groups: [
        { name: 'X', threshold: 2, members: ['A', 'zwei-größte'] },
        { name: 'Y', threshold: 1, members: ['X', '\u212a'] },
      ],
      quorum: 'Y',
    })
  })

  test('needs neither logs nor witnesses, but a quorum', async () => {
    await expect(parse('quorum none\n')).resolves.toEqual({
      logs: [],
      witnesses: [],
      groups: [],
      quorum: undefined,
    })
  })

  test('may name witnesses and groups as it likes, but not none', async () => {
    const file = `witness any ${w[0]!.vkey}\nwitness # ${w[1]!.vkey}\ngroup 2 all any #\nquorum 2\n`
    await expect(parse(file)).resolves.toMatchObject({
      groups: [{ name: '2', threshold: 2 }],
      quorum: '2',
    })
  })

  test('of 40 logs, 40 witnesses and 40 groups is read', async () => {
    const logs = await Promise.all(Array.from({ length: 40 }, (_, i) => logParty(`log${i}`)))
    const witnesses = await Promise.all(Array.from({ length: 40 }, (_, i) => witnessParty(`w${i}`)))
    const file = [
      ...logs.map(({ vkey }) => `log ${vkey}`),
      ...witnesses.map(({ vkey }, i) => `witness w${i} ${vkey}`),
      ...witnesses.map((_, i) => (i === 0 ? 'group g0 all w0' : `group g${i} all g${i - 1} w${i}`)),
      'quorum g39\n',
    ].join('\n')
    const policy = await parse(file)
    expect([policy.logs.length, policy.witnesses.length, policy.groups.length]).toEqual([
      40, 40, 40,
    ])
  })

  /** The code, the line that the message names, and the file; `named` defines A to E in lines 2 to 6. */
  const malformed: Record<string, [FlawCode, number, () => string]> = {
    'an unknown keyword': ['policy-keyword', 1, () => 'threshold 2\nquorum none\n'],
    'a keyword in capitals': ['policy-keyword', 1, () => 'QUORUM none\n'],
    'a keyword of an object': ['policy-keyword', 1, () => 'constructor x\nquorum none\n'],
    'a carriage return': ['policy-character', 1, () => 'quorum none\r\n'],
    'a zero byte in a comment': ['policy-character', 2, () => 'quorum none\n# \0\n'],
    'a delete character': ['policy-character', 1, () => '# \u007f\nquorum none\n'],
    'a vertical tab': ['policy-character', 1, () => 'quorum\u000bnone\n'],
    'half a surrogate pair': ['policy-character', 1, () => '# \ud800\nquorum none\n'],
    'a no-break space between words': ['policy-keyword', 1, () => 'quorum\u00a0none\n'],
    'a byte order mark': ['policy-keyword', 1, () => '\ufeffquorum none\n'],
    'a last line that was cut': ['policy-unterminated', 7, () => `${named}quorum A`],
    'a space behind the last line feed': ['policy-unterminated', 2, () => 'quorum none\n '],
    'a log without a key': ['policy-fields', 1, () => 'log\nquorum none\n'],
    'a log with a third word': ['policy-fields', 1, () => `log ${log.vkey} https://x y\nquorum none\n`],
    'a witness without a key': ['policy-fields', 1, () => 'witness A\nquorum none\n'],
    'a witness with a fourth word': ['policy-fields', 1, () => `witness A ${w[0]!.vkey} https://x y\nquorum none\n`],
    'a group without members': ['policy-fields', 7, () => `${named}group X any\nquorum none\n`],
    'a group without a number': ['policy-fields', 7, () => `${named}group X\nquorum none\n`],
    'a quorum without a name': ['policy-fields', 1, () => 'quorum\n'],
    'a quorum of two names': ['policy-fields', 7, () => `${named}quorum A B\n`],
    'a comment behind a quorum': ['policy-fields', 1, () => 'quorum none # for now\n'],
    'a malformed key of a log': ['policy-key', 1, () => `log ${log.vkey.slice(1)}\nquorum none\n`],
    'a log with the key of a witness': ['policy-key', 1, () => `log ${w[0]!.vkey}\nquorum none\n`],
    'a witness with the key of a log': ['policy-key', 1, () => `witness A ${log.vkey}\nquorum none\n`],
    'a malformed key of a witness': ['policy-key', 1, () => `witness A ${w[0]!.vkey}=\nquorum none\n`],
    'a log named twice': ['policy-key-twice', 2, () => `log ${log.vkey}\nlog ${log.vkey}\nquorum none\n`],
    'a log under a second name': ['policy-key-twice', 2, () => `log ${log.vkey}\nlog ${renamed(log)}\nquorum none\n`],
    'a witness named twice': ['policy-key-twice', 7, () => `${named}witness F ${w[0]!.vkey}\nquorum A\n`],
    'a witness under a second name': ['policy-key-twice', 7, () => `${named}witness F ${renamed(w[0]!)}\nquorum A\n`],
    'two witnesses of one name': ['policy-name-twice', 7, () => `${named}witness A ${fresh.vkey}\nquorum A\n`],
    'a group with the name of a witness': ['policy-name-twice', 7, () => `${named}group A any B\nquorum A\n`],
    'two groups of one name': ['policy-name-twice', 8, () => `${named}group X any A\ngroup X any B\nquorum X\n`],
    'a witness named none': ['policy-name-reserved', 1, () => `witness none ${w[0]!.vkey}\nquorum none\n`],
    'a group named none': ['policy-name-reserved', 7, () => `${named}group none any A\nquorum none\n`],
    'none as a member': ['policy-name-unknown', 7, () => `${named}group X any A none\nquorum X\n`],
    'a member that is not defined': ['policy-name-unknown', 7, () => `${named}group X any F\nquorum X\n`],
    'a member that is defined later': ['policy-name-unknown', 1, () => `group X any A\n${named}quorum X\n`],
    'a group in itself': ['policy-name-unknown', 7, () => `${named}group X any X\nquorum X\n`],
    'a member by its key': ['policy-name-unknown', 7, () => `${named}group X any ${w[0]!.verifier.name}\nquorum X\n`],
    'a member in other letters': ['policy-name-unknown', 7, () => `${named}group X any a\nquorum X\n`],
    'a member twice in one group': ['policy-member-twice', 7, () => `${named}group X 2 A A\nquorum X\n`],
    'a member of two groups': ['policy-member-twice', 8, () => `${named}group X any A B\ngroup Y any A C\nquorum X\n`],
    'a threshold of 0': ['policy-threshold', 7, () => `${named}group X 0 A B\nquorum X\n`],
    'a threshold above the members': ['policy-threshold', 7, () => `${named}group X 3 A B\nquorum X\n`],
    'a negative threshold': ['policy-threshold', 7, () => `${named}group X -1 A B\nquorum X\n`],
    'a threshold with a zero before it': ['policy-threshold', 7, () => `${named}group X 02 A B\nquorum X\n`],
    'a threshold with a fraction': ['policy-threshold', 7, () => `${named}group X 1.5 A B\nquorum X\n`],
    'a threshold in words': ['policy-threshold', 7, () => `${named}group X most A B\nquorum X\n`],
    'a threshold of 20 digits': ['policy-threshold', 7, () => `${named}group X ${'1'.repeat(20)} A B\nquorum X\n`],
    'two quorums': ['policy-quorum-twice', 8, () => `${named}quorum A\nquorum A\n`],
    'two quorums, one of them none': ['policy-quorum-twice', 8, () => `${named}quorum none\nquorum A\n`],
    'a quorum that is not defined': ['policy-name-unknown', 7, () => `${named}quorum F\n`],
    'a quorum that is defined later': ['policy-name-unknown', 1, () => `quorum A\n${named}`],
  }
  let fresh: Party<'cosignature'>
  beforeAll(async () => {
    fresh = await witnessParty('fresh.example')
  })
  test.each(Object.entries(malformed))(
    'with %s is refused, and the line is named',
    async (_, [code, line, file]) => {
      await expect(parse(file())).rejects.toMatchObject({
        name: 'Flaw',
        code,
        message: expect.stringMatching(new RegExp(`^policy line ${line}: `)),
      })
    },
  )

  test('without a quorum, or that is empty, is refused', async () => {
    for (const file of ['', '\n', '# quorum none\n', named])
      await expect(parse(file)).rejects.toThrow(flaw('policy-quorum-missing'))
  })

  test('of more than 100,000 characters is refused', async () => {
    const quorum = 'quorum none\n'
    const filling = (length: number) => `#${'x'.repeat(length - quorum.length - 2)}\n${quorum}`
    await expect(parse(filling(100_000))).resolves.toMatchObject({ quorum: undefined })
    await expect(parse(filling(100_001))).rejects.toThrow(flaw('policy-too-long'))
  })

  test('in part is refused, or asks for as much as before', async () => {
    const file = `${named}group X 2 A B C\ngroup Y all D E\ngroup Z all X Y\nquorum Z\n`
    const whole = await parse(file)
    for (let from = 0; from < file.length; from++) {
      for (const part of [file.slice(0, from), file.slice(from + 1)]) {
        const policy = await parse(part).catch((error: unknown) => {
          if (!(error instanceof Flaw)) throw error
          return undefined
        })
        // What is left is at most without the log, which stands first and in no quorum.
        if (policy !== undefined)
          expect({ ...policy, logs: whole.logs, witnesses: [] }, part).toEqual({
            ...whole,
            witnesses: [],
          })
      }
    }
  })
})

test('a policy with any one character changed is refused, or only the number that was changed differs', async () => {
  const file = `${named}group one 2 A B C\ngroup two all D E\ngroup both all one two\nquorum both\n`
  const threshold = file.indexOf(' 2 ') + 1
  for (let at = 0; at < file.length; at++) {
    const char = file.charCodeAt(at)
    for (const other of [char + 1, char - 1, char ^ 0x20, char ^ 0x80]) {
      const mangled = file.slice(0, at) + String.fromCharCode(other) + file.slice(at + 1)
      const policy = await parse(mangled).catch((error: unknown) => {
        if (!(error instanceof Flaw)) throw error
        return undefined
      })
      const where = JSON.stringify(mangled.slice(Math.max(0, at - 20), at + 20))
      if (at !== threshold) expect(policy, where).toBeUndefined()
      else expect(policy?.groups[0]?.threshold, where).not.toBe(2)
    }
  }
})

describe('a quorum', () => {
  const checkpoint = () =>
    signCheckpoint(
      { origin: 'log.example', size: 12, root: new Uint8Array(32).fill(7) },
      log.signer,
    )
  /** The checkpoint, cosigned by the witnesses of these letters, one second after another. */
  const cosignedBy = (letters: string): string => {
    const note = checkpoint()
    const lines = letters
      .split('')
      .map((letter, i) => cosign(parseNote(note).text, w['ABCDE'.indexOf(letter)]!.signer, 100 + i))
    return note + lines.join('')
  }
  const twoLevels = 'group X 2 A B C\ngroup Y any D E\ngroup Z all X Y\nquorum Z\n'
  const table: [rules: string, enough: string[], tooFew: string[]][] = [
    ['quorum none\n', ['', 'A'], []],
    ['quorum B\n', ['B', 'AB'], ['', 'A', 'ACDE']],
    ['group X any A B\nquorum X\n', ['A', 'B', 'AB'], ['', 'CDE']],
    ['group X all A B\nquorum X\n', ['AB', 'BAC'], ['', 'A', 'B', 'AA', 'ACDE']],
    ['group X 2 A B C\nquorum X\n', ['AB', 'CB', 'ABC'], ['', 'A', 'AAA', 'ADE']],
    [twoLevels, ['ABD', 'BCE', 'ABCDE'], ['ABC', 'DE', 'ADE', 'AADD']],
    ['group X any A\nquorum B\n', ['B'], ['A']],
  ]
  test.each(table)('%j', async (rules, enough, tooFew) => {
    const policy = await parse(named + rules)
    for (const letters of enough)
      expect((await judgeCheckpoint(policy, cosignedBy(letters))).hasQuorum, letters).toBe(true)
    for (const letters of tooFew)
      expect((await judgeCheckpoint(policy, cosignedBy(letters))).hasQuorum, letters).toBe(false)
  })

  test('is judged with the log that signed, and with who cosigned when', async () => {
    const policy = await parse(`${named}log ${second.vkey}\nquorum none\n`)
    const judged = await judgeCheckpoint(policy, cosignedBy('CAC'))
    expect(judged).toMatchObject({
      checkpoint: { origin: 'log.example', size: 12 },
      cosignatures: [
        { witness: 'C', timeS: 100 },
        { witness: 'A', timeS: 101 },
        { witness: 'C', timeS: 102 },
      ],
    })
    expect(judged.log).toBe(policy.logs[0]!.key)
  })

  test('counts no cosignature of another checkpoint, of a plain signature, or of an unknown witness', async () => {
    const policy = await parse(`${named}quorum A\n`)
    const note = checkpoint()
    const [line] = signNote(parseNote(note).text, w[0]!.signer).split('\n').slice(-2)
    const elsewhere = cosign('log.example\n13\nx\n', w[0]!.signer, 100)
    await expect(judgeCheckpoint(policy, note + elsewhere)).rejects.toThrow(
      flaw('cosignature-wrong'),
    )
    await expect(judgeCheckpoint(policy, `${note}${line!}\n`)).rejects.toThrow(
      flaw('cosignature-length'),
    )
    const namesake = await witnessParty(w[0]!.verifier.name)
    const byNamesake = note + cosign(parseNote(note).text, namesake.signer, 100)
    expect(await judgeCheckpoint(policy, byNamesake)).toMatchObject({
      cosignatures: [],
      hasQuorum: false,
    })
  })

  test('helps no checkpoint that the log did not sign', async () => {
    const policy = await parse(`${named}quorum A\n`)
    const foreign = signCheckpoint(
      { origin: 'second.example', size: 1, root: new Uint8Array(32) },
      second.signer,
    )
    const cosigned = foreign + cosign(parseNote(foreign).text, w[0]!.signer, 100)
    await expect(judgeCheckpoint(policy, cosigned)).rejects.toThrow(flaw('note-unsigned'))
    const posing = signCheckpoint(
      { origin: 'second.example', size: 1, root: new Uint8Array(32) },
      log.signer,
    )
    await expect(judgeCheckpoint(policy, posing)).rejects.toThrow(flaw('checkpoint-origin'))
    const noCheckpoint = signNote('log.example\n', log.signer)
    await expect(judgeCheckpoint(policy, noCheckpoint)).rejects.toThrow(flaw('checkpoint-form'))
  })

  test('of a note in part, or with any one character changed, is refused or not there', async () => {
    const policy = await parse(`${named}group X all A B\nquorum X\n`)
    const note = cosignedBy('AB')
    expect((await judgeCheckpoint(policy, note)).hasQuorum).toBe(true)
    for (let at = 0; at < note.length; at++) {
      const change = (put: string) => note.slice(0, at) + put + note.slice(at + 1)
      const next = String.fromCharCode(note.charCodeAt(at) + 1)
      const flipped = String.fromCharCode(note.charCodeAt(at) ^ 0x20)
      for (const mangled of [
        note.slice(0, at),
        note.slice(at + 1),
        change(''),
        change(next),
        change(flipped),
      ]) {
        const judged = await judgeCheckpoint(policy, mangled).catch((error: unknown) => {
          if (!(error instanceof Flaw)) throw error
          return { hasQuorum: false }
        })
        expect(judged.hasQuorum, JSON.stringify(mangled)).toBe(false)
      }
    }
  })

  test('can be asked about a log that is known from elsewhere, and then of no other', async () => {
    const policy = await parse(`witness A ${w[0]!.vkey}\nquorum A\n`)
    await expect(judgeCheckpoint(policy, cosignedBy('A'))).rejects.toThrow(flaw('note-unsigned'))
    const judged = await judgeCheckpoint(policy, cosignedBy('A'), [log.verifier])
    expect(judged).toMatchObject({ log: log.verifier, hasQuorum: true })
    await expect(
      judgeCheckpoint(await parse(`${named}quorum A\n`), cosignedBy('A'), [second.verifier]),
    ).rejects.toThrow(flaw('note-unsigned'))
  })
})

/** The same key under another name. */
const renamed = ({ verifier }: Party<'note'> | Party<'cosignature'>): string =>
  formatVerifierKey(sha256, 'renamed.example', verifier.publicKey, verifier.type)
