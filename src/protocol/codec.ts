import { z } from './zod.ts'
import { CallError, errors, type ErrorCode } from './errors.ts'
import { events, type Event } from './events.ts'
import {
  methods,
  serverMethods,
  type Method,
  type Params,
  type Result,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
} from './methods.ts'

/** The longest frame either side accepts, in bytes. */
export const maxFrameBytes = 65_536

const Id = z.int().min(0)

/** What a server reads: a client's request, or its answer to a request of ours. */
export type ClientMessage =
  | { [M in Method]: { kind: 'request'; id: number; method: M; params: Params<M> } }[Method]
  | Answer

/** What a client reads: an answer, an event, or a request of the server's. */
export type ServerMessage =
  | Answer
  | ({ kind: 'event'; n: number } & Event)
  | {
      [M in ServerMethod]: { kind: 'request'; id: number; method: M; params: ServerParams<M> }
    }[ServerMethod]

export type Answer =
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number | null; error: WireError }

export const WireError = z.strictObject({
  code: z.int(),
  message: z.string(),
  data: z.strictObject({
    code: z.string(),
    todo: z.string(),
    retryAfterMs: z.int().optional(),
    reference: z.string().optional(),
  }),
})
export type WireError = z.infer<typeof WireError>

const Envelope = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: Id.nullable().optional(),
  method: z.string().max(64).optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: WireError.optional(),
})
type Envelope = z.infer<typeof Envelope>

/** A failure to read a message, with the request's id where one could be read, so that the sender can be answered. */
export class Unreadable extends CallError {
  readonly id: number | null

  constructor(code: ErrorCode, message: string, id: number | null, options?: ErrorOptions) {
    super(code, message, options)
    this.id = id
  }
}

/** Text from a client in, a typed message out. Throws Unreadable. */
export function decodeFromClient(text: string): ClientMessage {
  const envelope = decodeEnvelope(text)
  if (envelope.method === undefined) return answerOf(envelope)
  const id = requestId(envelope)
  const method = known(methods, envelope.method, id)
  const params = parsed(methods[method].params, envelope.params ?? {}, id)
  return { kind: 'request', id, method, params } as ClientMessage
}

/** Text from the server in, a typed message out. Throws Unreadable. */
export function decodeFromServer(text: string): ServerMessage {
  const envelope = decodeEnvelope(text)
  if (envelope.method === undefined) return answerOf(envelope)
  if (envelope.id === undefined) return eventOf(envelope)
  const id = requestId(envelope)
  const method = known(serverMethods, envelope.method, id)
  const params = parsed(serverMethods[method].params, envelope.params ?? {}, id)
  return { kind: 'request', id, method, params } as ServerMessage
}

export const encodeRequest = (id: number, method: Method | ServerMethod, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })

export const encodeResult = (id: number, result: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result })

export const encodeEvent = (n: number, { event, params }: Event): string =>
  JSON.stringify({ jsonrpc: '2.0', method: event, params: { n, ...params } })

/** `reference` names an INTERNAL failure in the server's log. */
export function encodeError(id: number | null, failure: CallError, reference?: string): string {
  const { rpc, todo } = errors[failure.code]
  const error: WireError = {
    code: rpc,
    message: failure.message.slice(0, 500),
    data: {
      code: failure.code,
      todo,
      ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
      ...(reference !== undefined && { reference }),
    },
  }
  return JSON.stringify({ jsonrpc: '2.0', id, error })
}

/** The result of a method, checked: the other side is not trusted to keep the table. */
export function decodeResult<M extends Method>(method: M, result: unknown): Result<M> {
  return parsed(methods[method].result, result, null) as Result<M>
}

export function decodeServerResult<M extends ServerMethod>(
  method: M,
  result: unknown,
): ServerResult<M> {
  return parsed(serverMethods[method].result, result, null) as ServerResult<M>
}

/** A wire error as the one error class; a code from a newer server reads as INTERNAL. */
export function toCallError({ message, data }: WireError): CallError {
  const code = Object.hasOwn(errors, data.code) ? (data.code as ErrorCode) : 'INTERNAL'
  return new CallError(
    code,
    message,
    data.retryAfterMs === undefined ? {} : { retryAfterMs: data.retryAfterMs },
  )
}

function decodeEnvelope(text: string): Envelope {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Unreadable('MALFORMED', 'not JSON', null, { cause })
  }
  const envelope = Envelope.safeParse(json)
  if (!envelope.success) throw new Unreadable('NOT_A_REQUEST', problems(envelope.error), null)
  return envelope.data
}

function requestId({ id }: Envelope): number {
  if (id === undefined || id === null)
    throw new Unreadable('NOT_A_REQUEST', 'a request needs an integer id', null)
  return id
}

function answerOf({ id, result, error }: Envelope): Answer {
  if (error !== undefined) return { kind: 'error', id: id ?? null, error }
  if (id === undefined || id === null || result === undefined) {
    throw new Unreadable('NOT_A_REQUEST', 'neither a request nor an answer', null)
  }
  return { kind: 'result', id, result }
}

const Numbered = z.looseObject({ n: z.int().min(1) })

function eventOf(envelope: Envelope): ServerMessage {
  const event = known(events, envelope.method ?? '', null)
  const { n, ...rest } = parsed(Numbered, envelope.params, null) as z.infer<typeof Numbered>
  return {
    kind: 'event',
    n,
    event,
    params: parsed(events[event].params, rest, null),
  } as ServerMessage
}

function known<T extends object>(table: T, name: string, id: number | null): keyof T {
  // Object.hasOwn: `constructor` and its like are no methods.
  if (!Object.hasOwn(table, name)) throw new Unreadable('UNKNOWN_METHOD', 'no such method', id)
  return name as keyof T
}

function parsed(schema: z.ZodType, value: unknown, id: number | null): unknown {
  const result = schema.safeParse(value)
  if (!result.success) throw new Unreadable('BAD_REQUEST', problems(result.error), id)
  return result.data
}

/** Where it is wrong and what was expected; schema messages repeat attacker-chosen keys, so they are cut. */
function problems(error: z.ZodError): string {
  const [first] = error.issues
  if (first === undefined) return 'does not fit'
  const where = first.path
    .slice(0, 6)
    .map((part) => String(part).slice(0, 32))
    .join('.')
  return `${where === '' ? 'message' : where}: ${first.code === 'unrecognized_keys' ? 'unknown key' : first.message.slice(0, 120)}`
}
