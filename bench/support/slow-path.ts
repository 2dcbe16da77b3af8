import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a TCP server that takes its time. Dispose it to cut all connections. */
interface SlowPath extends AsyncDisposable {
  readonly port: number
  /** For everything that comes from now on. Change it only while nothing is under way: what came first would be overtaken. */
  oneWayMs: number
}

/** Each byte arrives `oneWayMs` after it was sent, in both directions. TCP's own handshake is not slowed. */
export async function openSlowPath(to: number): Promise<SlowPath> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1')
    carry(client, upstream)
    carry(upstream, client)
  })
  const path: SlowPath = { port: 0, oneWayMs: 0, [Symbol.asyncDispose]: close }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port }: Partial<AddressInfo> = Object(server.address())
  return Object.assign(path, { port })

  function carry(from: Socket, into: Socket): void {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('data', (chunk) => setTimeout(() => into.write(chunk), path.oneWayMs))
    from.on('end', () => setTimeout(() => into.end(), path.oneWayMs))
    from.on('error', () => into.destroy())
    from.on('close', () => sockets.delete(from))
  }

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}
