import { connect } from 'node:tls'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TokenRefused } from '#auth'
import { startWorld, type Client, type World } from '../../support/edge.ts'

let world: World
const restart = async (change: Parameters<typeof startWorld>[0]) => {
  await world[Symbol.asyncDispose]()
  world = await startWorld(change)
}
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

/** The HTTP status that an upgrade is turned away with. */
const turnedAway = async (client: Client): Promise<number> => {
  const [, response] = (await once(client.socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; destroy(): void },
  ]
  response.destroy()
  return response.statusCode
}

/** A raw request over TLS, for what a WebSocket library would not send. */
const raw = async (lines: readonly string[]): Promise<string> => {
  const socket = connect({ port: world.server.port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.end([...lines, '', ''].join('\r\n'))
  let text = ''
  for await (const part of socket) text += String(part)
  return text
}

const upgradeTo = (path: string, ...more: string[]) => [
  `GET ${path} HTTP/1.1`,
  'Host: call.example.org',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ...more,
]

describe('a token', () => {
  test('as a subprotocol lets in, and only the protocol is chosen', async () => {
    const client = await world.open(await world.token()).opened()
    expect(client.socket.protocol).toBe('assent.v1')
    expect(world.rooms.seat.principal.room).toBe('weekly')
    expect(await world.metric('assent_connections')).toBe(1)
    expect(await world.metric('assent_connections_opened_total')).toBe(1)
  })

  test('in the Authorization header lets in', async () => {
    const client = await world
      .open(null, { headers: { authorization: `Bearer ${await world.token()}` } })
      .opened()
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test('in both places, and not the same, lets nobody in', async () => {
    const client = world.open(await world.token(), {
      headers: { authorization: `Bearer ${await world.token()}` },
    })
    expect(await client.closed).toEqual({ code: 4401, reason: 'UNAUTHENTICATED' })
  })

  test.each<[string, () => Promise<string | null>, number, string, string]>([
    ['none', async () => null, 4401, 'UNAUTHENTICATED', 'missing'],
    ['garbage', async () => 'x', 4401, 'UNAUTHENTICATED', 'malformed'],
    [
      "one for someone else's server",
      () => world.token({ audience: 'other' }),
      4401,
      'UNAUTHENTICATED',
      'audience',
    ],
    [
      'one that has expired',
      () => world.token({ lifeMs: -60_000 }),
      4402,
      'TOKEN_EXPIRED',
      'expired',
    ],
  ])(
    '%s: closed with its code, counted, and no room hears of it',
    async (_, make, code, reason, counted) => {
      const client = world.open(await make())
      expect(await client.closed).toEqual({ code, reason })
      expect(await world.metric(`assent_auth_failures_total{reason="${counted}"}`)).toBe(1)
      expect(await world.metric('assent_connections_opened_total')).toBe(0)
      expect(world.rooms.seats).toEqual([])
    },
  )

  test('in the URL is no path of ours, whatever it says', async () => {
    const answer = await raw(
      upgradeTo(`/signal?token=${await world.token()}`, 'Sec-WebSocket-Protocol: assent.v1'),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(await world.metric('assent_suspicious_total{kind="probe"}')).toBe(1)
  })

  test('that takes too long to verify is AUTH_TIMEOUT', async () => {
    await restart({
      limits: { authTimeoutMs: 50 },
      authenticator: { verify: () => new Promise(() => undefined) },
    })
    expect(await world.open('x').closed).toEqual({ code: 4408, reason: 'AUTH_TIMEOUT' })
    expect(await world.metric('assent_auth_failures_total{reason="timeout"}')).toBe(1)
  })

  test('that cannot be verified for an unforeseen reason closes with 1011, and the log knows why', async () => {
    await restart({ authenticator: { verify: () => Promise.reject(new TypeError('broken')) } })
    expect(await world.open('x').closed).toEqual({ code: 1011, reason: 'INTERNAL' })
    expect(world.logged).toMatchObject([
      { message: 'token not verified', event: { err: new TypeError('broken') } },
    ])
  })

  test('whose client goes away meanwhile costs nothing', async () => {
    const [asked, verdict] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()]
    const verify = () => {
      asked.resolve()
      return verdict.promise
    }
    await restart({ authenticator: { verify } })
    const client = world.open('x')
    await asked.promise
    client.socket.terminate()
    await client.closed
    verdict.reject(new TokenRefused('signature'))
    await expect.poll(() => world.metric('assent_auth_failures_total{reason="signature"}')).toBe(1)
    expect(world.rooms.seats).toEqual([])
    expect(world.logged).toEqual([])
  })
})

describe('an origin', () => {
  test.each([undefined, 'https://app.example.org'])('%s is let in', async (origin) => {
    const client = await world
      .open(await world.token(), origin === undefined ? {} : { origin })
      .opened()
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test("that is the server's own is let in", async () => {
    const client = await world
      .open(await world.token(), { origin: `https://127.0.0.1:${world.server.port}` })
      .opened()
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test.each(['https://evil.example', 'null', 'http://127.0.0.1'])(
    '%s is closed with 4403, whatever its token',
    async (origin) => {
      expect(await world.open(await world.token(), { origin }).closed).toEqual({
        code: 4403,
        reason: 'ORIGIN_REFUSED',
      })
      expect(await world.metric('assent_auth_failures_total{reason="origin"}')).toBe(1)
      expect(await world.metric('assent_suspicious_total{kind="origin"}')).toBe(1)
      expect(world.rooms.seats).toEqual([])
    },
  )
})

describe('what does not speak our protocol', () => {
  test('is turned away in HTTP', async () => {
    expect(await raw(upgradeTo('/signal'))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(upgradeTo('/signal', 'Sec-WebSocket-Protocol: chat'))).toMatch(
      /^HTTP\/1\.1 400 /,
    )
    expect(await raw(upgradeTo('/'))).toMatch(/^HTTP\/1\.1 404 /)
    expect(
      await raw([
        'GET /signal HTTP/1.1',
        'Host: x',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Protocol: assent.v1',
      ]),
    ).toMatch(/^HTTP\/1\.1 400 /)
    expect(world.rooms.seats).toEqual([])
  })

  test('or says nothing at all is cut', async () => {
    await restart({ limits: { authTimeoutMs: 100 } })
    const socket = connect({
      port: world.server.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
    })
    await once(socket, 'secureConnect')
    socket.resume()
    await once(socket, 'close')
    expect(socket.destroyed).toBe(true)
  })
})

describe('how many', () => {
  test('connections: one over the limit is turned away with 503', async () => {
    await restart({ limits: { maxConnections: 2 } })
    const first = await world.open(await world.token()).opened()
    await world.open(await world.token()).opened()
    expect(await turnedAway(world.open(await world.token()))).toBe(503)
    first.socket.close()
    await first.closed
    await expect.poll(() => world.metric('assent_connections')).toBe(1)
    const next = await world.open(await world.token()).opened()
    expect(await next.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test('connections of one address: one over the limit is turned away with 429', async () => {
    await restart({ limits: { maxConnectionsPerAddress: 2 } })
    const first = await world.open(await world.token()).opened()
    await world.open(await world.token()).opened()
    expect(await turnedAway(world.open(await world.token()))).toBe(429)
    first.socket.close()
    await first.closed
    await expect.poll(() => world.metric('assent_connections')).toBe(1)
    await world.open(await world.token()).opened()
  })
})

describe('trouble', () => {
  test('from one address slows it, then blocks it, page and all, and time forgives', async () => {
    await restart({ limits: { slowAfter: 2, blockAfter: 3 } })
    const good = await world.token()
    for (let i = 0; i < 3; i += 1) await world.open('x').closed
    expect(await world.metric('assent_suspicious_total{kind="token"}')).toBe(3)
    expect(await world.metric('assent_throttled_total{how="slowed"}')).toBe(1)
    expect(await turnedAway(world.open(good))).toBe(429)
    const page = await raw(['GET /rtc/capabilities HTTP/1.1', 'Host: x', 'Connection: close'])
    expect(page).toMatch(/^HTTP\/1\.1 429 /)
    expect(page).toMatch(/\r\nretry-after: 1\r\n/i)
    expect(await world.metric('assent_throttled_total{how="blocked"}')).toBe(2)
    world.clock.now += 12_001
    const client = await world.open(await world.token()).opened()
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test('of an honest person is not held against the address: an expired token', async () => {
    await restart({ limits: { slowAfter: 1, blockAfter: 1 } })
    await world.open(await world.token({ lifeMs: -60_000 })).closed
    const client = await world.open(await world.token()).opened()
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test('never puts an address, a token, a person or a room into the log', async () => {
    await restart({ limits: { slowAfter: 1, blockAfter: 2 } })
    const secret = await world.token({
      subject: 'user-secret',
      room: 'room-secret',
      audience: 'other',
    })
    await world.open(secret).closed
    await world.open('x').closed
    await turnedAway(world.open(secret))
    expect(JSON.stringify(world.logged)).not.toMatch(/127\.0\.0\.1|secret|eyJ/)
  })
})

describe('the end', () => {
  test('is announced: nobody new, not ready, the rooms are told', async () => {
    const client = await world.open(await world.token()).opened()
    await client.call('session.ping')
    await world.server.drain(30_000)
    expect(world.rooms.drained).toEqual([30_000])
    expect(await world.open(await world.token()).closed).toEqual({
      code: 4503,
      reason: 'SERVER_STOPPING',
    })
    const ready = await fetch(`http://127.0.0.1:${world.server.metricsPort}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([503, 'not ready: draining\n'])
    expect(await client.call('session.ping')).toMatchObject({ result: { now: 1 } })
  })

  test('says goodbye to everyone, and cuts who does not listen', async () => {
    const [polite, deaf] = [
      await world.open(await world.token()).opened(),
      await world.open(await world.token()).opened(),
    ]
    deaf.socket.pause()
    await world.server[Symbol.asyncDispose]()
    expect(await polite.closed).toEqual({ code: 4503, reason: 'SERVER_STOPPING' })
    expect(world.rooms.seats.map(({ heard }) => heard)).toEqual([['lost'], ['lost']])
    deaf.socket.resume()
  })
})
