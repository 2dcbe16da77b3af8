import type { IncomingMessage } from 'node:http'
import { CallError } from '#protocol'

/** The JSON of a request. Throws BAD_REQUEST for anything else, and for one that is too long. */
export async function jsonOf(request: IncomingMessage, maxBytes: number): Promise<unknown> {
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
    throw new CallError('BAD_REQUEST', 'the body is not JSON', { cause })
  }
}

/** What the schema makes of it. Throws BAD_REQUEST, which names the first field that does not fit and not its value. */
export function parsed<T>(schema: { safeParse(value: unknown): Parsed<T> }, value: unknown): T {
  const { data, error } = schema.safeParse(value)
  if (error === undefined && data !== undefined) return data
  const [issue] = error?.issues ?? []
  const where = issue?.path.join('.') ?? ''
  // What is wrong with keys is said by naming them, and a stranger has chosen those.
  const what = issue?.code === 'unrecognized_keys' ? 'unknown keys' : issue?.message
  throw new CallError('BAD_REQUEST', `${where === '' ? 'the body' : where}: ${what}`)
}
type Parsed<T> = {
  readonly data?: T | undefined
  readonly error?: { readonly issues: readonly Issue[] } | undefined
}
type Issue = {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
}
