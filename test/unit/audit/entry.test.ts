import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notice } from '#protocol'
import { toHex, utf8 } from '../../../src/audit/bytes.ts'
import {
  commitmentOf,
  groupDigest,
  groups,
  type Opening,
} from '../../../src/audit/commitment.ts'
import {
  decodeCore,
  encodeCore,
  encodeSubject,
  isSameAct,
  recordHeader,
  requestTerms,
  shownNotice,
} from '../../../src/audit/entry.ts'
import { interruptedGates } from '../../../src/audit/interrupted.ts'
import { parseRecordLeaf, recordLeaf } from '../../../src/audit/leaf.ts'
import { formatOpening, parseOpening } from '../../../src/audit/opening.ts'
import { causes, records, type CoreRecord } from '../../../src/audit/records.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import { PersonKey } from '../../support/person-key.ts'
import { goodStory, Story, terms } from './story.ts'

const good = goodStory().entries.map(({ core }) => core)
const request = good[1]!
const badRequest = (at: string) =>
  expect.objectContaining({ code: 'shape', message: expect.stringContaining(at) })
/** A record changed as someone could who is not held by our types. */
const changed = (
  record: CoreRecord,
  change: (json: Record<string, unknown>) => void,
): CoreRecord => {
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify(record))
  change(copy)
  return copy as CoreRecord
}

