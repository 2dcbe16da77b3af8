import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The real server in demo mode, on free ports, with a data folder of its own. */
export type RunningServer = AsyncDisposable & {
  readonly url: string
  readonly links: { readonly host: string; readonly guests: readonly string[] }
  readonly dataDir: string
  readonly process: ChildProcess
  /** A link for one more person. */
  readonly invite: (
    subject: string,
    options?: { host?: boolean; name?: string; minor?: boolean },
  ) => Promise<string>
  /** The newest value of a metric without labels. */
  readonly metric: (name: string) => Promise<number>
}

export async function startDemo(
  options: { readonly env?: NodeJS.ProcessEnv; readonly dataDir?: string } = {},
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'assent-e2e-')))
  const env = {
    ...process.env,
    ASSENT_DATA_DIR: dataDir,
    ASSENT_LISTEN_PORT: String(await freePort()),
    ASSENT_METRICS_PORT: '0',
    ASSENT_MEDIA_FIRST_PORT: '0',
    ...options.env,
  }
  const child = spawn(process.execPath, ['src/main.ts', '--demo'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  const said: string[] = []
  const found: { host?: string; guests: string[]; metrics?: string } = { guests: [] }
  const ready = Promise.withResolvers<void>()
  createInterface(child.stderr).on('line', (line) => said.push(line))
  createInterface(child.stdout).on('line', (line) => {
    said.push(line)
    const link = /^\s+(Host|Guest|Metrics)\s+(https?:\/\/\S+)$/.exec(line)
    if (link?.[1] === 'Host') found.host = link[2]!
    if (link?.[1] === 'Guest') found.guests.push(link[2]!)
    if (link?.[1] === 'Metrics') found.metrics = link[2]!
    if (found.host !== undefined && found.guests.length === 2 && found.metrics !== undefined)
      ready.resolve()
  })
  child.once('exit', (code) =>
    ready.reject(new Error(`the server ended with ${code}:\n${said.join('\n')}`)),
  )
  await ready.promise
  const url = new URL(found.host!).origin
  return {
    url,
    dataDir,
    process: child,
    links: { host: found.host!, guests: found.guests },
    invite: (subject, about = {}) => invite(dataDir, url, subject, about),
    metric: async (name) => {
      const text = await (await fetch(found.metrics!)).text()
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      )
    },
    [Symbol.asyncDispose]: async () => {
      child.removeAllListeners('exit')
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs a command as an operator would. Throws when it does not end with 0. */
export const assent = (...args: readonly string[]): string =>
  execFileSync(process.execPath, ['src/cli/main.ts', ...args], { encoding: 'utf8' })

/** The links carry the port, so it must be known before the server has it. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function invite(
  dataDir: string,
  url: string,
  subject: string,
  about: { host?: boolean; name?: string; minor?: boolean },
): Promise<string> {
  const args = [
    'src/cli/main.ts',
    'token',
    '--key',
    join(dataDir, 'demo', 'issuer.json'),
    '--issuer',
    'https://demo.assent.invalid',
    '--room',
    'demo',
    '--subject',
    subject,
  ]
  if (about.host === true) args.push('--host', '--record')
  if (about.minor === true) args.push('--minor')
  if (about.name !== undefined) args.push('--name', about.name)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let token = ''
  child.stdout.on('data', (chunk: Buffer) => {
    token += chunk.toString()
  })
  await once(child, 'close')
  return `${url}/#token=${token.trim()}`
}
