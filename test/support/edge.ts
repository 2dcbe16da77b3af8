import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { WebSocket, type ClientOptions } from 'ws'
import {
  createAuthenticator,
  issueToken,
  newSigningKey,
  type Authenticator,
  type Principal,
  type SigningKey,
  type TokenClaims,
} from '#auth'
import { createMetrics } from '#metrics'
import {
  Sha256,
  type Event,
  type Grants,
  type Method,
  type Params,
  type Result,
  type RtpCapabilities,
} from '#protocol'
import type { EntryPass, Line, Rooms, Seat } from '#rooms'
import {
  startServer,
  type Limits,
  type Log,
  type Server,
  type ServerConfig,
  type ServerOptions,
} from '#server'

/** Limits that no test meets by chance. */
export const wideLimits: Limits = {
  maxConnections: 1000,
  maxConnectionsPerAddress: 1000,
  authTimeoutMs: 5000,
  burst: 1000,
  requestsPerSecond: 1000,
  maxPending: 64,
  maxErrors: 100,
  maxBufferedBytes: 1 << 20,
  slowBufferedBytes: 256 << 10,
  slowReaderMs: 10_000,
  heartbeatMs: 15_000,
  expiryGraceMs: 10_000,
  slowAfter: 1000,
  blockAfter: 1000,
}

export const someCapabilities: RtpCapabilities = {
  codecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000 }],
  headerExtensions: [],
}
export const routerSha256 = Sha256.parse('ab'.repeat(32))

/** A seat that answers as it is told and remembers what it was told. */
export class FakeSeat implements Seat {
  readonly principal: Principal
  readonly line: Line
  readonly upgradeJoin: EntryPass | null
  readonly heard: string[] = []
  reply: (method: Method, params: unknown) => Promise<unknown>

  constructor(
    principal: Principal,
    line: Line,
    upgradeJoin: EntryPass | null,
    reply: FakeSeat['reply'],
  ) {
    this.principal = principal
    this.line = line
    this.upgradeJoin = upgradeJoin
    this.reply = reply
  }

  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    this.heard.push(method)
    return (await this.reply(method, params)) as Result<M>
  }

  renew(principal: Principal): { grants: Grants; expiresInMs: number } {
    this.heard.push(`renew ${principal.tokenId}`)
    return { grants: principal.grants, expiresInMs: 1 }
  }

  expiring(inMs: number): void {
    this.heard.push(`expiring ${inMs}`)
  }

  lost(): void {
    this.heard.push('lost')
  }
}

/** Rooms at their contract: every connection gets a FakeSeat. */
export class FakeRooms implements Rooms {
  readonly seats: FakeSeat[] = []
  readonly count = { rooms: 2, people: 5 }
  readonly drained: number[] = []
  reply: FakeSeat['reply'] = async (method) => (method === 'session.ping' ? { now: 1 } : {})
  onEnter: (seat: FakeSeat) => void = () => undefined

  enter(principal: Principal, line: Line, upgradeJoin: EntryPass | null): Seat {
    const seat = new FakeSeat(principal, line, upgradeJoin, this.reply)
    this.seats.push(seat)
    this.onEnter(seat)
    return seat
  }

  routerCapabilities(): { capabilities: RtpCapabilities; sha256: Sha256 } {
    return { capabilities: someCapabilities, sha256: routerSha256 }
  }

  async drain(inMs: number): Promise<void> {
    this.drained.push(inMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }

  get seat(): FakeSeat {
    const seat = this.seats.at(-1)
    if (seat === undefined) throw new Error('nobody entered')
    return seat
  }
}

/** Both clocks, moved by hand. */
export class HandClock {
  now = Date.now()

  wall(): number {
    return this.now
  }