describe('a record', () => {
  test('reads back as it was written, whatever the order of its keys', () => {
    for (const core of good) {
      expect(decodeCore(utf8(encodeCore(core)))).toEqual(core)
      const reversed = changed(core, (json) => {
        for (const [key, value] of Object.entries(json).toReversed()) {
          delete json[key]
          json[key] = value
        }
      })
      expect(encodeCore(reversed)).toBe(encodeCore(core))
    }
  })

  test('of every type begins with its schema, id, type and session', () => {
    expect(Object.keys(records).toSorted()).toEqual([
      'access',
      'decision',
      'destroyed',
      'effect-started',
      'effect-stopped',
      'gate-closed',
      'gate-open',
      'hold',
      'host-changed',
      'operation',
      'request',
      'request-over',
      'rights',
      'session-close',
      'session-open',
      'sweep',
    ])
    for (const core of good)
      expect(encodeCore(core)).toMatch(
        /^\{"schema":"assent:consent-record:1","recordId":"[0-9a-f]{32}","type":"[a-z-]+","session":/,
      )
  })

  test('refuses every field that is missing', () => {
    for (const core of good) {
      for (const key of Object.keys(core).filter((one) => one !== 'manifestSha256')) {
        expect(
          () => encodeCore(changed(core, (json) => delete json[key])),
          `${core.type} without ${key}`,
        ).toThrow(expect.objectContaining({ code: 'shape' }))
      }
    }
  })

  test('refuses a field that nobody knows, at any depth', () => {
    expect(() => encodeCore(changed(request, (json) => (json['note'] = 'hello')))).toThrow(
      badRequest('core must be without unknown keys'),
    )
    expect(() =>
      encodeCore(changed(request, (json) => (json['subject'] = { ref: 'anna', name: 'Anna' }))),
    ).toThrow(badRequest('core.subject'))
  })

  test.each<[string, (json: Record<string, unknown>) => void, string]>([
    ['another schema', (json) => (json['schema'] = 'assent:consent-record:2'), 'core.schema'],
    ['another type', (json) => (json['type'] = 'toString'), 'core.type'],
    ['an id with a space', (json) => (json['requestId'] = 'req 1'), 'core.requestId'],
    [
      'a hash in capitals',
      (json) => (json['notice'] = { ...shown, sha256: 'A'.repeat(64) }),
      'core.notice.sha256',
    ],
    ['no recipients', (json) => (json['recipients'] = null), 'core.recipients'],
    [
      'a purpose that is required',
      (json) => (json['purposes'] = [{ ...terms.purposes[0], required: true }]),
      'core.purposes[0].required',
    ],
    [
      'a time before 1970',
      (json) => (json['event'] = { ...request.event, time: -1 }),
      'core.event.time',
    ],
    [
      'a time that is no integer',
      (json) => (json['event'] = { ...request.event, time: 1.5 }),
      'core.event.time',
    ],
    [
      'a time as a text',
      (json) => (json['event'] = { ...request.event, time: '1' }),
      'core.event.time',
    ],
    [
      'a time beyond 2^53',
      (json) => (json['event'] = { ...request.event, time: 2 ** 53 }),
      'core.event.time',
    ],
    [
      'another state',
      (json) => (json['event'] = { ...request.event, state: 'given' }),
      'core.event.state',
    ],
    ['a list for an object', (json) => (json['subject'] = []), 'core.subject'],
    ['half a character', (json) => (json['lawfulBasis'] = '\ud800'), 'core.lawfulBasis'],
    ['a text too long', (json) => (json['lawfulBasis'] = 'x'.repeat(101)), 'core.lawfulBasis'],
  ])('refuses %s, and names the place', (_, change, at) => {
    expect(() => encodeCore(changed(request, change))).toThrow(badRequest(at))
  })
  const shown = {
    sha256: 'a'.repeat(64),
    url: 'https://x.example',
    lang: 'en',
    version: '1',
    date: '2026-01-01',
  }

  test('a yes has one cause, and it is a click', () => {
    expect(causes.given).toEqual(['click'])
    const yes = good.find(({ type }) => type === 'decision')!
    for (const cause of ['timeout', 'disconnect', 'policy']) {
      expect(() =>
        encodeCore(changed(yes, (json) => (json['event'] = { ...yes.event, cause }))),
      ).toThrow(badRequest('core.event.cause'))
    }
  })

  test('every cause is a reason code', () => {
    for (const cause of Object.values(causes).flat()) expect(cause).toMatch(/^[a-z0-9-]{1,32}$/)
  })

  test('never repeats what it was given in its errors', () => {
    const secret = 'S3CRET'
    expect(() => encodeCore(changed(request, (json) => (json[secret] = secret)))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    )
    expect(() =>
      encodeCore(changed(request, (json) => (json['requestId'] = `${secret}!`))),
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }))
  })

  test('over a million characters is refused', () => {
    const tracks = Array.from({ length: 4000 }, () => ({
      subject: { ref: 'x'.repeat(64) },
      source: 'microphone' as const,
      startedAt: 2 ** 52,
      stoppedAt: 2 ** 52,
    }))
    const stopped = good.find(({ type }) => type === 'effect-stopped')!
    const mediaSha512 = Array.from({ length: 4000 }, () => 'b'.repeat(128))
    expect(() =>
      encodeCore(changed(stopped, (json) => Object.assign(json, { tracks, mediaSha512 }))),
    ).toThrow(badRequest('core must be at most'))
  })

  test.each([
    ['white space', (json: string) => json.replace(',', ', ')],
    [
      'another order',
      (json: string) => json.replace(/^\{("schema":"[^"]+"),("recordId":"[^"]+")/, '{$2,$1'),
    ],
    ['a key twice', (json: string) => json.replace('{', '{"schema":"x",')],
    ['an escaped letter', (json: string) => json.replace('anna', '\\u0061nna')],
    ['nothing', () => ''],
    ['null', () => 'null'],
  ])('with %s has a second reading, and is refused', (_, change) => {
    expect(() => decodeCore(utf8(change(encodeCore(request))))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(encoding|shape|json)$/) }),
    )
  })

  test('the subject holds the name, or nothing at all', () => {
    expect(encodeSubject(undefined)).toBe('')
    expect(encodeSubject({ name: 'Anna', account: 'a1' })).toBe('{"name":"Anna","account":"a1"}')
  })

  test('the same act is one that was made again, at another time under another id', () => {
    const again = changed(request, (json) =>
      Object.assign(json, { recordId: 'f'.repeat(32), event: { ...request.event, time: 9 } }),
    )
    expect(isSameAct(request, again)).toBe(true)
    expect(
      isSameAct(
        request,
        changed(request, (json) => (json['subject'] = { ref: 'ben' })),
      ),
    ).toBe(false)
    expect(
      isSameAct(
        request,
        changed(request, (json) => (json['requestId'] = 'req_2')),
      ),
    ).toBe(false)
    const story = new Story()
    expect(
      isSameAct(
        story.entries[story.given('anna')]!.core,
        story.entries[story.withdrawn('anna')]!.core,
      ),
    ).toBe(false)
  })

  test('a header has a fresh id each time', () => {
    expect(recordHeader('access', 's').recordId).not.toBe(recordHeader('access', 's').recordId)
  })
})

