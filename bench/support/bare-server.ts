/**
 * The floor that signaling is measured against: `ws` over TLS with the same certificate, which reads each message as
 * JSON and answers it. No token, no schema, no room. A program of its own; ends with its parent.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { WebSocketServer } from 'ws'

const [certificateFile = '', keyFile = ''] = process.argv.slice(2)
const server = createServer({
  cert: readFileSync(certificateFile),
  key: readFileSync(keyFile),
  minVersion: 'TLSv1.3',
})
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: false,
  handleProtocols: () => 'assent.v1',
})

sockets.on('connection', (socket) => {
  socket.on('message', (frame: Buffer) => {
    const { id }: { id: number } = JSON.parse(frame.toString())
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: { now: Date.now() } }))
  })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
