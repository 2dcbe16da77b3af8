import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { originAllowed } from '#auth'
import type { Rooms } from '#rooms'
import type { Addresses } from './addresses.ts'
import type { Clock } from './clock.ts'
import { fileOf, loadFiles, type ServedFile } from './files.ts'
import { everywhere, pageHeaders } from './headers.ts'
import { logPages } from './log-pages.ts'
import { mePages } from './me.ts'
import type { ServerOptions } from './start.ts'
import { verifierPage } from './verifier-page.ts'

/**
 * The pages, their files, the verifier, the privacy notices and the router's capabilities, all of it from memory; the public
 * consent log; and what people may do about what is held about them.
 */
export function pages({ config, rooms, addresses, publicLog, ...rest }: Served): RequestListener {
  const files = loadFiles(config.webDir)
  const common = everywhere(config.demo)
  const page = pageHeaders(config.publicUrl, config.demo)
  const built = files.get('/verify')
  const verifier = built && verifierPage(built, { ...config, ...rest })
  const capabilities = once(() => capabilitiesFile(rooms, config.demo))
  const trust = fileOf('text/plain; charset=utf-8', Buffer.from(rest.trustPolicy))
  const mine = mePages({ ...rest, config, addresses, limits: config.limits })
  const logFile = publicLog === null ? () => undefined : logPages(publicLog)

  return (request, response) => {
    const key = addresses.keyOf(request.socket.remoteAddress)
    const verdict = addresses.judge(key)
    if (verdict.how === 'blocked') {
      return end(response, 429, { ...common, 'retry-after': `${Math.ceil(verdict.ms / 1000)}` })
    }
    const path = request.url?.split('?', 1)[0] ?? '/'
    const act = mine(request.method ?? '', path)
    if (act !== undefined) return void act(request, response, key)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return end(response, 405, { ...common, allow: 'GET, HEAD' })
    }
    if (path === '/rtc/capabilities')
      return answer(request, response, capabilities(), capabilitiesHeaders(request))
    if (path === '/log/policy') return answer(request, response, trust, { ...common, ...forAll })
    if (verifier !== undefined && (path === '/verify.html' || path === '/verify'))
      return answer(request, response, verifier.file, {
        ...common,
        'content-security-policy': `${verifier.contentPolicy}; frame-ancestors 'none'`,
      })
    const file = files.get(path) ?? policyFile(path)
    if (file !== undefined) return answer(request, response, file, page)
    if (path === '/') return end(response, 503, { ...common, 'retry-after': '60' })
    const asked = logFile(path)
    if (asked !== undefined) return void answerLater(request, response, asked)
    addresses.suspect(key, 'probe')
    end(response, 404, common)
  }

  /** `/policy/de` is the notice in use; behind its hash each that was ever shown can still be read. */
  function policyFile(path: string): ServedFile | undefined {
    const text = path.startsWith('/policy/') ? rest.policyText(path.slice(8)) : undefined
    return text === undefined ? undefined : fileOf('text/plain; charset=utf-8', Buffer.from(text))
  }

  async function answerLater(
    request: IncomingMessage,
    response: ServerResponse,
    asked: Promise<ServedFile | null>,
  ): Promise<void> {
    try {
      const file = await asked
      if (file === null) return end(response, 404, { ...common, ...forAll })
      answer(request, response, file, { ...common, ...forAll })
    } catch {
      // Too many at once, or the log has failed, which it says itself.
      end(response, 503, { ...common, ...forAll, 'retry-after': '1' })
    }
  }

  /** An embedding page on the list may read them from its own origin. */
  function capabilitiesHeaders({
    headers: { origin, host },
  }: IncomingMessage): Readonly<Record<string, string>> {
    if (origin === undefined || !originAllowed(config.origins, origin, host))
      return { ...common, vary: 'origin' }
    return {
      ...common,
      vary: 'origin',
      'access-control-allow-origin': origin,
      'cross-origin-resource-policy': 'cross-origin',
    }
  }
}

type Served = Omit<ServerOptions, 'clock' | 'health'> & {
  readonly addresses: Addresses
  readonly clock: Clock
}

/** What is public may be read by pages of any site. */
const forAll = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

function capabilitiesFile(rooms: Rooms, demo: boolean): ServedFile {
  const { sha256, capabilities } = rooms.routerCapabilities()
  const body = Buffer.from(JSON.stringify({ sha256, demo, capabilities }))
  return fileOf('application/json; charset=utf-8', body)
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile,
  headers: Readonly<Record<string, string>>,
): void {
  const vary = ['accept-encoding', headers['vary']].filter((name) => name !== undefined).join(', ')
  const known = {
    ...headers,
    vary,
    etag: file.etag,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  if (request.headers['if-none-match'] === file.etag) return end(response, 304, known)
  const brotli = request.headers['accept-encoding']?.includes('br') === true ? file.brotli : null
  const body = brotli ?? file.body
  response.writeHead(200, {
    ...known,
    'content-type': file.type,
    'content-length': body.length,
    ...(brotli !== null && { 'content-encoding': 'br' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function end(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...headers, ...(status !== 304 && { 'content-length': '0' }) })
  response.end()
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}
