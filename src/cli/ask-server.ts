import { open, rm, type FileHandle } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import {
  CallError,
  errors,
  operatorMethods,
  type ErrorCode,
  type OperatorMethod,
  type OperatorParams,
  type OperatorResult,
} from '#protocol'

/**
 * Asks the server that runs on this data folder, as its operator. `by`: who asks, as the log shall name them; the
 * system account unless told. Throws the server's own CallError; NOT_FOUND when none runs there.
 */
export async function askServer<M extends OperatorMethod>(
  dataDir: string,
  method: M,
  params: OperatorParams<M>,
  by: string = userInfo().username,
): Promise<OperatorResult<M>> {
  const answer: unknown = JSON.parse(
    await post(operatorSocket(dataDir), JSON.stringify({ by, method, params })),
  )
  const failed = failureIn(answer)
  if (failed !== null) throw new CallError(failed.code, failed.message)
  return operatorMethods[method].result.parse(
    Reflect.get(Object(answer), 'result'),
  ) as OperatorResult<M>
}

/**
 * The copy that a ticket stands for, in a new file that its owner alone can read; the ticket is asked for when there is
 * one. Throws NOT_FOUND for a ticket that is no good, BAD_REQUEST where the file is there already or cannot be written;
 * half a copy does not stay.
 */
export async function saveArchive(
  dataDir: string,
  path: string,
  ticketOf: () => Promise<string>,
): Promise<void> {
  const file = await create(path)
  try {
    const name = await ticketOf()
    const response = await send(operatorSocket(dataDir), { method: 'GET', path: `/archive/${name}` })
    if (response.statusCode !== 200) {
      const { code, message } = failureIn(JSON.parse(await text(response))) ?? unknownFailure
      throw new CallError(code, message)
    }
    await pipeline(response, file.createWriteStream())
  } catch (cause) {
    await file.close()
    await rm(path, { force: true })
    throw cause
  }
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (cause) {
    const why = Reflect.get(Object(cause), 'code') === 'EEXIST' ? 'is there already' : 'cannot be written'
    throw new CallError('BAD_REQUEST', `${path} ${why}; nothing was asked for`, { cause })
  }
}

/** Where a server listens for its operator. */
const operatorSocket = (dataDir: string): string => join(dataDir, 'operator.sock')

async function post(socketPath: string, body: string): Promise<string> {
  return text(await send(socketPath, { method: 'POST', path: '/' }, body))
}

function send(
  socketPath: string,
  options: { readonly method: string; readonly path: string },
  body = '',
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, ...options }, resolve)
    asking.once('error', (cause) =>
      reject(
        new CallError('NOT_FOUND', `no server listens at ${socketPath}; start it and try again`, {
          cause,
        }),
      ),
    )
    asking.end(body)
  })
}

function failureIn(answer: unknown): { code: ErrorCode; message: string } | null {
  const failed: unknown = Reflect.get(Object(answer), 'error')
  if (failed === undefined) return null
  const code: unknown = Reflect.get(Object(failed), 'code')
  return {
    code: isCode(code) ? code : 'INTERNAL',
    message: String(Reflect.get(Object(failed), 'message')),
  }
}
const unknownFailure = { code: 'INTERNAL', message: 'the server did not say why' } as const

const isCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errors, code)
