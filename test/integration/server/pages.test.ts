import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { routerSha256, someCapabilities, startWorld, type World } from '../../support/edge.ts'

let world: World
let folder: string
const page = `<!doctype html><title>Assent</title>${' '.repeat(2000)}`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assent-pages-'))
  mkdirSync(join(folder, 'web/assets'), { recursive: true })
  writeFileSync(join(folder, 'web/index.html'), page)
  writeFileSync(join(folder, 'web/assets/main-AbCd_123.js'), 'export {}')
  writeFileSync(join(folder, 'web/assets/main-AbCd_123.js.map'), '{}')
  writeFileSync(join(folder, 'web/me.html'), '<!doctype html><title>Me</title>')
  writeFileSync(join(folder, 'web/ring.svg'), '<svg/>')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  world = await startWorld({
    config: { webDir: join(folder, 'web') },
    policyText: (name) => new Map([['de', 'Hinweise']]).get(name),
  })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Raw paths, as no URL parser would let them through. */
const get = async (
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  request(
    {
      port: world.server.port,
      host: '127.0.0.1',
      path,
      method,
      headers,
      rejectUnauthorized: false,
      agent: false,
    },
    (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      )
    },
  )
    .on('error', reject)
    .end()
  return await promise
}

describe('the page', () => {
  test('of what is held about somebody has an address of its own, and the same headers', async () => {
    const [call, me] = [await get('/'), await get('/me')]
    expect([me.status, me.body.toString()]).toEqual([200, '<!doctype html><title>Me</title>'])
    expect(me.headers['content-security-policy']).toBe(call.headers['content-security-policy'])
    expect((await get('/me.html')).status).toBe(404)
  })

  test('comes with everything forbidden that it does not need', async () => {
    const { status, headers, body } = await get('/')
    expect([status, body.toString()]).toEqual([200, page])
    const policy = new Map(
      String(headers['content-security-policy'])
        .split('; ')
        .map((each) => [each.split(' ')[0], each.slice(each.indexOf(' ') + 1)]),
    )
    expect(Object.fromEntries(policy)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data: blob:",
      'media-src': "'self' blob:",
      'connect-src': "'self' wss://call.example.org",
      'worker-src': "'self'",
      'font-src': "'self'",
      'manifest-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
    })
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=63072000',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    })
    expect(headers['permissions-policy']).toContain('camera=(self)')
    expect(headers['permissions-policy']).toContain('geolocation=()')
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
  })

  test('is compressed for who takes it, and not sent again to who has it', async () => {
    const { headers, body } = await get('/', { 'accept-encoding': 'gzip, br' })
    expect(headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' })
    expect(brotliDecompressSync(body).toString()).toBe(page)
    const again = await get('/', { 'if-none-match': String(headers['etag']) })
    expect([again.status, again.body.length]).toEqual([304, 0])
    expect(again.headers['content-security-policy']).toBeDefined()
    expect((await get('/', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  test('can be asked for its headers alone', async () => {
    const { status, headers, body } = await get('/', {}, 'HEAD')
    expect([status, headers['content-length'], body.length]).toEqual([200, String(page.length), 0])
  })

  test('has files that are kept for ever when their name is their hash', async () => {
    const script = await get('/assets/main-AbCd_123.js')
    expect([script.status, script.body.toString()]).toEqual([200, 'export {}'])
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await get('/ring.svg')).headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'image/svg+xml',
    })
  })
})

describe('refused', () => {
  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/policy/../secret',
    '/policy/../../secret',
    '/policy/',
    '/.env',
    '/index.html',
    '/assets/main-AbCd_123.js.map',
    '/metrics',
    '/healthz',
    '/readyz',
    '/constructor',
  ])('%s is not here, and counts as a probe', async (path) => {
    const { status, headers, body } = await get(path)
    expect([status, body.length]).toEqual([404, 0])
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=63072000',
    })
    expect(await world.metric('assent_suspicious_total{kind="probe"}')).toBe(1)
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])(
    '%s is no method of ours',
    async (method) => {
      const { status, headers } = await get('/', {}, method)
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
    },
  )
})

