import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CallError, encodeRequest, newId } from '#protocol'
import {
  joinedEvent,
  routerSha256,
  someCapabilities,
  startWorld,
  wideLimits,
  type Client,
  type World,
} from '../../support/edge.ts'

let world: World
const restart = async (limits: Parameters<typeof startWorld>[0] = {}) => {
  await world[Symbol.asyncDispose]()
  world = await startWorld(limits)
}
const enter = async (): Promise<Client> => await world.open(await world.token()).opened()
/** The server's answer to this proves that it has handled what came before. */
const settled = (client: Client) => client.call('session.ping')
const tick = async (ms: number, client: Client) => {
  world.clock.now += ms
  world.server.tick()
  await new Promise((done) => client.socket.ping(undefined, undefined, () => done(undefined)))
}

beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

describe('a request', () => {
  test('is answered by the seat', async () => {
    const client = await enter()
    expect(await client.call('session.ping')).toEqual({ jsonrpc: '2.0', id: 1, result: { now: 1 } })
    expect(world.rooms.seat.heard).toEqual(['session.ping'])
    expect(await world.metric('assent_rpc_seconds_count{method="session.ping"}')).toBe(1)
  })

  test('that the room refuses is answered with the code, and the connection stays', async () => {
    world.rooms.reply = async () => {
      throw new CallError('NOT_AUTHORIZED', 'no grant for the camera')
    }
    const client = await enter()
    expect(await client.call('session.ping')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32024,
        message: 'no grant for the camera',
        data: { code: 'NOT_AUTHORIZED', todo: 'Ask for a token that grants this.' },
      },
    })
    expect(await world.metric('assent_errors_total{code="NOT_AUTHORIZED"}')).toBe(1)
    world.rooms.seat.reply = async () => ({ now: 2 })
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 2 } })
  })

  test('that fails for an unforeseen reason is INTERNAL with a reference that the log explains', async () => {
    world.rooms.reply = async () => {
      throw new TypeError('the secret cause')
    }
    const client = await enter()
    const { error } = await client.call('session.ping')
    expect(error).toMatchObject({
      code: -32603,
      message: 'internal error',
      data: { code: 'INTERNAL' },
    })
    expect(error?.data.reference).toMatch(/^[a-z2-7]{7}$/)
    expect(JSON.stringify(error)).not.toContain('secret')
    const [line] = world.logged.filter(({ message }) => message === 'request failed')
    expect(line?.event).toMatchObject({
      reference: error?.data.reference,
      method: 'session.ping',
      err: new TypeError('the secret cause'),
    })
  })

  test.each<[string, string, string, number | null]>([
    ['no JSON', '{"jsonrpc"', 'MALFORMED', null],
    ['no request', '[]', 'NOT_A_REQUEST', null],
    [
      'an unknown key beside',
      '{"jsonrpc":"2.0","id":1,"method":"session.ping","params":{},"x":1}',
      'NOT_A_REQUEST',
      null,
    ],
    [
      'an unknown method',
      '{"jsonrpc":"2.0","id":7,"method":"constructor","params":{}}',
      'UNKNOWN_METHOD',
      7,
    ],
    [
      'an unknown key within',
      '{"jsonrpc":"2.0","id":8,"method":"session.ping","params":{"x":1}}',
      'BAD_REQUEST',
      8,
    ],
    [
      'no params where some are needed',
      '{"jsonrpc":"2.0","id":9,"method":"consent.ask"}',
      'BAD_REQUEST',
      9,
    ],
    ['an answer to nothing', '{"jsonrpc":"2.0","id":0,"result":{}}', 'NOT_A_REQUEST', null],
    [
      'an answer to what was not asked yet',
      '{"jsonrpc":"2.0","id":1,"result":{}}',
      'NOT_A_REQUEST',
      null,
    ],
  ])('%s', async (_, text, code, id) => {
    const client = await enter()
    client.send(text)
    expect(await client.next()).toMatchObject({ id, error: { data: { code } } })
    expect(await world.metric(`assent_errors_total{code="${code}"}`)).toBe(1)
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
  })

  test('in a binary frame is malformed', async () => {
    const client = await enter()
    client.socket.send(Buffer.from(encodeRequest(1, 'session.ping', {})), { binary: true })
    expect(await client.next()).toMatchObject({ id: null, error: { data: { code: 'MALFORMED' } } })
  })
})

