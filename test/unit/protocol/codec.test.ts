import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CallError,
  closeCodeOf,
  decodeFromClient,
  decodeFromServer,
  decodeResult,
  decodeServerResult,
  encodeError,
  encodeEvent,
  encodeRequest,
  encodeResult,
  errorOfCloseCode,
  errors,
  methods,
  newId,
  Private,
  toCallError,
  Unreadable,
  type ErrorCode,
  type Event,
} from '#protocol'

const codes = Object.keys(errors) as ErrorCode[]
const prototypeNames = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'prototype',
  '',
]

/** What a frame is refused with: its code and the id that the answer goes to. */
function refusal(decode: () => unknown): { code: string; id: number | null } {
  try {
    decode()
  } catch (error) {
    if (error instanceof Unreadable) return { code: error.code, id: error.id }
    throw error
  }
  return { code: 'none', id: null }
}
const request = (part: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session.ping', params: {}, ...part })

describe('frames from a client', () => {
  test.each([
    ['no JSON', '{', 'MALFORMED', null],
    ['nothing', '', 'MALFORMED', null],
    ['a batch', `[${request({})}]`, 'NOT_A_REQUEST', null],
    ['null', 'null', 'NOT_A_REQUEST', null],
    ['a number', '7', 'NOT_A_REQUEST', null],
    ['another version', request({ jsonrpc: '1.0' }), 'NOT_A_REQUEST', null],
    ['an unknown key beside the known ones', request({ extra: 1 }), 'NOT_A_REQUEST', null],
    ['an id in text', request({ id: '1' }), 'NOT_A_REQUEST', null],
    ['a negative id', request({ id: -1 }), 'NOT_A_REQUEST', null],
    ['a broken id', request({ id: 1.5 }), 'NOT_A_REQUEST', null],
    ['an id beyond what numbers hold', request({ id: 2 ** 53 }), 'NOT_A_REQUEST', null],
    ['a null id', request({ id: null }), 'NOT_A_REQUEST', null],
    [
      'no id',
      JSON.stringify({ jsonrpc: '2.0', method: 'session.ping', params: {} }),
      'NOT_A_REQUEST',
      null,
    ],
    ['neither method nor result', JSON.stringify({ jsonrpc: '2.0', id: 1 }), 'NOT_A_REQUEST', null],
    [
      'a result without an id',
      JSON.stringify({ jsonrpc: '2.0', result: {} }),
      'NOT_A_REQUEST',
      null,
    ],
    ['an unknown method', request({ method: 'session.nothing' }), 'UNKNOWN_METHOD', 1],
    ['an event’s name', request({ method: 'consent.changed' }), 'UNKNOWN_METHOD', 1],
    [
      'a method of the server’s',
      request({ method: 'recording.show', params: { requestId: newId.request() } }),
      'UNKNOWN_METHOD',
      1,
    ],
    ['an unknown parameter', request({ params: { extra: 1 } }), 'BAD_REQUEST', 1],
    ['null parameters', request({ params: null }), 'none', null],
    ['parameters in a list', request({ params: [] }), 'BAD_REQUEST', 1],
  ])('%s', (_, text, code, id) => {
    expect(refusal(() => decodeFromClient(text))).toEqual({ code, id })
  })

  test.each(prototypeNames)('the method %j is none', (method) => {
    expect(refusal(() => decodeFromClient(request({ method })))).toEqual({
      code: 'UNKNOWN_METHOD',
      id: 1,
    })
    expect(
      refusal(() => decodeFromServer(JSON.stringify({ jsonrpc: '2.0', method, params: { n: 1 } }))),
    ).toEqual({ code: 'UNKNOWN_METHOD', id: null })
  })

  test('a key named __proto__ changes nothing and gives nothing', () => {
    expect(
      refusal(() =>
        decodeFromClient(
          '{"jsonrpc":"2.0","id":1,"method":"session.ping","params":{"__proto__":{"admin":true}}}',
        ),
      ).code,
    ).toBe('BAD_REQUEST')
    expect(
      refusal(() =>
        decodeFromClient(
          '{"jsonrpc":"2.0","id":1,"method":"session.ping","__proto__":{"admin":true},"params":{}}',
        ),
      ).code,
    ).not.toBe('INTERNAL')
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
  })

  test('what is wrong is said without repeating what was sent', () => {
    const secret = 'x'.repeat(5000)
    for (const text of [
      request({ method: secret.slice(0, 60) }),
      request({ params: { [secret]: 1 } }),
      request({ [secret]: 1 }),
      request({ method: 'session.renew', params: { token: secret.repeat(3) } }),
    ]) {
      try {
        decodeFromClient(text)
        expect.unreachable()
      } catch (error) {
        expect(error instanceof Unreadable && error.message.length).toBeLessThan(200)
        expect(String(error)).not.toContain('xxxx')
      }
    }
  })

  test('64 KiB of anything are read or refused, never worse', () => {
    const big = 'a'.repeat(65_000)
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    for (const params of [
      JSON.stringify({ purpose: big }),
      deep,
      JSON.stringify(Array.from({ length: 10_000 }, () => null)),
    ]) {
      const { code } = refusal(() =>
        decodeFromClient(`{"jsonrpc":"2.0","id":1,"method":"consent.ask","params":${params}}`),
      )
      expect(['BAD_REQUEST', 'MALFORMED', 'NOT_A_REQUEST']).toContain(code)
    }
  })

  test('any JSON at all is a message or an Unreadable', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(['MALFORMED', 'NOT_A_REQUEST', 'UNKNOWN_METHOD', 'BAD_REQUEST', 'none']).toContain(
          refusal(() => decodeFromClient(text)).code,
        )
      }),
    )
    const envelope = fc.record(
      {
        jsonrpc: fc.constant('2.0'),
        id: fc.jsonValue(),
        method: fc.constantFrom(...Object.keys(methods), ...prototypeNames),
        params: fc.jsonValue(),
        result: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: ['jsonrpc'] },
    )
    fc.assert(
      fc.property(envelope, (message) => {
        for (const decode of [decodeFromClient, decodeFromServer]) {
          expect(['NOT_A_REQUEST', 'UNKNOWN_METHOD', 'BAD_REQUEST', 'none']).toContain(
            refusal(() => decode(JSON.stringify(message))).code,
          )
        }
      }),
    )
  })
})

