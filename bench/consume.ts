/**
 * CONSUME-CPU: CPU time of this process for one consume, ours against a plain loop over mediasoup. The two differ in
 * what they hand to mediasoup and how often they read what it copies; both keep 12 calls in flight and build the same
 * offer. Run: node bench/consume.ts [rounds]. MEDIASOUP_WORKER_BIN names the worker if it is not mediasoup's own.
 */
import { createWorker, type types } from 'mediasoup'
import { startMedia } from '#media'
import { newId, type RtpCapabilities, type RtpParameters } from '#protocol'

const people = 25
const inFlight = 12
const rounds = Number(process.argv[2] ?? 12)
const rtcPorts = { min: 20_000, max: 49_999 }

const opus = (ssrc: number): RtpParameters => ({
  mid: '0',
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc }],
})
const vp8 = (ssrc: number): RtpParameters => ({
  mid: '1',
  codecs: [
    { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
  ],
  encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
})

await using media = await startMedia({
  workers: 1, listen: [{ ip: '127.0.0.1' }], firstPort: 0, rtcPorts, iceServers: [], log: () => undefined,
})
const worker = await createWorker({ logLevel: 'none' })
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', portRange: rtcPorts }],
})
const capabilities = media.router.capabilities

const contestants = { stock: plainLoop, control: plainLoop, ours }
const ratios = { control: [] as number[], ours: [] as number[] }
const micros = { stock: [] as number[], control: [] as number[], ours: [] as number[] }
for (const run of Object.values(contestants)) await run()
for (let round = 0; round < rounds; round++) {
  const order = shuffled(['stock', 'control', 'ours'] as const)
  for (const name of order) micros[name].push(await contestants[name]())
  const [stock = 0, control = 0, mine = 0] = [micros.stock.at(-1), micros.control.at(-1), micros.ours.at(-1)]
  ratios.control.push(control / stock)
  ratios.ours.push(mine / stock)
}
worker.close()

console.log(`${people * (people - 1) * 2} consumes in each of ${rounds} rounds; Node µs per consume, medians:`)
for (const [name, values] of Object.entries(micros)) console.log(`  ${name.padEnd(8)} ${median(values).toFixed(0)}`)
console.log('ratio to stock, median and 95 % interval:')
for (const [name, values] of Object.entries(ratios)) {
  const [low, high] = interval(values)
  console.log(`  ${name.padEnd(8)} ${median(values).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`)
}
if (Math.abs(median(ratios.control) - 1) > 0.07) console.log('the control is off by more than 0.07: distrust this session')

async function ours(): Promise<number> {
  const room = await media.openRoom(() => undefined)
  const peers = Array.from({ length: people }, () => newId.peer())
  for (const peer of peers) {
    await room.addPeer(peer)
    await room.produce(peer, { producerId: newId.producer(), source: 'microphone', rtpParameters: opus(1), paused: false })
    await room.produce(peer, { producerId: newId.producer(), source: 'camera', rtpParameters: vp8(2), paused: false })
  }
  const cost = await measured(async () => {
    const offers = await Promise.all(peers.map((peer) => room.consumeAll(peer, capabilities, { paused: true })))
    return offers.flat().length
  })
  room.close()
  return cost
}

async function plainLoop(): Promise<number> {
  const router = await worker.createRouter({
    mediaCodecs: [
      { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
      { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
      { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
      {
        kind: 'video', mimeType: 'video/H264', clockRate: 90_000,
        parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
      },
    ],
  })
  const peers: { recv: types.WebRtcTransport; producers: types.Producer[] }[] = []
  for (let index = 0; index < people; index++) {
    const send = await router.createWebRtcTransport({ webRtcServer })
    const recv = await router.createWebRtcTransport({ webRtcServer })
    const producers = [
      await send.produce({ kind: 'audio', rtpParameters: theirs(opus(1)) }),
      await send.produce({ kind: 'video', rtpParameters: theirs(vp8(2)) }),
    ]
    peers.push({ recv, producers })
  }
  const wanted = peers.flatMap(({ recv }) => peers.filter((other) => other.recv !== recv)
    .flatMap(({ producers }) => producers.map((producer) => ({ recv, producer }))))
  const cost = await measured(async () => {
    const offers: unknown[] = []
    await Promise.all(Array.from({ length: inFlight }, async () => {
      for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
        const { recv, producer } = next
        const consumer = await recv.consume({
          producerId: producer.id, rtpCapabilities: theirs(capabilities), paused: true,
        })
        const { id, kind, rtpParameters, producerPaused } = consumer
        offers.push({ id, kind, rtpParameters, producerPaused })
      }
    }))
    return offers.length
  })
  router.close()
  return cost
}

/** CPU time of this process and no other, in microseconds for each consume. */
async function measured(work: () => Promise<number>): Promise<number> {
  globalThis.gc?.()
  const before = process.cpuUsage()
  const count = await work()
  const { user, system } = process.cpuUsage(before)
  if (count !== people * (people - 1) * 2) throw new Error(`${count} consumes were made`)
  return (user + system) / count
}

/** mediasoup's types tell a missing key from one that holds undefined; what is written here has no such keys. */
function theirs(value: RtpParameters): types.RtpParameters
function theirs(value: RtpCapabilities): types.RtpCapabilities
function theirs(value: unknown): unknown {
  return value
}

function shuffled<T>(values: readonly T[]): T[] {
  return values.map((value) => ({ value, key: Math.random() })).toSorted((a, b) => a.key - b.key).map(({ value }) => value)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[sorted.length >> 1] ?? NaN]
  return (low + high) / 2
}

/** A bootstrap interval of the median. */
function interval(values: readonly number[]): [number, number] {
  const medians = Array.from({ length: 2000 }, () =>
    median(values.map(() => values[Math.floor(Math.random() * values.length)] ?? NaN))).toSorted((a, b) => a - b)
  return [medians[50] ?? NaN, medians[1949] ?? NaN]
}
