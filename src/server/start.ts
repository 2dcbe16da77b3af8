import {
  createServer as createHttpServer,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Authenticator } from '#auth'
import type { Metrics } from '#metrics'
import { CallError } from '#protocol'
import type { Rooms } from '#rooms'
import { Addresses } from './addresses.ts'
import { adminPages } from './admin.ts'
import { CapabilitySets } from './capability-sets.ts'
import { CertificateFiles } from './certificate.ts'
import { systemClock, type Clock } from './clock.ts'
import { Gate } from './gate.ts'
import { everywhere } from './headers.ts'
import type { Health } from './health.ts'
import { pages } from './http.ts'
import { listen, stopListening, type Address } from './listen.ts'
import type { Log } from './log.ts'
import type { PublicLog } from './log-pages.ts'
import type { MyRights } from './me.ts'
import type { ServerConfig } from './settings.ts'

export interface ServerOptions {
  readonly config: ServerConfig
  readonly authenticator: Authenticator
  readonly rooms: Rooms
  readonly metrics: Metrics
  readonly log: Log
  readonly health: Health
  /** Null: it is nobody's business. */
  readonly publicLog: PublicLog | null
  /** With what receipts of this server are verified (C2SP tlog-policy). */
  readonly trustPolicy: string
  /** The privacy notice in a language, or by the hash of its bytes; undefined when there is none. */
  readonly policyText: (name: string) => string | undefined
  readonly rights: MyRights
  readonly clock?: Clock
}

/** Dispose it to send everyone away and close all listeners. */
export interface Server extends AsyncDisposable {
  readonly port: number
  readonly metricsPort: number
  readonly redirectPort: number | null
  /** Whatever is due by the clock; called by itself every second. */
  tick(): void
  /** Looks for a new certificate now, as it does by itself every 5 s. */
  reloadCertificate(): void
  /**
   * Not ready from now on; nobody new comes in, and those who are in are told. Resolves when the
   * rooms are done.
   */
  drain(inMs: number): Promise<void>
}

/**
 * Throws CONFIG_INVALID (certificate, address) or PORT_TAKEN; what had been opened is closed again.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, rooms, metrics, log, clock = systemClock } = options
  await using opened = new AsyncDisposableStack()
  const certificate = openCertificate(config.tls)
  const addresses = new Addresses({ metrics, clock, limits: config.limits })
  const edge = { ...options, clock, limits: config.limits, capabilitySets: new CapabilitySets() }
  const gate = new Gate({ edge, addresses, origins: config.origins })
  let isDraining = false
  const health: Health = { draining: () => !isDraining, ...options.health }

  const main = createHttpsServer(
    {
      ...certificate.current,
      ...impatient(config),
      minVersion: config.tls.minVersion,
      handshakeTimeout: config.limits.authTimeoutMs,
    },
    pages({ ...options, addresses, clock }),
  )
  // Pages load over connections of their own. Beyond this nobody gets as far as an answer.
  main.maxConnections = 2 * config.limits.maxConnections
  main.on('upgrade', (request, socket, head) => gate.handle(request, socket, head))
  const admin = createHttpServer(impatient(config), adminPages({ metrics, rooms, health, log }))

  const port = await open(opened, main, config.listen, 'listen')
  const metricsPort = await open(opened, admin, config.metrics, 'metrics')
  const redirectPort =
    config.redirect === null
      ? null
      : await open(
          opened,
          createHttpServer(impatient(config), redirectTo(config)),
          config.redirect,
          'redirect',
        )
  opened.defer(() => gate.closeAll())
  opened.use(every(1000, () => gate.tick()))
  const reloadCertificate = () => reload(main, certificate, log)
  opened.use(every(5000, reloadCertificate))
  const closing = opened.move()
  return {
    port,
    metricsPort,
    redirectPort,
    tick: () => gate.tick(),
    reloadCertificate,
    drain: async (inMs) => {
      isDraining = true
      gate.stopAdmitting()
      await rooms.drain(inMs)
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

function openCertificate(tls: ServerConfig['tls']): CertificateFiles {
  try {
    return new CertificateFiles(tls)
  } catch (cause) {
    const message = 'tls: the certificate or its key cannot be read, or they do not belong together'
    throw new CallError('CONFIG_INVALID', message, { cause })
  }
}

function reload(server: HttpsServer, certificate: CertificateFiles, log: Log): void {
  try {
    if (!certificate.reload()) return
    // Connections that stand keep theirs; whoever comes next sees the new one.
    server.setSecureContext(certificate.current)
    log.info({}, 'certificate reloaded')
  } catch (err) {
    log.warn({ err }, 'new certificate not usable; the old one holds')
  }
}

/** A connection that says nothing, or says it too slowly, is not kept. */
const impatient = ({ limits: { authTimeoutMs } }: ServerConfig) => ({
  headersTimeout: authTimeoutMs,
  requestTimeout: authTimeoutMs,
  // How often Node looks at the two above: every 30 s if it were not told.
  connectionsCheckingInterval: Math.min(1000, authTimeoutMs),
  keepAliveTimeout: 5000,
})

async function open(
  opened: AsyncDisposableStack,
  server: HttpServer,
  where: Address,
  what: string,
): Promise<number> {
  const port = await listen(server, where, what)
  opened.defer(() => stopListening(server))
  return port
}

/** To the configured host, never to one that the request names. */
function redirectTo({ publicUrl }: ServerConfig): RequestListener {
  const { origin } = new URL(publicUrl)
  return ({ url }, response) => {
    const location = origin + (url?.startsWith('/') === true ? url : '/')
    response.writeHead(308, { ...everywhere(true), location, 'content-length': '0' })
    response.end()
  }
}

function every(ms: number, work: () => void): Disposable {
  const timer = setInterval(work, ms)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