describe('what is encoded is what is decoded', () => {
  const id = fc.nat()
  const requests = fc.oneof(
    fc
      .constantFrom('session.ping', 'session.leave')
      .map((method) => ({ method, params: {} }) as const),
    fc
      .string({ minLength: 1, maxLength: 100 })
      .map((token) => ({ method: 'session.renew', params: { token } }) as const),
    fc
      .constantFrom('given', 'refused', 'withdrawn')
      .map(
        (decision) =>
          ({
            method: 'consent.decide',
            params: { requestId: newId.request(), noticeSha256: 'a'.repeat(64), decision },
          }) as const,
      ),
    fc
      .constantFrom('media.pause', 'media.resume', 'media.close')
      .map((method) => ({ method, params: { producerId: newId.producer() } }) as const),
    fc
      .uniqueArray(fc.string({ minLength: 1, maxLength: 64 }), { minLength: 1, maxLength: 20 })
      .map((consumerIds) => ({ method: 'media.watch', params: { consumerIds } }) as const),
  )

  test('requests', () => {
    fc.assert(
      fc.property(id, requests, (n, { method, params }) => {
        expect(decodeFromClient(encodeRequest(n, method, params))).toEqual({
          kind: 'request',
          id: n,
          method,
          params,
        })
      }),
    )
  })

  test('events, with their number', () => {
    const event = fc.oneof(
      fc.nat().map((inMs): Event => ({ event: 'session.stopping', params: { inMs } })),
      fc.constant<Event>({ event: 'peer.left', params: { peerId: newId.peer() } }),
      fc.constant<Event>({ event: 'consent.changed', params: { consent: { state: 'idle' } } }),
      fc
        .string()
        .map(
          (code): Event => ({
            event: 'media.producerRefused',
            params: { producerId: newId.producer(), code },
          }),
        ),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1 }), event, (n, one) => {
        expect(decodeFromServer(encodeEvent(n, one))).toEqual({ kind: 'event', n, ...one })
      }),
    )
    expect(
      refusal(() =>
        decodeFromServer(encodeEvent(0, { event: 'session.stopping', params: { inMs: 1 } })),
      ).code,
    ).toBe('BAD_REQUEST')
  })

  test('results, and a request of the server’s', () => {
    fc.assert(
      fc.property(id, fc.nat(), (n, now) => {
        const answer = decodeFromServer(encodeResult(n, { now }))
        expect(answer).toEqual({ kind: 'result', id: n, result: { now } })
        expect(decodeResult('session.ping', { now })).toEqual({ now })
      }),
    )
    const params = { requestId: newId.request() }
    expect(decodeFromServer(encodeRequest(3, 'recording.show', params))).toEqual({
      kind: 'request',
      id: 3,
      method: 'recording.show',
      params,
    })
    expect(decodeFromClient(encodeResult(3, {}))).toEqual({ kind: 'result', id: 3, result: {} })
    expect(decodeServerResult('recording.show', {})).toEqual({})
    expect(refusal(() => decodeResult('session.ping', { now: 'late' })).code).toBe('BAD_REQUEST')
    expect(refusal(() => decodeServerResult('recording.show', { extra: 1 })).code).toBe(
      'BAD_REQUEST',
    )
  })

  test.each(codes)('%s', (code) => {
    const wire = decodeFromServer(
      encodeError(4, new CallError(code, 'why', { retryAfterMs: 250 }), 'ref'),
    )
    expect(wire).toEqual({
      kind: 'error',
      id: 4,
      error: {
        code: errors[code].rpc,
        message: 'why',
        data: { code, todo: errors[code].todo, retryAfterMs: 250, reference: 'ref' },
      },
    })
    if (wire.kind !== 'error') return expect.unreachable()
    expect(toCallError(wire.error)).toMatchObject({ code, message: 'why', retryAfterMs: 250 })
    expect(decodeFromClient(encodeError(null, new CallError(code, 'why')))).toMatchObject({
      kind: 'error',
      id: null,
    })
  })

  test.each(['NEW_IN_NEXT_VERSION', ...prototypeNames])(
    'an error %j that we do not know reads as INTERNAL',
    (code) => {
      expect(toCallError({ code: -1, message: 'm', data: { code, todo: 't' } }).code).toBe(
        'INTERNAL',
      )
    },
  )

  test('a long message is cut', () => {
    expect(
      JSON.parse(encodeError(1, new CallError('INTERNAL', 'm'.repeat(2000)))).error.message,
    ).toHaveLength(500)
  })
})