describe('the verifier', () => {
  const policy = "default-src 'none'; script-src 'sha256-AAAA'"
  const built = `<meta http-equiv="Content-Security-Policy" content="${policy}">${' '.repeat(500)}<script type="application/json" id="trust">null</script>`

  test('is given out with the policy of this server in it, and under its own content policy', async () => {
    await world[Symbol.asyncDispose]()
    writeFileSync(join(folder, 'web/verify.html'), built)
    const trustPolicy = 'log a</script>$&+x\nquorum none\n'
    world = await startWorld({ config: { webDir: join(folder, 'web') }, trustPolicy })
    const { status, headers, body } = await get('/verify.html', { 'accept-encoding': 'br' })
    expect([status, headers['content-security-policy']]).toEqual([
      200,
      `${policy}; frame-ancestors 'none'`,
    ])
    expect(headers['content-encoding']).toBe('br')
    const html = brotliDecompressSync(body).toString()
    const [, block] = /<script type="application\/json" id="trust">(.*?)<\/script>$/.exec(html) ?? []
    expect(JSON.parse(block ?? '')).toEqual({ host: 'call.example.org', policy: trustPolicy })
    expect(html.slice(0, 100)).toBe(built.slice(0, 100))
  })

  test('that is not what was built keeps the server from starting', async () => {
    await world[Symbol.asyncDispose]()
    for (const broken of [built.replace('null', '0'), built.replace('<meta', '<m')]) {
      writeFileSync(join(folder, 'web/verify.html'), broken)
      await expect(startWorld({ config: { webDir: join(folder, 'web') } })).rejects.toThrow(
        'verify.html is not the built verifier',
      )
    }
    world = await startWorld()
  })
})

describe('for everyone', () => {
  test('the privacy notice in each language', async () => {
    const { status, headers, body } = await get('/policy/de')
    expect([status, headers['content-type'], body.toString()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'Hinweise',
    ])
    expect((await get('/policy/xx')).status).toBe(404)
  })

  test("the router's capabilities, for embedding pages on the list as well", async () => {
    const own = await get('/rtc/capabilities')
    expect(JSON.parse(own.body.toString())).toEqual({
      sha256: routerSha256,
      demo: false,
      capabilities: someCapabilities,
    })
    expect(own.headers['access-control-allow-origin']).toBeUndefined()
    expect(
      (await get('/rtc/capabilities', { 'if-none-match': String(own.headers['etag']) })).status,
    ).toBe(304)
    const listed = await get('/rtc/capabilities', { origin: 'https://app.example.org' })
    expect(listed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.org',
      'cross-origin-resource-policy': 'cross-origin',
      vary: 'accept-encoding, origin',
    })
    const stranger = await get('/rtc/capabilities', { origin: 'https://evil.example' })
    expect(stranger.headers['access-control-allow-origin']).toBeUndefined()
    expect(stranger.headers['cross-origin-resource-policy']).toBe('same-origin')
  })
})

test('a server without a built page says so, and is no probe', async () => {
  await world[Symbol.asyncDispose]()
  world = await startWorld()
  expect((await get('/')).status).toBe(503)
  expect(await world.metric('assent_suspicious_total{kind="probe"}')).toBe(0)
})

test('a demo pins no https to its host', async () => {
  await world[Symbol.asyncDispose]()
  world = await startWorld({ config: { demo: true, webDir: join(folder, 'web') } })
  expect((await get('/')).headers['strict-transport-security']).toBeUndefined()
})

test('plain HTTP does nothing but redirect, and to our own host alone', async () => {
  await world[Symbol.asyncDispose]()
  world = await startWorld({
    config: { redirect: { host: '127.0.0.1', port: 0 }, webDir: join(folder, 'web') },
  })
  const port = world.server.redirectPort ?? expect.fail('no redirect')
  const ask = async (
    path: string,
    method: string,
  ): Promise<[number | undefined, string | undefined, number]> => {
    const { promise, resolve, reject } =
      Promise.withResolvers<[number | undefined, string | undefined, number]>()
    httpRequest(
      { port, host: '127.0.0.1', path, method, headers: { host: 'evil.example' }, agent: false },
      (response) => {
        buffer(response).then(
          (body) => resolve([response.statusCode, response.headers.location, body.length]),
          reject,
        )
      },
    )
      .on('error', reject)
      .end()
    return await promise
  }
  expect(await ask('/', 'GET')).toEqual([308, 'https://call.example.org/', 0])
  expect(await ask('/policy/de', 'POST')).toEqual([308, 'https://call.example.org/policy/de', 0])
  expect(await ask('//evil.example/', 'GET')).toEqual([
    308,
    'https://call.example.org//evil.example/',
    0,
  ])
})

describe("the operator's listener", () => {
  const admin = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${world.server.metricsPort}${path}`, init)

  test('shows metrics with the rooms as they are now', async () => {
    const answer = await admin('/metrics')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await world.metric('assent_rooms')).toBe(2)
    expect(await world.metric('assent_people')).toBe(5)
  })

  test('is alive while the process answers, ready while every check holds', async () => {
    let holds = true
    await world[Symbol.asyncDispose]()
    world = await startWorld({
      ready: () => {
        if (!holds) throw new Error('gone')
        return true
      },
    })
    expect([(await admin('/healthz')).status, (await admin('/readyz')).status]).toEqual([200, 200])
    holds = false
    const ready = await admin('/readyz')
    expect([ready.status, await ready.text()]).toEqual([503, 'not ready: log\n'])
    expect((await admin('/healthz')).status).toBe(200)
  })

  test('knows nothing else', async () => {
    expect((await admin('/')).status).toBe(404)
    expect((await admin('/metrics', { method: 'POST' })).status).toBe(405)
  })
})
