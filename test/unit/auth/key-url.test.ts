import { beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator, TokenRefused } from '../../../src/auth/index.ts'
import { goodClaims, now, sign, testKey, type TestKey } from './tokens.ts'

const url = 'https://id.example.org/jwks'
let clock: number
let requests: number
let answer: () => Promise<Response>
let broken: number
let auth: ReturnType<typeof createAuthenticator>

const publishing =
  (...keys: TestKey[]) =>
  async () =>
    Response.json({ keys: keys.map(({ publicJwk }) => publicJwk) })
const verdict = async (key: TestKey): Promise<string> => {
  const claims = { ...goodClaims(), iat: clock / 1000, nbf: undefined, exp: clock / 1000 + 60 }
  const error = await sign(key, claims)
    .then((token) => auth.verify(token))
    .then(
      () => null,
      (cause: unknown) => cause,
    )
  return error === null
    ? 'accepted'
    : error instanceof TokenRefused
      ? error.reason
      : expect.fail('no TokenRefused')
}

beforeEach(() => {
  clock = now
  requests = 0
  broken = 0
  auth = createAuthenticator({
    issuers: [
      {
        issuer: 'https://id.example.org',
        audience: 'assent',
        keys: { url },
        maxTokenLifeMs: 3_600_000,
      },
    ],
    log: () => void (broken += 1),
    now: () => clock,
    fetch: async () => {
      requests += 1
      return await answer()
    },
  })
})

describe('keys from a URL', () => {
  test('are asked for once for many tokens, and again after 10 minutes without making anyone wait', async () => {
    const key = await testKey('EdDSA')
    answer = publishing(key)
    expect(await Promise.all([verdict(key), verdict(key), verdict(key)])).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ])
    clock += 600_000
    await verdict(key)
    expect(requests).toBe(1)
    clock += 1
    answer = () => new Promise(() => undefined)
    expect(await verdict(key)).toBe('accepted')
    expect(requests).toBe(2)
  })

  test('rotate: an unknown key asks again at once, but not twice within 30 s', async () => {
    const [first, second, third] = [
      await testKey('EdDSA', 'a'),
      await testKey('EdDSA', 'b'),
      await testKey('EdDSA', 'c'),
    ]
    answer = publishing(first)
    expect(await verdict(first)).toBe('accepted')
    answer = publishing(second)
    clock += 29_999
    expect(await verdict(second)).toBe('unknownKey')
    expect(requests).toBe(1)
    clock += 1
    expect(await verdict(second)).toBe('accepted')
    expect(await verdict(first)).toBe('unknownKey')
    expect(await verdict(third)).toBe('unknownKey')
    expect(requests).toBe(2)
  })

  test('that cannot be had at first are asked for after 2, 4, 8 s … and never more often', async () => {
    const key = await testKey('EdDSA')
    answer = async () => new Response('', { status: 503 })
    const waits: number[] = []
    for (let attempt = 0, last = clock; attempt < 10; attempt += 1) {
      const before = requests
      while (requests === before) {
        expect(await verdict(key)).toBe('keysUnavailable')
        if (requests === before) clock += 1000
      }
      waits.push((clock - last) / 1000)
      last = clock
    }
    expect(waits).toEqual([0, 2, 4, 8, 16, 32, 64, 128, 256, 300])
    expect(broken).toBe(10)
    answer = publishing(key)
    clock += 300_000
    expect(await verdict(key)).toBe('accepted')
  })

  test('say how long to wait', async () => {
    answer = async () => new Response('', { status: 503 })
    const token = await sign(await testKey('EdDSA'), goodClaims())
    await expect(auth.verify(token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'keysUnavailable',
      retryAfterMs: 2000,
    })
  })

  test('outlive the issuer by a day and no longer', async () => {
    const key = await testKey('EdDSA')
    answer = publishing(key)
    await verdict(key)
    answer = () => Promise.reject(new Error('down'))
    clock += 24 * 3_600_000
    expect(await verdict(key)).toBe('accepted')
    clock += 1000
    expect(await verdict(key)).toBe('keysUnavailable')
  })

  test.each<[string, () => Response]>([
    ['no JSON', () => new Response('<html>')],
    ['no key set', () => Response.json([])],
    ['an error status', () => Response.json({ keys: [] }, { status: 404 })],
    ['an empty answer', () => new Response(null)],
    [
      'a private key',
      () => Response.json({ keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: 'x', d: 'd' }] }),
    ],
  ])('that are %s are none', async (_, response) => {
    answer = async () => response()
    expect(await verdict(await testKey('EdDSA'))).toBe('keysUnavailable')
    expect(broken).toBe(1)
  })

  test('of more than 65536 characters are none, of 65536 they are', async () => {
    const key = await testKey('EdDSA')
    const padded = (length: number) => async () =>
      new Response(JSON.stringify({ keys: [key.publicJwk] }).padEnd(length))
    answer = padded(65_537)
    expect(await verdict(key)).toBe('keysUnavailable')
    answer = padded(65_536)
    clock += 2000
    expect(await verdict(key)).toBe('accepted')
  })

  test('that failed, came, and fail again are asked for as after a first failure', async () => {
    const [key, stranger] = [await testKey('EdDSA', 'a'), await testKey('EdDSA', 'b')]
    const down = async () => new Response('', { status: 503 })
    answer = down
    for (const ms of [0, 2000, 4000]) {
      clock += ms
      await verdict(key)
    }
    answer = publishing(key)
    clock += 8000
    expect(await verdict(key)).toBe('accepted')
    answer = down
    clock += 30_000
    await verdict(stranger)
    const before = requests
    clock += 1999
    await verdict(stranger)
    expect(requests).toBe(before)
    clock += 1
    await verdict(stranger)
    expect(requests).toBe(before + 1)
  })

  test('are not asked for after the end, and a download under way is ended', async () => {
    const ended = Promise.withResolvers<void>()
    const authenticator = createAuthenticator({
      issuers: [
        {
          issuer: 'https://id.example.org',
          audience: 'assent',
          keys: { url },
          maxTokenLifeMs: 3_600_000,
        },
      ],
      log: () => void (broken += 1),
      now: () => clock,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => {
            ended.resolve()
            reject(new Error('aborted'))
          })
        }),
    })
    const refused = authenticator
      .verify(await sign(await testKey('EdDSA'), goodClaims()))
      .catch((error: unknown) => error)
    await authenticator[Symbol.asyncDispose]()
    await ended.promise
    expect(await refused).toMatchObject({ reason: 'keysUnavailable' })
    expect(broken).toBe(0)
  })
})
