import { createHmac } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSPKI, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthenticator, TokenRefused, type Authenticator } from '../../../src/auth/index.ts'
import { encoded, goodClaims, grants, now, seconds, sign, testKey, type TestKey } from './tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'assent-auth-'))
const file = join(folder, 'jwks.json')
const keys: Record<string, TestKey> = {}
const logged: string[] = []
let clock = now
let auth: Authenticator

const key = (alg: string): TestKey => keys[alg] ?? expect.fail(`no key for ${alg}`)
const options = () => ({
  issuers: [
    {
      issuer: 'https://id.example.org',
      audience: 'assent',
      keys: { file },
      maxTokenLifeMs: 12 * 3_600_000,
    },
  ],
  log: (_: unknown, message: string) => void logged.push(message),
  now: () => clock,
})
const publish = (...jwks: unknown[]) => {
  writeFileSync(`${file}.new`, JSON.stringify({ keys: jwks }))
  renameSync(`${file}.new`, file)
}
const verdict = async (token: string): Promise<string> => {
  try {
    await auth.verify(token)
    return 'accepted'
  } catch (error) {
    return error instanceof TokenRefused
      ? `${error.code} ${error.reason}`
      : expect.fail(String(error))
  }
}

beforeAll(async () => {
  for (const alg of ['EdDSA', 'ES256', 'RS256', 'PS256', 'ES384']) keys[alg] = await testKey(alg)
  publish(...Object.values(keys).map(({ publicJwk }) => publicJwk))
  auth = createAuthenticator(options())
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a good token', () => {
  test.each(['EdDSA', 'ES256', 'RS256', 'PS256'])('signed with %s is a principal', async (alg) => {
    const token = await sign(key(alg), {
      ...goodClaims(),
      name: ' Ada ',
      jti: 't-1',
      auth_time: seconds - 60,
      acr: '2',
      amr: ['otp'],
    })
    const principal = await auth.verify(token)
    expect(principal).toMatchObject({
      issuer: 'https://id.example.org',
      room: 'weekly',
      grants,
      minor: false,
      expiresAt: now + 3_600_000,
      authTime: now - 60_000,
      acr: '2',
      amr: ['otp'],
      tokenId: 't-1',
    })
    expect(principal.subject.reveal()).toBe('user-7')
    expect(principal.name?.reveal()).toBe('Ada')
    expect(JSON.stringify(principal)).not.toMatch(/user-7|Ada/)
  })

  test('may call its algorithm Ed25519 where the key says EdDSA', async () => {
    expect(await verdict(await sign(key('EdDSA'), goodClaims(), { alg: 'Ed25519' }))).toBe(
      'accepted',
    )
  })

  test('may name several audiences, and claims that we do not know', async () => {
    expect(
      await verdict(
        await sign(key('ES256'), { ...goodClaims(), aud: ['a', 'assent'], email: 'x@example.org' }),
      ),
    ).toBe('accepted')
  })

  test.each([
    ['expired 4 s ago', { exp: seconds - 4 }],
    ['begins in 5 s', { nbf: seconds + 5 }],
    ['has no nbf and no iat', { nbf: undefined, iat: undefined }],
    ['lives 12 hours', { exp: seconds + 12 * 3600 }],
  ])('that %s holds', async (_, change) => {
    expect(await verdict(await sign(key('ES256'), { ...goodClaims(), ...change }))).toBe('accepted')
  })
})

