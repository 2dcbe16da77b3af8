import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { CallError } from '#protocol'
import { WitnessDesk, type DeskOptions, type Reply } from './desk.ts'
import { WitnessMemory } from './memory.ts'

export type WitnessOptions = Omit<DeskOptions, 'now'> & {
  /** Remembers what was seen. Never put an older one in its place: the witness would believe a fork. */
  readonly stateFile: string
  readonly listen: { readonly host: string; readonly port: number }
  /** In PEM; without it the witness speaks plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly now?: () => number
  /** For a request to arrive as a whole. */
  readonly timeLimitMs?: number
}

/** Dispose of it to stop; answers under way are given first. */
export interface WitnessServer extends AsyncDisposable {
  readonly port: number
}

/** Throws LOG_UNAVAILABLE for the state file, CONFIG_INVALID or PORT_TAKEN for the address. */
export async function startWitness(options: WitnessOptions): Promise<WitnessServer> {
  const { stateFile, listen, tls, now = Date.now, timeLimitMs = 10_000, say, logs } = options
  await using opened = new AsyncDisposableStack()
  const memory = opened.use(new WitnessMemory(stateFile))
  for (const { name } of logs)
    if (memory.of(name) === undefined)
      say(`new ${name}: its first checkpoint will be believed as it comes`)
  const desk = new WitnessDesk(memory, { ...options, now })

  const answering = new Set<Promise<void>>()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const given = replyTo(desk, request)
      // Whoever broke off, or was cut off, is not there to read an answer.
      .catch((error: unknown) => (response.destroyed ? undefined : desk.broken(error)))
      .then((reply) => reply && send(reply, request, response, server.listening))
      .finally(() => answering.delete(given))
    answering.add(given)
  }
  const limits = {
    requestTimeout: timeLimitMs,
    headersTimeout: timeLimitMs,
    // How often Node looks at the two above: every 30 s if it were not told.
    connectionsCheckingInterval: Math.min(1000, timeLimitMs),
    maxHeaderSize: 8192,
  }
  const server =
    tls === undefined
      ? createHttpServer(limits, answer)
      : createHttpsServer({ ...limits, ...tls, minVersion: 'TLSv1.2' }, answer)
  server.maxConnections = 200
  const port = await listenAt(server, listen)
  opened.defer(async () => {
    await stop(server, timeLimitMs)
    await Promise.all(answering)
  })
  const closing = opened.move()
  return { port, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

function send(
  { status, type, body }: Reply,
  { url }: IncomingMessage,
  response: ServerResponse,
  goesOn: boolean,
): void {
  // A connection that is kept would hold up the end.
  if (!goesOn || status >= 500) response.shouldKeepAlive = false
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: url === submission ? 'POST' : 'GET, HEAD' }),
  })
  response.end(body)
}

async function replyTo(desk: WitnessDesk, request: IncomingMessage): Promise<Reply> {
  const { method, url = '' } = request
  if (url === submission) {
    if (method !== 'POST')
      return desk.refuse({ status: 405, problem: 'only POST is answered here' })
    const body = await readBody(request)
    return body === undefined
      ? desk.refuse({ status: 413, problem: `a body over ${maxBodyBytes} bytes` })
      : desk.addCheckpoint(body)
  }
  if (method !== 'GET' && method !== 'HEAD')
    return desk.refuse({ status: 405, problem: 'only GET and HEAD are answered here' })
  return (
    desk.checkpoint(url.slice(1)) ??
    desk.refuse({ status: 404, problem: 'nothing was seen of that log' })
  )
}

/** Undefined when it is longer than any submission. It is read to its end all the same: only then is an answer read. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length <= maxBodyBytes) pieces.push(piece)
  }
  return length > maxBodyBytes ? undefined : Buffer.concat(pieces)
}

async function listenAt(server: Server, { host, port }: WitnessOptions['listen']): Promise<number> {
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    if (code === 'EADDRINUSE')
      throw new CallError('PORT_TAKEN', `port ${port} is in use`, { cause })
    throw new CallError('CONFIG_INVALID', `cannot listen at ${host} (${code})`, { cause })
  }
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : port
}

/** Takes no more; whoever has not been answered by then is cut off. */
async function stop(server: Server, afterMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const timer = setTimeout(() => server.closeAllConnections(), afterMs)
  await closed
  clearTimeout(timer)
}

const submission = '/add-checkpoint'
/** 63 hashes and a note with a hundred signatures fit well. */
const maxBodyBytes = 131_072
