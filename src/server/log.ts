import { isIP } from 'node:net'
import pino, { type DestinationStream } from 'pino'

/** An event is fields and a fixed text; never a body, an address, a name or a room (P14). */
export interface Log {
  info(event: Record<string, unknown>, message: string): void
  warn(event: Record<string, unknown>, message: string): void
  error(event: Record<string, unknown>, message: string): void
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent'

/** JSON lines on standard output, or to `destination`. An error goes in as `err`. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (err: unknown) => describe(err, 3) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Not every property: an error of a socket carries the other side's address. */
function describe(err: unknown, depth: number): unknown {
  if (!(err instanceof Error)) return { type: typeof err }
  const code: unknown = Reflect.get(err, 'code')
  return {
    type: err.name,
    ...(typeof code === 'string' && { code }),
    message: withoutAddresses(err.message),
    stack: withoutAddresses(err.stack ?? ''),
    ...(err.cause !== undefined && depth > 0 && { cause: describe(err.cause, depth - 1) }),
  }
}

// Times of day look like the beginning of an IPv6 address: what matches is judged as a whole.
const withoutAddresses = (text: string): string =>
  text.replaceAll(/[0-9a-f:.]{3,45}/gi, (word) => (isAddress(word) ? '[address]' : word))

/** With a port or a full stop behind it as well. */
const isAddress = (word: string): boolean =>
  isIP(word) > 0 || isIP(word.replace(/[.:]$|:\d+$/, '')) > 0
