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

const withoutAddresses = (text: string): string =>
  text.replaceAll(/\b\d{1,3}(\.\d{1,3}){3}\b/g, '[address]').replaceAll(/\b(?:[0-9a-f]{1,4}:){2,7}[0-9a-f:.]*/gi, '[address]')
