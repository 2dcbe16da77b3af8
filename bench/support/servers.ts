import { fork } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { createSecureContext } from 'node:tls'
import { issueToken, openSigningKey } from '#auth'
import { RtpCapabilities, Sha256 } from '#protocol'
import type { Entrance } from '../../client/sdk/entrance.ts'
import { sha256 } from '../../client/sdk/hash.ts'
import { demoFolder, demoIssuer } from '../../src/config/demo-names.ts'
import { startDemo } from '../../test/e2e/support/running-server.ts'

const certificate = { certFile: 'certs/development.pem', keyFile: 'certs/development.key' }

/** Trust in the certificate that the servers here have, and in no other. */
const ca = readFileSync(certificate.certFile)
export const tls = { ca, secureContext: createSecureContext({ ca }) }

/**
 * The same for Chromium. A certificate that it only puts up with costs each connection a second handshake, which no
 * visitor of a real server pays.
 */
export const chromiumTrust = (): string => {
  const key = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' })
  return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`
}

/** The server as people run it, in a process of its own, with nothing left out but the limits that would stop a benchmark. */
export interface OurServer extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  readonly capabilities: RtpCapabilities
  /** What one more person needs to enter a room. */
  entrance(room: string): Promise<Entrance>
  token(room: string, name: string): Promise<string>
  metric(name: string): Promise<number>
}

export async function startOurs(env: NodeJS.ProcessEnv = {}): Promise<OurServer> {
  const server = await startDemo({
    env: {
      ASSENT_MEDIA_WORKERS: '1',
      ASSENT_LIMITS_BURST: '1000000',
      ASSENT_LIMITS_REQUESTS_PER_SECOND: '1000000',
      ASSENT_LIMITS_MAX_CONNECTIONS_PER_ADDRESS: '10000',
      ASSENT_LIMITS_AUTH_TIMEOUT_MS: '60000',
      ...env,
    },
  })
  // What it warns of explains what a client is only told as an internal error.
  if (server.process.stdout !== null) {
    createInterface(server.process.stdout).on('line', (line) => {
      if (line.startsWith('{')) console.error(line)
    })
  }
  const key = await openSigningKey(
    JSON.parse(readFileSync(join(server.dataDir, demoFolder, 'issuer.json'), 'utf8')),
  )
  const router = await loadCapabilities(server.url)
  const shared = {
    url: `${server.url.replace('https:', 'wss:')}/signal`,
    router: Sha256.parse(router.sha256),
    capabilities: router.capabilities,
    capabilitiesSha256: await sha256(JSON.stringify(router.capabilities)),
    name: null,
    resume: null,
    freshMedia: false,
  }
  const token = (room: string, name: string): Promise<string> =>
    issueToken(
      key,
      {
        issuer: demoIssuer,
        audience: 'assent',
        subject: crypto.randomUUID(),
        room,
        name,
        lifeMs: 3_600_000,
        grants: { publish: ['microphone', 'camera'], subscribe: true, host: false, record: false },
      },
      Date.now(),
    )
  return {
    pid: server.process.pid ?? NaN,
    port: Number(new URL(server.url).port),
    capabilities: router.capabilities,
    entrance: async (room) => ({ ...shared, token: await token(room, 'Someone') }),
    token,
    metric: server.metric,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

export interface BareServer extends AsyncDisposable {
  readonly pid: number
  readonly url: string
}

export async function startBare(): Promise<BareServer> {
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [
    certificate.certFile,
    certificate.keyFile,
  ])
  const [address]: AddressInfo[] = await once(child, 'message')
  return {
    pid: child.pid ?? NaN,
    url: `wss://localhost:${address?.port}/`,
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function loadCapabilities(
  url: string,
): Promise<{ sha256: string; capabilities: RtpCapabilities }> {
  const [answer]: IncomingMessage[] = await once(get(`${url}/rtc/capabilities`, tls), 'response')
  const { sha256: named, capabilities } = JSON.parse(answer === undefined ? '' : await text(answer))
  return { sha256: named, capabilities: RtpCapabilities.parse(capabilities) }
}