test('a request repeats everything of its notice but who asks, by name', () => {
  const notice = {
    ...terms,
    schema: 'assent/notice/v1',
    requestId: 'req_1',
    session: { id: 'call_1', startedAt: 1 },
    askedBy: { name: 'Anna Example', at: 1 },
    policy: 'each',
    validity: { from: 1, until: 'end-of-session' },
    policyText: {
      version: '3',
      date: '2026-01-02',
      lang: 'de',
      url: 'https://calls.example/privacy',
    },
  } as unknown as Notice
  expect(requestTerms(notice)).toEqual(terms)
  expect(JSON.stringify(requestTerms(notice))).not.toContain('Anna')
  expect(shownNotice(notice, 'a'.repeat(64), null)).toEqual({
    sha256: 'a'.repeat(64),
    version: '3',
    date: '2026-01-02',
    lang: 'de',
    url: 'https://calls.example/privacy',
  })
})

const reversed = (object: object): object =>
  Object.fromEntries(Object.entries(object).toReversed())

describe('an opening', () => {
  const part = (byte: number, length: number) => ({
    bytes: new Uint8Array(length).fill(byte),
    salt: new Uint8Array(64).fill(byte),
  })
  const opening: Opening = { core: part(1, 30), subject: part(2, 5), proof: part(3, 0) }
  const erased = (...which: readonly (typeof groups)[number][]): Opening =>
    Object.fromEntries(
      groups.map((group) => [
        group,
        which.includes(group)
          ? { digest: groupDigest(sha256, group, opening[group]) }
          : opening[group],
      ]),
    ) as Opening

  test('opens the same leaf whatever part of it was erased', () => {
    const leaf = toHex(commitmentOf(sha256, opening))
    for (const which of [
      [],
      ['core'],
      ['subject'],
      ['proof'],
      ['core', 'subject'],
      ['core', 'subject', 'proof'],
    ] as const) {
      expect(toHex(commitmentOf(sha256, erased(...which)))).toBe(leaf)
    }
  })

  test('commits to every byte and to the group it stands in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...groups),
        fc.constantFrom('bytes', 'salt'),
        fc.nat(),
        (group, field, at) => {
          const { bytes, salt } = part(groups.indexOf(group) + 1, 30)
          const target = field === 'bytes' ? bytes : salt
          const whole = { ...opening, [group]: { bytes: bytes.slice(), salt: salt.slice() } }
          target[at % target.length]! ^= 1
          expect(toHex(commitmentOf(sha256, { ...opening, [group]: { bytes, salt } }))).not.toBe(
            toHex(commitmentOf(sha256, whole)),
          )
        },
      ),
    )
    expect(toHex(groupDigest(sha256, 'core', opening.core))).not.toBe(
      toHex(groupDigest(sha256, 'subject', opening.core)),
    )
  })

  test('survives its file, whole and erased, with its notice and the key that asked', () => {
    const [notice, statementJwk] = [utf8('notice'), new PersonKey().jwk]
    for (const one of [opening, erased('subject'), erased('core', 'subject', 'proof')]) {
      const whole = { opening: one, notice, statementJwk }
      expect(parseOpening(formatOpening(whole))).toEqual(whole)
      expect(parseOpening(formatOpening({ opening: one }))).toEqual({
        opening: one,
        notice: undefined,
        statementJwk: undefined,
      })
    }
    expect(JSON.parse(formatOpening({ opening: erased('subject') }))).toMatchObject({
      v: 1,
      groups: { proof: '' },
      digests: { subject: expect.any(String) },
    })
  })

  test.each<[string, (file: Record<string, Record<string, string>>) => unknown]>([
    ['another version', (file) => Object.assign(file, { v: 2 })],
    ['a missing salt', (file) => delete file['salts']!['core']],
    ['a short salt', (file) => (file['salts']!['core'] = 'AAAA')],
    [
      'a missing group',
      (file) => {
        delete file['salts']!['core']
        return delete file['groups']!['core']
      },
    ],
    [
      'a group that is whole and erased',
      (file) => (file['digests']!['core'] = Buffer.alloc(32).toString('base64')),
    ],
    ['base64 without padding', (file) => (file['groups']!['core'] = 'AAA')],
    ['a fourth group', (file) => (file['groups']!['extra'] = 'AAAA')],
    [
      'a private key',
      (file) =>
        (file['statementJwk'] = { ...new PersonKey().jwk, d: 'A'.repeat(43) } as Record<string, string>),
    ],
    ['its keys in another order', (file) => Object.assign(file, { groups: reversed(file['groups']!) })],
  ])('file with %s is refused', (_, change) => {
    const file = JSON.parse(formatOpening({ opening }))
    change(file)
    expect(() => parseOpening(JSON.stringify(file))).toThrow(
      expect.objectContaining({ name: 'Flaw' }),
    )
  })

  test('a leaf is one line of label and one of commitment, and nothing else is one', () => {
    const leaf = recordLeaf(commitmentOf(sha256, opening))
    expect(toHex(parseRecordLeaf(leaf))).toBe(toHex(commitmentOf(sha256, opening)))
    for (const other of [
      leaf.subarray(1),
      leaf.subarray(0, -1),
      utf8(`${new TextDecoder().decode(leaf)}\n`),
      utf8('consent-audit/v1 record\nAAAA\n'),
      Uint8Array.of(0xff),
    ]) {
      expect(() => parseRecordLeaf(other)).toThrow(expect.objectContaining({ name: 'Flaw' }))
    }
  })
})

