import type { Server } from 'node:http'
import { CallError } from '#protocol'

export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Resolves with the port when the server takes connections. Throws PORT_TAKEN or CONFIG_INVALID.
 */
export async function listen(
  server: Server,
  { host, port }: Address,
  what: string,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const failed = (error: Error & { code?: string }) => reject(explained(error, port, what))
  server.once('error', failed)
  server.listen({ host, port }, resolve)
  await promise
  server.off('error', failed)
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : port
}

/** Takes no more, cuts what is idle, and waits for the answers under way. */
export async function stopListening(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  await promise
}

function explained(cause: Error & { code?: string }, port: number, what: string): CallError {
  if (cause.code === 'EADDRINUSE')
    return new CallError('PORT_TAKEN', `${what}: port ${port} is in use`, { cause })
  if (cause.code === 'EACCES') {
    return new CallError('CONFIG_INVALID', `${what}: no right to listen on port ${port}`, { cause })
  }
  return new CallError(
    'CONFIG_INVALID',
    `${what}: cannot listen there (${cause.code ?? 'unknown'})`,
    { cause },
  )
}