describe('the table of errors', () => {
  test('numbers and close codes are of one error each', () => {
    const numbers = codes.map((code) => errors[code].rpc)
    expect(new Set(numbers).size).toBe(codes.length)
    const closing = codes.filter((code) => closeCodeOf(code) !== 1011)
    expect(new Set(closing.map(closeCodeOf)).size).toBe(closing.length)
    for (const code of closing) expect(errorOfCloseCode(closeCodeOf(code))).toBe(code)
    expect([errorOfCloseCode(1011), errorOfCloseCode(1000), closeCodeOf('INTERNAL')]).toEqual([
      undefined,
      undefined,
      1011,
    ])
  })

  test('our numbers keep to the ranges that are ours', () => {
    for (const code of codes) {
      const { rpc } = errors[code]
      expect(
        (rpc >= -32099 && rpc <= -32001) || [-32700, -32600, -32601, -32602, -32603].includes(rpc),
        code,
      ).toBe(true)
      const close = closeCodeOf(code)
      expect(close === 1011 || close === 1009 || (close >= 4000 && close <= 4999), code).toBe(true)
    }
  })
})

test('a private value shows itself to nobody who did not ask for it', () => {
  const secret = new Private('Ann')
  expect([`${secret.toString()}`, JSON.stringify({ secret }), secret.reveal()]).toEqual([
    '[private]',
    '{"secret":"[private]"}',
    'Ann',
  ])
})