describe('what a crash left open', () => {
  const keys = (story: Story): string[] =>
    interruptedGates(story.entries, 7).map(
      ({ key, core }) => `${core.type} ${core.event.state} ${key}`,
    )

  test('is nothing after a story that ended', () => {
    expect(keys(goodStory())).toEqual([])
  })

  test.each<[number, string[]]>([
    [5, []],
    [6, ['gate-closed interrupted interrupted:5']],
    [7, ['gate-closed interrupted interrupted:5', 'effect-stopped interrupted interrupted:6']],
    [8, ['effect-stopped interrupted interrupted:6']],
    [9, []],
  ])('after the first %i entries: %j', (length, expected) => {
    const story = goodStory()
    story.entries.splice(length)
    expect(keys(story)).toEqual(expected)
  })

  test('is one gate for each run, however often it was replaced, and makes a story without a gap', () => {
    const story = goodStory()
    story.entries.splice(7)
    story.gateOpen([3, 4], ['anna', 'ben'])
    story.started(['anna'])
    expect(keys(story)).toEqual([
      'gate-closed interrupted interrupted:7',
      'effect-stopped interrupted interrupted:8',
    ])
    for (const { core } of interruptedGates(story.entries, 7)) {
      expect(() => encodeCore(core)).not.toThrow()
      expect(core).toMatchObject({
        session: { id: 'call_1' },
        requestId: 'req_1',
        event: { time: 7 },
      })
    }
  })
})
