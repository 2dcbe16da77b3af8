import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  newSigningKey,
  openSigningKey,
  originAllowed,
  turnCredentials,
} from '../../../src/auth/index.ts'

test.each<[string, string | undefined, string | undefined, boolean]>([
  ['a program without an origin', undefined, 'call.example.org', true],
  ['the own page', 'https://call.example.org', 'call.example.org', true],
  ['the own page on a port', 'https://localhost:4443', 'localhost:4443', true],
  ['a page on the list', 'https://app.example.org', 'call.example.org', true],
  ['the own host without TLS', 'http://call.example.org', 'call.example.org', false],
  ['another port', 'https://call.example.org:8443', 'call.example.org', false],
  ['a longer name', 'https://app.example.org.evil.example', 'call.example.org', false],
  ['a sandboxed page', 'null', 'call.example.org', false],
  ['an origin when the request names no host', 'https://undefined', undefined, false],
])('origin: %s', (_, origin, host, allowed) => {
  expect(originAllowed(['https://app.example.org'], origin, host)).toBe(allowed)
})

test('relay credentials name their expiry and nobody, and check under the shared secret', () => {
  const turn = { urls: ['turns:turn.example.org'], secret: 's', lifeMs: 60_000 }
  const [one, two] = [turnCredentials(turn, 1_000_500), turnCredentials(turn, 1_000_500)]
  expect(one.urls).toEqual(turn.urls)
  expect(one.username).toMatch(/^1060:[a-z2-7]{8}$/)
  expect(one.username).not.toBe(two.username)
  expect(one.credential).toBe(
    createHmac('sha1', 's')
      .update(one.username ?? '')
      .digest('base64'),
  )
})

test('a signing key survives its file, and its public half holds no secret', async () => {
  const key = await newSigningKey()
  expect(await openSigningKey(JSON.parse(JSON.stringify(key.privateJwk)))).toEqual(key)
  expect(Object.keys(key.jwks.keys[0] ?? {}).toSorted()).toEqual([
    'alg',
    'crv',
    'kid',
    'kty',
    'use',
    'x',
  ])
})

test.each([
  null,
  'x',
  {},
  { kty: 'EC', crv: 'P-256', x: 'x', d: 'd' },
  { kty: 'OKP', crv: 'Ed25519', x: 'x' },
])('no signing key: %j', async (jwk) => {
  await expect(openSigningKey(jwk)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
