import { Flaw } from '#audit/verify'
import { CallError, errorOfCloseCode, type ErrorCode } from '#protocol'
import type { Ended, EndedCode } from './state.ts'

/** What a lost connection does next: try to come back, try with a fresh token first, or give up. */
export type AfterClose = 'retry' | 'retryWithFreshToken' | 'end'

/** Codes that no further try can mend by itself. The others, and every foreign close code, are worth a retry. */
const final = new Set<ErrorCode>([
  'ORIGIN_REFUSED',
  'REPLACED',
  'FRAME_TOO_LARGE',
  'TOO_MANY_ERRORS',
  'ROOM_FULL',
  'REMOVED',
  'MINOR_REFUSED',
  'BAD_REQUEST',
  'NOT_A_REQUEST',
  'MALFORMED',
  'UNKNOWN_METHOD',
  'NOT_AUTHORIZED',
  'CAPABILITIES_STALE',
  'RESUME_FAILED',
])

/** Codes after which joining anew would meet the same answer. */
const hopeless = new Set<EndedCode>([
  'ORIGIN_REFUSED',
  'REMOVED',
  'MINOR_REFUSED',
  'NOT_AUTHORIZED',
  'TOO_MANY_ERRORS',
  'FRAME_TOO_LARGE',
  'REPLACED',
])

export function afterClose(code: ErrorCode | null): AfterClose {
  if (code === 'TOKEN_EXPIRED' || code === 'UNAUTHENTICATED') return 'retryWithFreshToken'
  return code !== null && final.has(code) ? 'end' : 'retry'
}

export const ended = (code: EndedCode): Ended => ({ code, retryable: !hopeless.has(code) })

/** The code behind a WebSocket close, null where the network or a proxy closed it. */
export const codeOfClose = (closeCode: number): ErrorCode | null =>
  errorOfCloseCode(closeCode) ?? null

export const connectionLost = (): CallError =>
  new CallError('CONNECTION_LOST', 'no answer before the connection was lost')

/** The stable name of what was thrown, for the page to put into words. */
export const codeOf = (cause: unknown): string =>
  cause instanceof Flaw ? cause.code : asCallError(cause).code

/** Anything thrown, as the one class that callers match on. */
export function asCallError(cause: unknown): CallError {
  return cause instanceof CallError
    ? cause
    : new CallError('INTERNAL', 'the client failed', { cause })
}
