import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '#auth'
import { CallError, type MeAct } from '#protocol'
import { startWorld, type World } from '../../support/edge.ts'

/** What was done, by whom: `act of subject: params`. */
let done: string[]
let failure: Error | null
let pieces: (() => AsyncIterable<Uint8Array>) | null
let world: World
beforeEach(async () => {
  done = []
  failure = null
  pieces = null
  const act = (name: MeAct) => async (who: Account, params: unknown) => {
    if (failure !== null) throw failure
    done.push(`${name} of ${who.subject.reveal()}: ${JSON.stringify(params)}`)
    return { request: null }
  }
  world = await startWorld({
    rights: {
      acts: new Proxy({} as never, { get: (_, name) => act(name as MeAct) }),
      archive: async (ticket) => (ticket === 'good' ? (pieces?.() ?? null) : null),
    },
  })
})
afterEach(() => world[Symbol.asyncDispose]())

type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { port: world.server.port, host: '127.0.0.1', path, method, headers }
  request({ ...options, rejectUnauthorized: false, agent: false }, (response) => {
    buffer(response).then(
      (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }),
      reject,
    )
  })
    .on('error', reject)
    .end(body)
  return promise
}

const post = async (act: string, params: unknown = {}, token?: string): Promise<Answer> =>
  send(
    'POST',
    `/me/${act}`,
    { authorization: `Bearer ${token ?? (await world.token())}` },
    typeof params === 'string' ? params : JSON.stringify(params),
  )

const codeOf = ({ body }: Answer): unknown =>
  (JSON.parse(body.toString()) as { error: { code: string } }).error.code

describe('an act on what is held', () => {
  test('is done for whoever the token names, and for nobody else', async () => {
    const answer = await post('restrict', { on: true })
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
      200,
      { result: { request: null } },
    ])
    await post('see', {}, await world.token({ subject: 'user-8' }))
    expect(done).toEqual(['restrict of user-7: {"on":true}', 'see of user-8: {}'])
  })

  test('is kept by nobody on its way', async () => {
    const { headers } = await post('see')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['access-control-allow-origin']).toBe(undefined)
  })

  test('is not open to pages of other sites: their preflight is refused', async () => {
    const asking = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const { status, headers } = await send('OPTIONS', '/me/erase', asking)
    expect([status, headers['access-control-allow-origin']]).toEqual([405, undefined])
  })

  test('needs a token, a good one, one of today', async () => {
    const none = await send('POST', '/me/erase', {}, '{}')
    expect([none.status, codeOf(none), none.headers['www-authenticate']]).toEqual([
      401,
      'UNAUTHENTICATED',
      'Bearer',
    ])
    const forged = await post('erase', {}, `${await world.token()}x`)
    expect([forged.status, codeOf(forged)]).toEqual([401, 'UNAUTHENTICATED'])
    const old = await world.token()
    world.clock.now += 2 * 3_600_000
    const late = await post('erase', {}, old)
    expect([late.status, codeOf(late)]).toEqual([401, 'TOKEN_EXPIRED'])
    expect(done).toEqual([])
  })

  test.each([
    ['is not JSON', 'correct', '{', 'the body is not JSON'],
    ['lacks what is needed', 'correct', {}, 'name: '],
    ['has what nobody knows', 'erase', { password: 'secret' }, 'the body: unknown keys'],
    ['is too long', 'object', { words: 'x'.repeat(20_000) }, 'over 16384 bytes'],
  ])('whose body %s is refused, and its words are not repeated', async (_, act, params, message) => {
    const answer = await post(act, params)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_REQUEST'])
    expect(answer.body.toString()).toContain(message)
    expect(answer.body.toString()).not.toMatch(/password|secret|xxx/)
    expect(done).toEqual([])
  })

  test('that there is none of is refused, and noted as probing', async () => {
    const answer = await post('toString')
    expect([answer.status, codeOf(answer)]).toEqual([404, 'UNKNOWN_METHOD'])
    expect(await world.metric('assent_suspicious_total{kind="probe"}')).toBe(1)
  })

  test.each([
    [new CallError('ON_HOLD', 'kept'), 409, 'ON_HOLD'],
    [new CallError('LOG_UNAVAILABLE', 'full'), 503, 'LOG_UNAVAILABLE'],
    [new CallError('NOT_FOUND', 'nothing'), 404, 'NOT_FOUND'],
    [new Error('a path: /var/lib'), 500, 'INTERNAL'],
  ])('that fails says why by its code: %s', async (cause, status, code) => {
    failure = cause
    const answer = await post('erase')
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
    expect(answer.body.toString()).not.toContain('/var/lib')
    expect(answer.body.toString()).toContain('"todo"')
  })

  test('is done twenty times at once, then every two seconds; others do not wait with them', async () => {
    const token = await world.token()
    for (let i = 0; i < 20; i++) expect((await post('see', {}, token)).status).toBe(200)
    const answer = await post('see', {}, token)
    expect([answer.status, codeOf(answer), answer.headers['retry-after']]).toEqual([
      429,
      'TOO_MANY_REQUESTS',
      '2',
    ])
    expect((await post('see', {}, await world.token({ subject: 'user-8' }))).status).toBe(200)
    world.clock.now += 4000
    expect((await post('see', {}, token)).status).toBe(200)
  })
})

describe('a copy of everything', () => {
  test('comes for a ticket, as a file that a browser saves', async () => {
    pieces = async function* () {
      yield Buffer.from('PK')
      yield Buffer.from('rest')
    }
    const { status, headers, body } = await send('GET', '/me/archive/good', {})
    expect([status, headers['content-type'], body.toString()]).toEqual([200, 'application/zip', 'PKrest'])
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="assent-about-me-\d{4}-\d\d-\d\d\.zip"$/,
    )
    expect(headers['cache-control']).toBe('no-store')
  })

  test('does not come for another', async () => {
    const answer = await send('GET', '/me/archive/bad', {})
    expect([answer.status, codeOf(answer)]).toEqual([404, 'NOT_FOUND'])
  })

  test('that breaks in the middle does not look whole', async () => {
    pieces = async function* () {
      yield Buffer.from('PK')
      throw new Error('disk')
    }
    await expect(send('GET', '/me/archive/good', {})).rejects.toThrow()
    expect(world.logged.map(({ message }) => message)).toContain('a copy could not be completed')
  })
})