  monotonic(): number {
    return this.now
  }
}

export interface World extends AsyncDisposable {
  readonly server: Server
  readonly rooms: FakeRooms
  readonly clock: HandClock
  readonly folder: string
  readonly logged: { event: Record<string, unknown>; message: string }[]
  readonly key: SigningKey
  token(change?: Partial<TokenClaims>): Promise<string>
  open(token: string | null, options?: ClientOptions & { offer?: string[] }): Client
  /** The value of one series of the metrics. */
  metric(series: string): Promise<number | undefined>
}

/** A real server on loopback with real tokens and certificates; only the rooms are fake. */
export async function startWorld(
  change: {
    limits?: Partial<Limits>
    config?: Partial<ServerConfig>
    authenticator?: Authenticator
    ready?: () => boolean
    tls?: Partial<ServerConfig['tls']>
    publicLog?: ServerOptions['publicLog']
    trustPolicy?: string
    policyText?: ServerOptions['policyText']
    rights?: ServerOptions['rights']
  } = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-edge-'))
  const key = await newSigningKey()
  await writeCertificate(folder, 'localhost')
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(key.jwks))
  const clock = new HandClock()
  const logged: World['logged'] = []
  const write = (event: Record<string, unknown>, message: string) =>
    void logged.push({ event, message })
  const log: Log = { info: write, warn: write, error: write }
  const authenticator =
    change.authenticator ??
    createAuthenticator({
      issuers: [
        {
          issuer,
          audience,
          keys: { file: join(folder, 'jwks.json') },
          maxTokenLifeMs: 12 * 3_600_000,
        },
      ],
      log: write,
      now: () => clock.now,
    })
  const rooms = new FakeRooms()
  const metrics = createMetrics()
  const config: ServerConfig = {
    listen: { host: '127.0.0.1', port: 0 },
    redirect: null,
    metrics: { host: '127.0.0.1', port: 0 },
    tls: {
      certificateFile: join(folder, 'cert.pem'),
      keyFile: join(folder, 'key.pem'),
      minVersion: 'TLSv1.3',
      ...change.tls,
    },
    publicUrl: 'https://call.example.org',
    origins: ['https://app.example.org'],
    demo: false,
    webDir: '',
    ...change.config,
    limits: { ...wideLimits, ...change.limits },
  }
  const server = await startServer({
    config,
    authenticator,
    rooms,
    metrics,
    log,
    clock,
    health: { log: change.ready ?? (() => true) },
    publicLog: change.publicLog ?? null,
    trustPolicy: change.trustPolicy ?? '',
    policyText: change.policyText ?? (() => undefined),
    rights: change.rights ?? noRights,
  })
  return {
    server,
    rooms,
    clock,
    folder,
    logged,
    key,
    token: (claims) =>
      issueToken(
        key,
        {
          issuer,
          audience,
          subject: 'user-7',
          room: 'weekly',
          grants,
          lifeMs: 3_600_000,
          ...claims,
        },
        clock.now,
      ),
    open: (token, { offer = [], ...options } = {}) => {
      const protocols = ['assent.v1', ...(token === null ? [] : [`assent.jwt.${token}`]), ...offer]
      return new Client(
        new WebSocket(`wss://127.0.0.1:${server.port}/signal`, protocols, {
          rejectUnauthorized: false,
          ...options,
        }),
      )
    },
    metric: async (series) => {
      const text = await (await fetch(`http://127.0.0.1:${server.metricsPort}/metrics`)).text()
      const line = text.split('\n').find((each) => each.startsWith(`${series} `))
      return line === undefined ? undefined : Number(line.slice(series.length + 1))
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      metrics[Symbol.dispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Nobody here has anything to do with what is held. */
const noRights: ServerOptions['rights'] = {
  acts: new Proxy({} as ServerOptions['rights']['acts'], {
    get: (_, name) => () => Promise.reject(new Error(`/me/${String(name)} is not tested here`)),
  }),
  archive: async () => null,
}

const issuer = 'https://id.example.org'
const audience = 'assent'
export const grants: Grants = {
  publish: ['microphone', 'camera'],
  subscribe: true,
  host: false,
  record: false,
}

export async function writeCertificate(folder: string, name: string): Promise<string> {
  const {
    cert,
    private: key,
    fingerprint,
  } = await generate([{ name: 'commonName', value: name }], { keyType: 'ec', curve: 'P-256' })
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'cert.pem'), cert)
  return fingerprint
}

export interface Wire {
  readonly id?: number | null
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: {
    code: number
    message: string
    data: { code: string; todo: string; retryAfterMs?: number; reference?: string }
  }
}

/** One end of a connection, message by message. */
export class Client {
  readonly socket: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #messages: Wire[] = []
  #arrived = Promise.withResolvers<void>()
  #nextId = 1

  constructor(socket: WebSocket) {
    this.socket = socket
    // A server that cuts a connection is an error to the client; the close event tells the rest.
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    socket.on('message', (frame: Buffer) => {
      this.#messages.push(JSON.parse(frame.toString()) as Wire)
      this.#arrived.resolve()
      this.#arrived = Promise.withResolvers()
    })
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open')
    return this
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Sends a request and returns its id. */
  ask(method: string, params: unknown = {}): number {
    const id = this.#nextId
    this.#nextId += 1
    this.send({ jsonrpc: '2.0', id, method, params })
    return id
  }

  /** The next message, whatever it is. */
  async next(): Promise<Wire> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) return message
      await this.#arrived.promise
    }
  }

  async call(method: string, params: unknown = {}): Promise<Wire> {
    this.ask(method, params)
    return await this.next()
  }
}

export const joinedEvent = (): Event =>
  ({ event: 'session.joined', params: { snapshot: {} } }) as Event