describe('refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['another issuer', { iss: 'https://other.example.org' }, 'UNAUTHENTICATED unknownIssuer'],
    [
      'an issuer that is an object property',
      { iss: 'constructor' },
      'UNAUTHENTICATED unknownIssuer',
    ],
    ['no issuer', { iss: undefined }, 'UNAUTHENTICATED unknownIssuer'],
    ['another audience', { aud: 'other' }, 'UNAUTHENTICATED audience'],
    ['no audience', { aud: undefined }, 'UNAUTHENTICATED audience'],
    ['expired 5 s ago', { exp: seconds - 5 }, 'TOKEN_EXPIRED expired'],
    ['no exp', { exp: undefined }, 'UNAUTHENTICATED claims'],
    ['exp as text', { exp: `${seconds + 60}` }, 'UNAUTHENTICATED claims'],
    ['begins in 6 s', { nbf: seconds + 6 }, 'UNAUTHENTICATED notYet'],
    ['lives longer than 12 hours', { exp: seconds + 12 * 3600 + 6 }, 'UNAUTHENTICATED lifetime'],
    [
      'lived longer than 12 hours since it was issued',
      { iat: seconds - 11 * 3600, exp: seconds + 3606 },
      'UNAUTHENTICATED lifetime',
    ],
    [
      'an issue time in the future hides no long life',
      { iat: seconds + 3600, exp: seconds + 13 * 3600 },
      'UNAUTHENTICATED lifetime',
    ],
    ['no subject', { sub: undefined }, 'UNAUTHENTICATED claims'],
    ['an empty subject', { sub: '' }, 'UNAUTHENTICATED claims'],
    ['a subject over 255 characters', { sub: 'x'.repeat(256) }, 'UNAUTHENTICATED claims'],
    ['no room', { room: undefined }, 'UNAUTHENTICATED claims'],
    ['a room that is no room id', { room: '../etc' }, 'UNAUTHENTICATED claims'],
    ['a room over 64 characters', { room: 'r'.repeat(65) }, 'UNAUTHENTICATED claims'],
    ['no grants', { grants: undefined }, 'UNAUTHENTICATED claims'],
    ['an unknown kind of grant', { grants: { ...grants, admin: true } }, 'UNAUTHENTICATED claims'],
    [
      'a missing grant',
      { grants: { publish: [], subscribe: true, host: true } },
      'UNAUTHENTICATED claims',
    ],
    [
      'an unknown kind of media',
      { grants: { ...grants, publish: ['smell'] } },
      'UNAUTHENTICATED claims',
    ],
    ['a name with a direction override', { name: 'a\u202eb' }, 'UNAUTHENTICATED claims'],
    ['minor as text', { minor: 'true' }, 'UNAUTHENTICATED claims'],
    ['a sign-in time as text', { auth_time: 'now' }, 'UNAUTHENTICATED claims'],
    ['a negative sign-in time', { auth_time: -1 }, 'UNAUTHENTICATED claims'],
    [
      '17 sign-in methods',
      { amr: Array.from({ length: 17 }, () => 'pwd') },
      'UNAUTHENTICATED claims',
    ],
    ['an empty token id', { jti: '' }, 'UNAUTHENTICATED claims'],
  ])('%s', async (_, change, refusal) => {
    expect(await verdict(await sign(key('ES256'), { ...goodClaims(), ...change }))).toBe(refusal)
  })

  test('an algorithm that is not ours, though its key is published', async () => {
    expect(await verdict(await sign(key('ES384'), goodClaims()))).toBe('UNAUTHENTICATED algorithm')
  })

  test('alg none', async () => {
    const token = `${encoded({ alg: 'none' })}.${encoded(goodClaims())}.`
    expect(await verdict(token)).toBe('UNAUTHENTICATED algorithm')
  })

  test('HS256 with the public key as the secret', async () => {
    const { publicJwk } = key('RS256')
    const pem = await exportSPKI((await importJWK(publicJwk, 'RS256')) as never)
    const body = `${encoded({ alg: 'HS256', kid: 'RS256-1' })}.${encoded(goodClaims())}`
    const token = `${body}.${createHmac('sha256', pem).update(body).digest('base64url')}`
    expect(await verdict(token)).toBe('UNAUTHENTICATED algorithm')
  })

  test('an algorithm that the key does not name', async () => {
    const rsa = key('RS256')
    const token = await sign({ ...key('PS256'), kid: rsa.kid }, goodClaims())
    expect(await verdict(token)).toBe('UNAUTHENTICATED unknownKey')
  })

  test('a key that nobody published', async () => {
    expect(await verdict(await sign(await testKey('ES256', 'stranger'), goodClaims()))).toBe(
      'UNAUTHENTICATED unknownKey',
    )
  })

  test("a stranger's signature under a published name", async () => {
    expect(await verdict(await sign(await testKey('ES256', 'ES256-1'), goodClaims()))).toBe(
      'UNAUTHENTICATED signature',
    )
  })

  test('claims changed after signing', async () => {
    const [header, , signature] = (await sign(key('ES256'), goodClaims())).split('.')
    const token = `${header}.${encoded({ ...goodClaims(), room: 'board' })}.${signature}`
    expect(await verdict(token)).toBe('UNAUTHENTICATED signature')
  })

  test.each([
    ['an unknown critical header', { crit: ['urn:x'], 'urn:x': 1 }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
  ])('%s', async (_, header) => {
    const body = `${encoded({ alg: 'ES256', kid: 'ES256-1', ...header })}.${encoded(goodClaims())}`
    const signature = await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      key('ES256').privateKey,
      Buffer.from(body),
    )
    const token = `${body}.${Buffer.from(signature).toString('base64url')}`
    expect(await verdict(token)).toMatch(/^UNAUTHENTICATED (algorithm|malformed)$/)
  })

  test('a token over 8192 characters, one of 8192 is read', async () => {
    const token = await sign(key('ES256'), goodClaims())
    expect(await verdict(token + 'A'.repeat(8193 - token.length))).toBe('UNAUTHENTICATED tooLong')
    expect(await verdict(token + 'A'.repeat(8192 - token.length))).toMatch(
      /^UNAUTHENTICATED (signature|malformed)$/,
    )
  })

  test.each(['', 'x', 'a.b', 'a.b.c', 'a.b.c.d.e', `${encoded({})}.${encoded([])}.x`, 'ä.ö.ü'])(
    'no token at all: %j',
    async (token) => {
      expect(await verdict(token)).toMatch(/^UNAUTHENTICATED (malformed|unknownIssuer)$/)
    },
  )

  test('never repeats what was sent', async () => {
    const token = await sign(key('ES256'), { ...goodClaims(), room: 'secret room' })
    const error = await auth.verify(token).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TokenRefused)
    expect((error as TokenRefused).message).toBe('the token is not accepted here')
  })
})

