import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAuthenticator, TokenRefused } from '../../../src/auth/index.ts'
import { goodClaims, now, sign, testKey, type TestKey } from './tokens.ts'

const trusted = getCACertificates('default')
let server: Server
let certificate: string
let origin: string
let answer: { status: number; headers?: Record<string, string>; body: string }
let requests: number
let clock: number

beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  certificate = cert
  server = createServer({ cert, key }, (request, response) => {
    requests += 1
    response.writeHead(request.url === '/jwks' ? answer.status : 404, answer.headers ?? {})
    response.end(answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  origin = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterAll(async () => {
  setDefaultCACertificates(trusted)
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})
beforeEach(() => {
  requests = 0
  clock = now
})

const publishing = (...keys: TestKey[]) => ({
  status: 200,
  body: JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }),
})
const authenticator = () =>
  createAuthenticator({
    issuers: [
      {
        issuer: 'https://id.example.org',
        audience: 'assent',
        keys: { url: `${origin}/jwks` },
        maxTokenLifeMs: 3_600_000,
      },
    ],
    log: () => undefined,
    now: () => clock,
  })
const verdict = async (auth: ReturnType<typeof authenticator>, key: TestKey): Promise<string> => {
  const error = await sign(key, goodClaims())
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

// First: later ones leave a connection open that was believed.
test('a server that nobody vouches for is not believed', async () => {
  await using auth = authenticator()
  const key = await testKey('EdDSA')
  answer = publishing(key)
  expect(await verdict(auth, key)).toBe('keysUnavailable')
  expect(requests).toBe(0)
})

test('keys come over real HTTPS and rotate', async () => {
  setDefaultCACertificates([...trusted, certificate])
  await using auth = authenticator()
  const [first, second] = [await testKey('EdDSA', 'a'), await testKey('ES256', 'b')]
  answer = publishing(first)
  expect(await verdict(auth, first)).toBe('accepted')
  answer = publishing(second)
  clock += 30_000
  expect(await verdict(auth, second)).toBe('accepted')
  expect(await verdict(auth, first)).toBe('unknownKey')
  expect(requests).toBe(2)
})

test('a redirect is not followed', async () => {
  await using auth = authenticator()
  answer = { status: 302, headers: { location: `${origin}/other` }, body: '' }
  expect(await verdict(auth, await testKey('EdDSA'))).toBe('keysUnavailable')
  expect(requests).toBe(1)
})

test('a set that is too long is not read to its end', async () => {
  await using auth = authenticator()
  const key = await testKey('EdDSA')
  answer = { ...publishing(key), body: publishing(key).body.padEnd(10_000_000) }
  expect(await verdict(auth, key)).toBe('keysUnavailable')
})
