import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Account } from '#auth'
import type { Rights } from '#privacy'
import { CallError, errors, meActs, randomText, type ErrorCode, type MeAct } from '#protocol'
import type { Addresses } from './addresses.ts'
import { jsonOf, parsed } from './body.ts'
import { everywhere } from './headers.ts'
import { identify } from './identify.ts'
import type { ServerOptions } from './start.ts'
import { TokenBucket } from './token-bucket.ts'

/** What people may do about what is held about them, as the edge reaches it. */
export type MyRights = Pick<Rights, 'acts' | 'archive'>

type Answer = (request: IncomingMessage, response: ServerResponse, key: string) => Promise<void>

/**
 * `POST /me/ACT` with the bearer of a token that opens a call, and `GET /me/archive/TICKET`. Undefined for a path that is
 * none of them. An answer is `{"result":…}`, or `{"error":{"code":…}}` with its status; none is ever stored on its way.
 * No page of another site can send the token here: nothing answers its preflight.
 */
export function mePages(world: World): (method: string, path: string) => Answer | undefined {
  const { rights, addresses, log, clock } = world
  const headers = { ...everywhere(world.config.demo), 'cache-control': 'no-store' }
  /** One for each account that came lately. */
  const buckets = new Map<string, TokenBucket>()
  let archives = 0

  return (method, path) => {
    if (method === 'GET' && path.startsWith('/me/archive/'))
      return (_, response) => archive(response, path.slice('/me/archive/'.length))
    if (method !== 'POST' || !path.startsWith('/me/')) return undefined
    const name = path.slice('/me/'.length)
    return (request, response, key) =>
      isAct(name) ? act(name, request, response, key) : unknownAct(response, key)
  }

  async function unknownAct(response: ServerResponse, key: string): Promise<void> {
    addresses.suspect(key, 'probe')
    fail(response, new CallError('UNKNOWN_METHOD', 'no act of that name'))
  }

  async function act(
    name: MeAct,
    request: IncomingMessage,
    response: ServerResponse,
    key: string,
  ): Promise<void> {
    try {
      const verdict = addresses.judge(key)
      if (verdict.how === 'slowed') await wait(verdict.ms)
      const who = await identify(bearerOf(request), key, world)
      if (typeof who === 'string') throw new CallError(who, 'authorization: no token that is good')
      spare(who)
      const params = parsed<unknown>(meActs[name].params, await jsonOf(request, maxBytes))
      const run = rights.acts[name] as (who: Account, params: unknown) => Promise<unknown>
      say(response, 200, { result: await run(who, params) }, headers)
    } catch (error) {
      fail(response, error)
    }
  }

  async function archive(response: ServerResponse, ticket: string): Promise<void> {
    if (archives >= maxArchives)
      return fail(response, new CallError('TOO_MANY_REQUESTS', 'others take their copies now'))
    archives += 1
    try {
      const pieces = await rights.archive(ticket)
      if (pieces === null) throw new CallError('NOT_FOUND', 'ticket: not good, or not any more')
      response.writeHead(200, { ...headers, ...archiveHeaders(clock.wall()) })
      await pipeline(pieces, response)
    } catch (error) {
      if (!response.headersSent) return fail(response, error)
      // The connection is cut: half an archive must not look like a whole one.
      const hasLeft = Reflect.get(Object(error), 'code') === 'ERR_STREAM_PREMATURE_CLOSE'
      if (!hasLeft) log.error({ err: error }, 'a copy could not be completed')
    } finally {
      archives -= 1
    }
  }

  /** Each act asks the log many questions; who is in a hurry waits, and nobody else with them. */
  function spare({ issuer, subject }: Account): void {
    const account = `${issuer}\n${subject.reveal()}`
    const now = clock.monotonic()
    const bucket = buckets.get(account) ?? new TokenBucket(burst, perSecond, now)
    buckets.delete(account)
    buckets.set(account, bucket)
    const [oldest] = buckets.keys()
    if (buckets.size > maxAccounts && oldest !== undefined) buckets.delete(oldest)
    const retryAfterMs = bucket.take(now)
    if (retryAfterMs > 0)
      throw new CallError('TOO_MANY_REQUESTS', `over ${burst} acts at once`, { retryAfterMs })
  }

  function fail(response: ServerResponse, error: unknown): void {
    if (!(error instanceof CallError)) {
      const reference = randomText(7)
      log.error({ reference, err: error }, 'an act on /me failed')
      return fail(response, new CallError('INTERNAL', `reference ${reference}`))
    }
    const { code, message, retryAfterMs } = error
    const retry = retryAfterMs === undefined ? {} : { retryAfterMs }
    world.metrics.failed(code)
    say(response, statusOf(code), { error: { code, message, todo: errors[code].todo, ...retry } }, {
      ...headers,
      ...(retryAfterMs !== undefined && { 'retry-after': `${Math.ceil(retryAfterMs / 1000)}` }),
      ...(code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer' }),
    })
  }
}

type World = Pick<ServerOptions, 'config' | 'authenticator' | 'metrics' | 'log'> & {
  readonly rights: MyRights
  readonly addresses: Addresses
  readonly limits: ServerOptions['config']['limits']
  readonly clock: NonNullable<ServerOptions['clock']>
}

const isAct = (name: string): name is MeAct => Object.hasOwn(meActs, name)

/** RFC 6750 §2.1. */
const bearerOf = ({ headers: { authorization } }: IncomingMessage): string | null =>
  /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1] ?? null

function say(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Readonly<Record<string, string>>,
): void {
  const body = Buffer.from(JSON.stringify(value))
  const type = 'application/json; charset=utf-8'
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': body.length })
  response.end(body)
}

/** What is called after the day says nothing of whose it is. */
const archiveHeaders = (now: number): Record<string, string> => ({
  'content-type': 'application/zip',
  'content-disposition': `attachment; filename="assent-about-me-${new Date(now).toISOString().slice(0, 10)}.zip"`,
})

const statusOf = (code: ErrorCode): number => statuses[code] ?? 400
const statuses: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  AUTH_TIMEOUT: 503,
  NOT_FOUND: 404,
  UNKNOWN_METHOD: 404,
  ON_HOLD: 409,
  TOO_MANY_REQUESTS: 429,
  LOG_UNAVAILABLE: 503,
  VAULT_BUSY: 503,
  RECORDER_FAILED: 503,
  INTERNAL: 500,
}

const maxBytes = 16_384
const burst = 20
const perSecond = 0.5
const maxAccounts = 10_000
const maxArchives = 4
