import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Private, Sha256, type RtpCapabilities } from '../../../src/protocol/index.ts'
import { CapabilitySets } from '../../../src/server/capability-sets.ts'
import { failing } from '../../../src/server/health.ts'
import { createLog } from '../../../src/server/log.ts'
import { offerOf } from '../../../src/server/upgrade.ts'

const set = (clockRate: number): RtpCapabilities => ({
  codecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate }],
  headerExtensions: [],
})
const hashOf = (capabilities: RtpCapabilities) =>
  Sha256.parse(createHash('sha256').update(JSON.stringify(capabilities)).digest('hex'))

describe('capability sets', () => {
  test('are found by the hash of their JSON, and by no other', () => {
    const sets = new CapabilitySets()
    sets.remember(set(1))
    expect(sets.find(hashOf(set(1)))).toEqual(set(1))
    expect(sets.find(hashOf(set(2)))).toBeNull()
  })

  test('are 256 at most: the longest unused is forgotten', () => {
    const sets = new CapabilitySets()
    for (let rate = 0; rate < 256; rate += 1) sets.remember(set(rate))
    sets.find(hashOf(set(0)))
    sets.remember(set(256))
    expect(sets.find(hashOf(set(0)))).not.toBeNull()
    expect(sets.find(hashOf(set(1)))).toBeNull()
    expect(sets.find(hashOf(set(2)))).not.toBeNull()
  })
})

describe('an offer', () => {
  const known = new CapabilitySets()
  known.remember(set(1))
  const join = (change: object = {}) =>
    Buffer.from(
      JSON.stringify({ router: 'a'.repeat(64), capabilities: hashOf(set(1)), ...change }),
    ).toString('base64url')
  const offer = (protocols: string, authorization?: string) =>
    offerOf(
      {
        'sec-websocket-protocol': protocols,
        ...(authorization !== undefined && { authorization }),
      },
      known,
    )

  test.each<[string, string, string | undefined, string | null]>([
    ['as a subprotocol', 'assent.v1, assent.jwt.a.b.c', undefined, 'a.b.c'],
    ['before our protocol', 'assent.jwt.a.b.c,assent.v1', undefined, 'a.b.c'],
    ['in the header', 'assent.v1', 'Bearer a.b.c', 'a.b.c'],
    ['in the header, in small letters', 'assent.v1', 'bearer a.b.c', 'a.b.c'],
    ['in both, the same', 'assent.v1, assent.jwt.a.b.c', 'Bearer a.b.c', 'a.b.c'],
    ['in both, another', 'assent.v1, assent.jwt.a.b.c', 'Bearer x', null],
    ['of another scheme', 'assent.v1', 'Basic a.b.c', null],
    ['nowhere', 'assent.v1', undefined, null],
  ])('has its token %s', (_, protocols, authorization, token) => {
    expect(offer(protocols, authorization)?.token).toBe(token)
  })

  test.each(['', 'chat', 'assent.v2', 'xassent.v1', 'assent.jwt.a'])(
    'of %j is not for us',
    (protocols) => {
      expect(offer(protocols)).toBeNull()
    },
  )

  test('may carry the join of a known browser', () => {
    expect(offer(`assent.v1, assent.join.${join({ resume: 'r' })}`)?.upgradeJoin).toEqual({
      router: 'a'.repeat(64),
      resume: 'r',
      capabilities: set(1),
    })
  })

  test.each([
    ['of an unknown browser', join({ capabilities: 'b'.repeat(64) })],
    ['with an unknown key', join({ admin: true })],
    ['with a name that is none', join({ name: '' })],
    ['that is no JSON', 'AAAA'],
  ])('with a join %s has none', (_, text) => {
    expect(offer(`assent.v1, assent.join.${text}`)?.upgradeJoin).toBeNull()
  })
})

test('health names what does not hold, and what cannot tell', () => {
  const broken = () => {
    throw new Error('no answer')
  }
  expect(failing({ log: () => true, media: () => false, disk: broken })).toEqual(['media', 'disk'])
})

describe('the log', () => {
  const lines: Record<string, unknown>[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>)
      done()
    },
  })
  const log = createLog('info', sink)
  const last = () => lines.at(-1) ?? expect.fail('no line')

  test('is one JSON object a line, without a word about the machine', () => {
    log.warn({ count: 2 }, 'something')
    expect(last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      count: 2,
      msg: 'something',
    })
  })

  test('shows of an error what happened, not where from', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 192.0.2.7:443'), {
      code: 'ECONNREFUSED',
      address: '192.0.2.7',
      port: 443,
    })
    log.error(
      { err: new TypeError('fetch of [2001:db8:1:2:3:4:5:6] failed', { cause }) },
      'keys not loaded',
    )
    expect(JSON.stringify(last())).not.toMatch(/192\.0\.2|2001:db8/)
    expect(last()).toMatchObject({
      err: {
        type: 'TypeError',
        message: 'fetch of [[address]] failed',
        cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED [address]' },
      },
    })
  })

  test.each([
    '192.0.2.7',
    '192.0.2.7.',
    '192.0.2.7:443',
    '::1',
    '::ffff:192.0.2.7',
    '2001:db8::7',
    '2001:DB8:1:2:3:4:5:6',
  ])('has no %s in it', (address) => {
    log.error({ err: new Error(`(${address}) refused`) }, 'x')
    expect(last()).toMatchObject({ err: { message: '([address]) refused' } })
  })

  test('keeps times of day and versions in an error', () => {
    const message = 'at 12:30:59 with v1.2.3, file.ts:97:5, node:fs'
    log.error({ err: new Error(message) }, 'x')
    expect(last()).toMatchObject({ err: { message } })
  })

  test('never shows a private value', () => {
    log.info({ person: new Private('Ada') }, 'x')
    expect(last()).toMatchObject({ person: '[private]' })
  })

  test('says nothing below its level', () => {
    const before = lines.length
    createLog('error', sink).warn({}, 'x')
    expect(lines).toHaveLength(before)
  })
})
