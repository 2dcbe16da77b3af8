import { TokenRefused, type Authenticator, type Principal } from '#auth'
import type { Metrics } from '#metrics'
import { CallError, randomText, type ErrorCode } from '#protocol'
import type { Addresses } from './addresses.ts'
import type { Log } from './log.ts'

type World = {
  readonly authenticator: Authenticator
  readonly metrics: Metrics
  readonly limits: { readonly authTimeoutMs: number }
  readonly log: Log
  readonly addresses: Addresses
}

/** Whose token this is, or why it is nobody's. `key`: the address that it came from, which may have to answer for it. */
export async function identify(
  token: string | null,
  key: string,
  { authenticator, metrics, limits, log, addresses }: World,
): Promise<Principal | ErrorCode> {
  if (token === null) {
    metrics.authFailed('missing')
    addresses.suspect(key, 'token')
    return 'UNAUTHENTICATED'
  }
  try {
    return await within(limits.authTimeoutMs, authenticator.verify(token))
  } catch (error) {
    if (error instanceof TokenRefused) {
      metrics.authFailed(error.reason)
      if (error.isSuspicious) addresses.suspect(key, 'token')
    } else if (error instanceof CallError) {
      metrics.authFailed('timeout')
    } else {
      log.error({ reference: randomText(7), err: error }, 'token not verified')
    }
    return error instanceof CallError ? error.code : 'INTERNAL'
  }
}

/**
 * No AbortController: making the error of an aborted wait costs more than all the rest of a join.
 */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new CallError('AUTH_TIMEOUT', 'the token could not be verified in time')),
    ms,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
