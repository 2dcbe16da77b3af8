import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import {
  CallError,
  errors,
  OperatorCall,
  operatorMethods,
  type OperatorMethod,
  type OperatorName,
  type OperatorParams,
  type OperatorResult,
} from '#protocol'
import { stopListening } from './listen.ts'
import type { Log } from './log.ts'

/** Each command of the operator; `by` is who asks, as the log names them. */
export type OperatorHandlers = {
  readonly [M in OperatorMethod]: (
    params: OperatorParams<M>,
    by: OperatorName,
  ) => Promise<OperatorResult<M>>
}

/**
 * Takes an operator's commands on a Unix socket that only the server's own account can open: whoever could write there
 * could read the data folder as well. Dispose to close it. Throws CONFIG_INVALID when another server listens there.
 */
export async function startOperatorSocket({
  path,
  handlers,
  log,
}: {
  readonly path: string
  readonly handlers: OperatorHandlers
  readonly log: Log
}): Promise<AsyncDisposable> {
  await removeStale(path)
  const server = createServer((request, response) => {
    void answer(request, response, handlers).catch((err: unknown) => {
      log.error({ err }, 'an operator’s command failed')
      say(response, 500, failure(new CallError('INTERNAL', 'see the server’s log')))
    })
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause) =>
    reject(new CallError('CONFIG_INVALID', `${path}: cannot listen there`, { cause })),
  )
  server.listen(path, resolve)
  await promise
  chmodSync(path, 0o600)
  return { [Symbol.asyncDispose]: () => stopListening(server) }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: OperatorHandlers,
): Promise<void> {
  try {
    const { by, method, params } = await read(request)
    const handle = handlers[method] as (params: unknown, by: OperatorName) => Promise<unknown>
    say(response, 200, { result: await handle(params, by) })
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    say(response, 400, failure(error))
  }
}

async function read(
  request: IncomingMessage,
): Promise<{ by: OperatorName; method: OperatorMethod; params: unknown }> {
  const { by, method, params } = parsed(OperatorCall, await body(request))
  if (!isMethod(method)) throw new CallError('BAD_REQUEST', `no command ${method}`)
  return { by, method, params: parsed<unknown>(operatorMethods[method].params, params) }
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue
    length += chunk.length
    if (length > maxBytes) throw new CallError('BAD_REQUEST', `over ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new CallError('BAD_REQUEST', 'the command is not JSON', { cause })
  }
}

function parsed<T>(schema: { safeParse(value: unknown): Parsed<T> }, value: unknown): T {
  const { data, error } = schema.safeParse(value)
  if (error === undefined && data !== undefined) return data
  const [issue] = error?.issues ?? []
  const where = issue?.path.join('.') ?? ''
  throw new CallError('BAD_REQUEST', `${where === '' ? 'the command' : where}: ${issue?.message}`)
}
type Parsed<T> = {
  readonly data?: T | undefined
  readonly error?:
    | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
    | undefined
}

const isMethod = (name: string): name is OperatorMethod => Object.hasOwn(operatorMethods, name)

const failure = ({ code, message }: CallError) => ({
  error: { code, message, todo: errors[code].todo },
})

function say(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(value))
}

/** A server that was killed leaves its socket behind; one that answers is another server on the same data. */
async function removeStale(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path, () => resolve(true)).once('error', () => resolve(false))
  const isAlive = await promise
  socket.destroy()
  if (isAlive)
    throw new CallError('CONFIG_INVALID', `${path}: another server runs on this data folder`)
  rmSync(path, { force: true })
}

const maxBytes = 1_000_000
