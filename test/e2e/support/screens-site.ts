import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'

/** The policy that the server sends with the page; a screen that needs more than this is wrong. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `screens`: the scripted entry. `page`: the real one, as people load it, without a server behind it. */
const configs = {
  screens: '../screens/vite.config.ts',
  page: '../../../client/web/vite.config.ts',
} as const
const types: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
}

export interface Site extends AsyncDisposable {
  readonly url: string
}

/** Builds an entry into memory and serves it on a free port of this machine. The caller closes it. */
export async function startSite(entry: keyof typeof configs): Promise<Site> {
  const files = await built(configs[entry])
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const name = path === '/' ? 'index.html' : path.slice(1)
    const body = files.get(name)
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': `${types[name.split('.').at(-1) ?? ''] ?? 'text/plain'}; charset=utf-8`,
      'content-security-policy': contentPolicy,
    })
    response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function built(config: string): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const result = await build({
    configFile: fileURLToPath(new URL(config, import.meta.url)),
    logLevel: 'error',
    build: { write: false },
  })
  if (!isOutput(result)) throw new Error('vite did not build once')
  const files = new Map<string, string | Uint8Array>(
    result.output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  )
  for (const ring of ['ring-open.svg', 'ring-closed.svg', 'ring-paused.svg']) {
    files.set(ring, await readFile(new URL(`../../../client/web/public/${ring}`, import.meta.url)))
  }
  return files
}

const isOutput = (result: Awaited<ReturnType<typeof build>>): result is Rolldown.RolldownOutput =>
  !Array.isArray(result) && 'output' in result