describe('limits', () => {
  test('a frame of 65536 bytes is read, one byte more closes with 1009', async () => {
    const client = await enter()
    const padded = (bytes: number) => encodeRequest(1, 'session.ping', {}).padEnd(bytes)
    client.send(padded(65_536))
    expect(await client.next()).toMatchObject({ result: { now: 1 } })
    client.send(padded(65_537))
    expect(await client.closed).toMatchObject({ code: 1009 })
    expect(await world.metric('assent_connections_closed_total{code="FRAME_TOO_LARGE"}')).toBe(1)
    expect(await world.metric('assent_errors_total{code="FRAME_TOO_LARGE"}')).toBe(1)
    expect(await world.metric('assent_suspicious_total{kind="malformed"}')).toBe(1)
  })

  test('unreadable messages beyond the limit close with TOO_MANY_ERRORS', async () => {
    await restart({ limits: { maxErrors: 3 } })
    const client = await enter()
    for (const text of ['1', '{', 'null', '[]']) client.send(text)
    const answers = [
      await client.next(),
      await client.next(),
      await client.next(),
      await client.next(),
    ]
    expect(answers.map(({ error }) => error?.data.code)).toEqual([
      'NOT_A_REQUEST',
      'MALFORMED',
      'NOT_A_REQUEST',
      'NOT_A_REQUEST',
    ])
    expect(await client.closed).toEqual({ code: 4400, reason: 'TOO_MANY_ERRORS' })
    expect(await world.metric('assent_connections_closed_total{code="TOO_MANY_ERRORS"}')).toBe(1)
    expect(await world.metric('assent_suspicious_total{kind="malformed"}')).toBe(1)
  })

  test('errors that the room answers with are not counted as unreadable', async () => {
    await restart({ limits: { maxErrors: 1 } })
    world.rooms.reply = async () => {
      throw new CallError('NOT_FOUND', 'gone')
    }
    const client = await enter()
    for (let i = 0; i < 5; i += 1)
      expect(await client.call('session.ping')).toMatchObject({
        error: { data: { code: 'NOT_FOUND' } },
      })
  })

  test('one unreadable message is forgiven every 10 s', async () => {
    await restart({ limits: { maxErrors: 1 } })
    const client = await enter()
    client.send('{')
    await client.next()
    world.clock.now += 10_000
    client.send('{')
    expect(await client.next()).toMatchObject({ error: { data: { code: 'MALFORMED' } } })
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
  })

  test('requests over the rate are refused with the time to wait, and served again after it', async () => {
    await restart({ limits: { burst: 2, requestsPerSecond: 4 } })
    const client = await enter()
    await client.call('session.ping')
    await client.call('session.ping')
    expect(await client.call('session.ping')).toMatchObject({
      id: 3,
      error: { data: { code: 'TOO_MANY_REQUESTS', retryAfterMs: 250 } },
    })
    expect(world.rooms.seat.heard).toHaveLength(2)
    world.clock.now += 500
    expect(await client.call('session.ping')).toMatchObject({ id: 4, result: { now: 1 } })
    expect(await world.metric('assent_errors_total{code="TOO_MANY_REQUESTS"}')).toBe(1)
  })

  test('who goes on asking in vain is a flood: closed with 4429', async () => {
    await restart({ limits: { burst: 2, requestsPerSecond: 4 } })
    const client = await enter()
    for (let i = 0; i < 5; i += 1) client.ask('session.ping')
    expect(await client.closed).toEqual({ code: 4429, reason: 'TOO_MANY_REQUESTS' })
    expect(world.rooms.seat.heard.filter((each) => each === 'session.ping')).toHaveLength(2)
    expect(await world.metric('assent_suspicious_total{kind="flood"}')).toBe(1)
    expect(await world.metric('assent_connections_closed_total{code="TOO_MANY_REQUESTS"}')).toBe(1)
  })

  test('unreadable messages count towards the rate', async () => {
    await restart({ limits: { burst: 1, requestsPerSecond: 4 } })
    const client = await enter()
    client.send('{')
    client.send('{')
    expect(await client.next()).toMatchObject({ error: { data: { code: 'MALFORMED' } } })
    expect(await client.next()).toMatchObject({
      id: null,
      error: { data: { code: 'TOO_MANY_REQUESTS' } },
    })
  })

  test('requests under way together are limited', async () => {
    await restart({ limits: { maxPending: 2 } })
    const gate = Promise.withResolvers<{ now: number }>()
    world.rooms.reply = () => gate.promise
    const client = await enter()
    expect([
      client.ask('session.ping'),
      client.ask('session.ping'),
      client.ask('session.ping'),
    ]).toEqual([1, 2, 3])
    expect(await client.next()).toMatchObject({
      id: 3,
      error: { data: { code: 'TOO_MANY_REQUESTS', retryAfterMs: 1000 } },
    })
    gate.resolve({ now: 3 })
    expect([await client.next(), await client.next()]).toMatchObject([{ id: 1 }, { id: 2 }])
    expect(await client.call('session.ping')).toMatchObject({ id: 4, result: { now: 3 } })
  })

  test('a reader who leaves too much unread is cut with SLOW_READER', async () => {
    await restart({ limits: { maxBufferedBytes: 4 << 20 } })
    const client = await enter()
    client.socket.pause()
    const event = {
      event: 'session.expiring',
      params: { inMs: 1, padding: 'x'.repeat(1 << 20) },
    } as never
    for (let n = 0; n < 12; n += 1) world.rooms.seat.line.event(n, event)
    await expect
      .poll(() => world.metric('assent_connections_closed_total{code="SLOW_READER"}'), {
        timeout: 5000,
      })
      .toBe(1)
    expect(world.rooms.seat.heard).toEqual(['lost'])
  })

  test('a reader who leaves something unread for too long is cut with SLOW_READER', async () => {
    await restart({
      limits: { maxBufferedBytes: 64 << 20, slowBufferedBytes: 1 << 20, slowReaderMs: 3000 },
    })
    const client = await enter()
    client.ask('session.join', join)
    await client.next()
    client.socket.pause()
    const event = {
      event: 'session.expiring',
      params: { inMs: 1, padding: 'x'.repeat(16 << 20) },
    } as never
    world.rooms.seat.line.event(1, event)
    await tick(0, client)
    await tick(2999, client)
    expect(await world.metric('assent_connections_closed_total{code="SLOW_READER"}')).toBe(0)
    await tick(1, client)
    await expect
      .poll(() => world.metric('assent_connections_closed_total{code="SLOW_READER"}'), {
        timeout: 5000,
      })
      .toBe(1)
  })

  test('who does not join in time is closed with AUTH_TIMEOUT', async () => {
    const client = await enter()
    await tick(4999, client)
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
    await tick(1, client)
    expect(await client.closed).toEqual({ code: 4408, reason: 'AUTH_TIMEOUT' })
    expect(await world.metric('assent_auth_failures_total{reason="timeout"}')).toBe(1)
  })

  test('silence is asked for a sign of life, and cut after three times as long', async () => {
    const client = await enter()
    await client.call('session.join', join)
    const pinged = new Promise((done) => client.socket.once('ping', done))
    await tick(wideLimits.heartbeatMs, client)
    await pinged
    client.socket.pause()
    world.clock.now += 3 * wideLimits.heartbeatMs
    world.server.tick()
    await expect.poll(() => world.rooms.seat.heard.at(-1)).toBe('lost')
  })

  test('who speaks without ever answering a ping is alive', async () => {
    const client = await world.open(await world.token(), { autoPong: false }).opened()
    await client.call('session.join', join)
    for (let i = 0; i < 3; i += 1) {
      world.clock.now += 2 * wideLimits.heartbeatMs
      await client.call('session.ping')
      world.server.tick()
    }
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
    world.clock.now += 3 * wideLimits.heartbeatMs
    world.server.tick()
    expect(await client.closed).toMatchObject({ code: 1006 })
  })
})

