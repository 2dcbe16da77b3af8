import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Rights } from '#privacy'
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
import { jsonOf, parsed } from './body.ts'
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
  archive,
  log,
}: {
  readonly path: string
  readonly handlers: OperatorHandlers
  readonly archive: Rights['archive']
  readonly log: Log
}): Promise<AsyncDisposable> {
  await removeStale(path)
  const server = createServer((request, response) => {
    const answered =
      request.method === 'GET'
        ? hand(request, response, archive)
        : answer(request, response, handlers)
    void answered.catch((err: unknown) => {
      log.error({ err }, 'an operator’s command failed')
      if (response.headersSent) response.destroy()
      else say(response, 500, failure(new CallError('INTERNAL', 'see the server’s log')))
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

/** A copy that was asked for with `rights.access`, to be sent to who wrote the letter. */
async function hand(
  { url }: IncomingMessage,
  response: ServerResponse,
  archive: Rights['archive'],
): Promise<void> {
  const ticket = url?.startsWith('/archive/') === true ? url.slice('/archive/'.length) : ''
  const pieces = await archive(ticket).catch((error: unknown) => {
    if (error instanceof CallError) return error
    throw error
  })
  if (pieces === null) return say(response, 404, failure(new CallError('NOT_FOUND', 'no such ticket')))
  if (pieces instanceof CallError) return say(response, 400, failure(pieces))
  response.writeHead(200, { 'content-type': 'application/zip' })
  await pipeline(pieces, response)
}

async function read(
  request: IncomingMessage,
): Promise<{ by: OperatorName; method: OperatorMethod; params: unknown }> {
  const { by, method, params } = parsed(OperatorCall, await jsonOf(request, maxBytes))
  if (!isMethod(method)) throw new CallError('BAD_REQUEST', `no command ${method}`)
  return { by, method, params: parsed<unknown>(operatorMethods[method].params, params) }
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
