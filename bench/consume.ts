/**
 * CONSUME-CPU: CPU time of this process for one consume, ours against a plain loop over mediasoup. The two differ in
 * what they hand to mediasoup and how often they read what it copies; both keep 12 calls in flight and build the same
 * offer.
 */
import { startMedia } from '#media'
import { newId } from '#protocol'
import { compared, contest } from './support/contest.ts'
import { openPlainMesh, rtcPorts } from './support/plain-mesh.ts'
import { opus, vp8 } from './support/streams.ts'
import { tell } from './support/tell.ts'

const people = 25
const consumes = people * (people - 1) * 2

await tell(async ({ budgetMs }) => {
  await using media = await startMedia({
    workers: 1,
    listen: [{ ip: '127.0.0.1' }],
    firstPort: 0,
    rtcPorts,
    iceServers: [],
    log: () => undefined,
  })
  const { capabilities } = media.router
  await using mesh = await openPlainMesh(capabilities)

  async function ours(): Promise<number> {
    const room = await media.openRoom(() => undefined)
    const peers = Array.from({ length: people }, () => newId.peer())
    for (const peer of peers) {
      await room.addPeer(peer)
      await room.produce(peer, {
        producerId: newId.producer(),
        source: 'microphone',
        rtpParameters: opus(1),
        paused: false,
      })
      await room.produce(peer, {
        producerId: newId.producer(),
        source: 'camera',
        rtpParameters: vp8(2),
        paused: false,
      })
    }
    const cost = await ownCpu(async () => {
      const offers = await Promise.all(
        peers.map((peer) => room.consumeAll(peer, capabilities, { paused: true })),
      )
      return offers.flat().length
    })
    room.close()
    return cost
  }

  const plain = (): Promise<number> => mesh.run(people, ownCpu)
  const rounds = await contest(budgetMs, { ours, baseline: plain, control: plain })
  return [
    compared({
      metric: 'CONSUME-CPU',
      baseline: 'plain loop',
      write: (micros) => `${micros.toFixed(0)} µs`,
      atMost: 0.8,
      rounds,
    }),
  ]
})

/** CPU time of this process and no other, in microseconds for each consume. */
async function ownCpu(work: () => Promise<number>): Promise<number> {
  globalThis.gc?.()
  const before = process.cpuUsage()
  const count = await work()
  const { user, system } = process.cpuUsage(before)
  if (count !== consumes) throw new Error(`${count} consumes were made`)
  return (user + system) / count
}
