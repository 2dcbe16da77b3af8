import { request } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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
  const failed: unknown = Reflect.get(Object(answer), 'error')
  if (failed === undefined)
    return operatorMethods[method].result.parse(
      Reflect.get(Object(answer), 'result'),
    ) as OperatorResult<M>
  const code: unknown = Reflect.get(Object(failed), 'code')
  throw new CallError(isCode(code) ? code : 'INTERNAL', String(Reflect.get(Object(failed), 'message')))
}

/** Where a server listens for its operator. */
export const operatorSocket = (dataDir: string): string => join(dataDir, 'operator.sock')

function post(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method: 'POST', path: '/' }, (response) => {
      text(response).then(resolve, reject)
    })
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

const isCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errors, code)