describe('a key file', () => {
  test.each(['EdDSA', 'Ed25519'])(
    'that names Ed25519 by its other name serves a token that says %s',
    async (alg) => {
      const own = await testKey('Ed25519', 'other-name')
      publish(own.publicJwk)
      const fresh = createAuthenticator(options())
      expect((await fresh.verify(await sign(own, goodClaims(), { alg }))).room).toBe('weekly')
      publish(...Object.values(keys).map(({ publicJwk }) => publicJwk))
    },
  )

  test('that changes is read again after 5 s; the old key is gone then', async () => {
    const fresh = await testKey('EdDSA', 'fresh')
    const [oldToken, freshToken] = [
      await sign(key('ES256'), goodClaims()),
      await sign(fresh, goodClaims()),
    ]
    publish(fresh.publicJwk)
    clock += 4999
    expect(await verdict(freshToken)).toBe('UNAUTHENTICATED unknownKey')
    clock += 1
    expect(await verdict(freshToken)).toBe('accepted')
    expect(await verdict(oldToken)).toBe('UNAUTHENTICATED unknownKey')
  })

  test('that breaks leaves the last keys in force and is reported', async () => {
    const fresh = await testKey('EdDSA', 'stays')
    publish(fresh.publicJwk)
    auth = createAuthenticator(options())
    const token = await sign(fresh, goodClaims())
    writeFileSync(file, '{"keys":')
    clock += 5000
    logged.length = 0
    expect(await verdict(token)).toBe('accepted')
    expect(logged).toEqual(['keys not loaded; the last ones hold'])
  })

  test.each<[string, () => Promise<unknown[]>, RegExp]>([
    ['a private key', async () => [{ ...key('ES256').publicJwk, d: 'x' }], /private or shared key/],
    [
      'a shared secret',
      async () => [{ kty: 'oct', k: 'x', alg: 'HS256' }],
      /private or shared key/,
    ],
    [
      'keys that name no algorithm',
      async () => [{ ...key('RS256').publicJwk, alg: undefined }],
      /names one of/,
    ],
    [
      'a key whose type does not fit its algorithm',
      async () => [{ ...key('RS256').publicJwk, alg: 'ES256' }],
      /names one of/,
    ],
    [
      'an RSA key of 2047 bits',
      async () => [{ kty: 'RSA', alg: 'RS256', e: 'AQAB', n: 'A'.repeat(341) }],
      /2048 bits/,
    ],
    ['no key', async () => [], /names one of/],
    [
      '65 keys',
      async () => Array.from({ length: 65 }, () => key('ES256').publicJwk),
      /more than 64/,
    ],
  ])('with %s refuses to start', async (_, jwks, why) => {
    publish(...(await jwks()))
    expect(() => createAuthenticator(options())).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(why) }),
    )
  })

  test('that is missing refuses to start', () => {
    const issuers = options().issuers.map((issuer) => ({
      ...issuer,
      keys: { file: join(folder, 'none.json') },
    }))
    expect(() => createAuthenticator({ ...options(), issuers })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})