const join = { router: routerSha256, capabilities: someCapabilities }

describe('joining', () => {
  test('is timed from the upgrade to the snapshot, once', async () => {
    world.rooms.onEnter = (seat) => {
      world.clock.now += 30
      seat.line.event(1, joinedEvent())
      seat.line.event(2, joinedEvent())
    }
    const client = await enter()
    await client.next()
    expect(await world.metric('assent_joins_total')).toBe(1)
    expect(await world.metric('assent_join_seconds_sum')).toBe(0.03)
  })

  test('with the upgrade needs no message once the browser is known', async () => {
    const hash = createHash('sha256').update(JSON.stringify(someCapabilities)).digest('hex')
    const offer = [
      `assent.join.${Buffer.from(JSON.stringify({ router: routerSha256, name: 'Ada', capabilities: hash })).toString('base64url')}`,
    ]
    const first = await world.open(await world.token(), { offer }).opened()
    expect(world.rooms.seat.upgradeJoin).toBeNull()
    await first.call('session.join', join)
    const second = await world.open(await world.token(), { offer }).opened()
    await settled(second)
    expect(world.rooms.seat.upgradeJoin).toEqual({
      router: routerSha256,
      name: 'Ada',
      capabilities: someCapabilities,
    })
    await tick(5000, second)
    expect(await settled(second)).toMatchObject({ result: { now: 1 } })
  })

  test.each(['', '!', 'e30', Buffer.from('{"router":"x"}').toString('base64url')])(
    'with an unreadable upgrade (%j) waits for the message',
    async (text) => {
      const client = await world
        .open(await world.token(), { offer: [`assent.join.${text}x`] })
        .opened()
      expect(await client.call('session.join', join)).toMatchObject({ result: {} })
      expect(world.rooms.seat.upgradeJoin).toBeNull()
    },
  )
})

