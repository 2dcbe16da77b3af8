/**
 * RPC-CPU: server CPU for one `session.ping` over 16 TLS WebSocket connections, each with one request under way: our
 * server, which validates and authorises it, against a bare `ws` server that parses and answers.
 */
import type { WebSocket } from 'ws'
import { encodeRequest } from '#protocol'
import { joinParams, subprotocols } from '../client/sdk/entrance.ts'
import { compared, contest } from './support/contest.ts'
import { cpuOf } from './support/cpu.ts'
import { connect } from './support/guest.ts'
import { startBare, startOurs } from './support/servers.ts'
import { tell } from './support/tell.ts'

const connections = 16

await tell(async ({ isQuick, budgetMs }) => {
  // The kernel tells CPU time in steps of 10 ms: a round must be long against that.
  const pings = (isQuick ? 500 : 2000) * connections
  await using ours = await startOurs()
  await using baseline = await startBare()
  await using control = await startBare()

  const plain = async (url: string): Promise<WebSocket[]> =>
    Promise.all(Array.from({ length: connections }, () => connect(url, ['assent.v1'])))
  const joined = await Promise.all(
    Array.from({ length: connections }, async () => {
      const entrance = await ours.entrance('rpc')
      const socket = await connect(entrance.url, subprotocols(entrance))
      socket.send(encodeRequest(0, 'session.join', joinParams(entrance)))
      return socket
    }),
  )
  const sockets = {
    ours: joined,
    baseline: await plain(baseline.url),
    control: await plain(control.url),
  }
  const cost = (name: keyof typeof sockets, pid: number) => async (): Promise<number> =>
    (await cpuOf(pid, async () => {
      await Promise.all(sockets[name].map((socket) => pingPong(socket, pings / connections)))
    })) / pings

  const rounds = await contest(budgetMs, {
    ours: cost('ours', ours.pid),
    baseline: cost('baseline', baseline.pid),
    control: cost('control', control.pid),
  })
  for (const socket of Object.values(sockets).flat()) socket.terminate()
  return [
    compared({
      metric: 'RPC-CPU',
      baseline: 'bare ws',
      write: (micros) => `${micros.toFixed(1)} µs`,
      atMost: 1.15,
      rounds,
    }),
  ]
})

/** One ping after another; resolves with the last answer. */
async function pingPong(socket: WebSocket, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let id = 1
  const answered = (frame: Buffer): void => {
    if (frame.includes('"error"')) return reject(new Error(frame.toString()))
    // Events come on the same line.
    if (!frame.includes('"result":{"now"')) return
    if (id === count) return resolve()
    id += 1
    socket.send(encodeRequest(id, 'session.ping', {}))
  }
  socket.on('message', answered)
  socket.send(encodeRequest(id, 'session.ping', {}))
  await promise
  socket.off('message', answered)
}