describe('leaving', () => {
  test('is answered, then closed with 1000, and is no loss', async () => {
    const client = await enter()
    expect(await client.call('session.leave')).toMatchObject({ result: {} })
    expect(await client.closed).toMatchObject({ code: 1000 })
    expect(world.rooms.seat.heard).toEqual(['session.leave'])
    await expect.poll(() => world.metric('assent_connections')).toBe(0)
    expect(await world.metric('assent_connections_closed_total{code="left"}')).toBe(1)
  })

  test('without a word is a loss, told once', async () => {
    const client = await enter()
    client.socket.terminate()
    await expect.poll(() => world.rooms.seat.heard).toEqual(['lost'])
  })

  test("at the room's word carries its code", async () => {
    const client = await enter()
    world.rooms.seat.line.close('REPLACED')
    expect(await client.closed).toEqual({ code: 4409, reason: 'REPLACED' })
    await expect.poll(() => world.rooms.seat.heard).toEqual(['lost'])
    expect(await world.metric('assent_connections_closed_total{code="REPLACED"}')).toBe(1)
  })
})

describe('a question of the server', () => {
  const requestId = newId.request()
  const ask = (signal = new AbortController().signal) =>
    world.rooms.seat.line.request('recording.show', { requestId }, signal)

  test('is answered by the page', async () => {
    const client = await enter()
    await settled(client)
    const answered = ask()
    expect(await client.next()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'recording.show',
      params: { requestId },
    })
    client.send({ jsonrpc: '2.0', id: 1, result: {} })
    expect(await answered).toEqual({})
  })

  test("rejects with the page's code, not its words", async () => {
    const client = await enter()
    await settled(client)
    const answered = ask()
    await client.next()
    client.send({
      jsonrpc: '2.0',
      id: 1,
      error: { code: 1, message: 'my words', data: { code: 'NOT_FOUND', todo: '' } },
    })
    await expect(answered).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'the page answered with an error',
    })
  })

  test('answered with something else is refused to both', async () => {
    const client = await enter()
    await settled(client)
    const answered = ask()
    await client.next()
    client.send({ jsonrpc: '2.0', id: 1, result: { yes: true } })
    await expect(answered).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await client.next()).toMatchObject({ error: { data: { code: 'BAD_REQUEST' } } })
  })

  test('that is called off may still be answered late', async () => {
    const client = await enter()
    await settled(client)
    const abort = new AbortController()
    const answered = ask(abort.signal)
    await client.next()
    abort.abort(new CallError('NOT_FOUND', 'called off'))
    await expect(answered).rejects.toMatchObject({ message: 'called off' })
    client.send({ jsonrpc: '2.0', id: 1, result: {} })
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
  })

  test('rejects when the connection ends, and at once afterwards', async () => {
    const client = await enter()
    await settled(client)
    const answered = ask()
    client.socket.terminate()
    await expect(answered).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'the connection has ended',
    })
    await expect(ask()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('the 65th open one is refused', async () => {
    const client = await enter()
    await settled(client)
    const open = Array.from({ length: 64 }, () => ask())
    await expect(ask()).rejects.toMatchObject({ code: 'TOO_MANY' })
    client.socket.terminate()
    expect((await Promise.allSettled(open)).every(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('a token', () => {
  beforeEach(() => restart({ limits: { heartbeatMs: 1e9 } }))

  test('that runs out is announced 60 s before, and ends the connection 10 s after', async () => {
    const client = await world.open(await world.token({ lifeMs: 100_000 })).opened()
    await client.call('session.join', join)
    const expiresAt = world.rooms.seat.principal.expiresAt
    world.clock.now = expiresAt - 60_001
    await tick(0, client)
    expect(world.rooms.seat.heard).toEqual(['session.join'])
    await tick(1, client)
    await tick(1, client)
    expect(world.rooms.seat.heard).toEqual(['session.join', 'expiring 60000'])
    world.clock.now = expiresAt + 9999
    await tick(0, client)
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
    await tick(1, client)
    expect(await client.closed).toEqual({ code: 4402, reason: 'TOKEN_EXPIRED' })
    expect(await world.metric('assent_connections_closed_total{code="TOKEN_EXPIRED"}')).toBe(1)
  })

  test('renewed in time keeps the connection, with rights narrowed', async () => {
    const client = await world.open(await world.token({ lifeMs: 100_000 })).opened()
    await client.call('session.join', join)
    const warnings = () =>
      world.rooms.seat.heard.filter((each) => each.startsWith('expiring')).length
    await tick(90_000, client)
    expect(warnings()).toBe(1)
    const fresh = await world.token({
      lifeMs: 100_000,
      grants: { publish: ['camera', 'screen'], subscribe: true, host: true, record: true },
    })
    const answer = await client.call('session.renew', { token: fresh })
    expect(answer).toMatchObject({
      result: { grants: { publish: ['camera'], subscribe: true, host: false, record: false } },
    })
    await tick(0, client)
    expect(warnings()).toBe(1)
    await tick(40_000, client)
    expect(warnings()).toBe(2)
    await tick(68_000, client)
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
    await tick(2000, client)
    expect(await client.closed).toMatchObject({ code: 4402 })
  })

  test.each<[string, Parameters<World['token']>[0], string]>([
    ['another room', { room: 'board' }, 'NOT_AUTHORIZED'],
    ['another person', { subject: 'user-8' }, 'NOT_AUTHORIZED'],
    ['a minor', { minor: true }, 'NOT_AUTHORIZED'],
    ['another issuer', { issuer: 'https://other.example.org' }, 'UNAUTHENTICATED'],
    ['one that has expired', { lifeMs: -60_000 }, 'TOKEN_EXPIRED'],
  ])('renewed with one for %s is refused, and nothing changes', async (_, change, code) => {
    const client = await enter()
    expect(await client.call('session.renew', { token: await world.token(change) })).toMatchObject({
      error: { data: { code } },
    })
    expect(world.rooms.seat.heard).toEqual([])
    expect(await settled(client)).toMatchObject({ result: { now: 1 } })
  })

  test('that is wrong at a renewal counts as suspicious, an expired one does not', async () => {
    const client = await enter()
    await client.call('session.renew', { token: await world.token({ lifeMs: -60_000 }) })
    expect(await world.metric('assent_suspicious_total{kind="token"}')).toBe(0)
    await client.call('session.renew', { token: 'x' })
    expect(await world.metric('assent_suspicious_total{kind="token"}')).toBe(1)
    expect(await world.metric('assent_auth_failures_total{reason="expired"}')).toBe(1)
    expect(await world.metric('assent_auth_failures_total{reason="malformed"}')).toBe(1)
  })
})
