import { createWorker, type types } from 'mediasoup'
import type { RtpCapabilities, RtpParameters } from '#protocol'
import { opus, vp8 } from './streams.ts'

const inFlight = 12
export const rtcPorts = { min: 20_000, max: 49_999 }

/** What everyone pays who brings every stream to everyone with mediasoup: the bare loop over `consume`. */
export interface PlainMesh extends AsyncDisposable {
  /** Sets up people with a microphone and a camera each, then does `work`'s share: all their consumes. */
  run(people: number, measured: (work: () => Promise<number>) => Promise<number>): Promise<number>
}

export async function openPlainMesh(capabilities: RtpCapabilities): Promise<PlainMesh> {
  const worker = await createWorker({ logLevel: 'none' })
  const webRtcServer = await worker.createWebRtcServer({
    listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', portRange: rtcPorts }],
  })
  return {
    async run(people, measured) {
      const router = await worker.createRouter({ mediaCodecs })
      const wanted = pairsOf(
        await Promise.all(Array.from({ length: people }, () => addPerson(router, webRtcServer))),
      )
      const result = await measured(() => consumeAll(wanted, theirs(capabilities)))
      router.close()
      return result
    },
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>()
      worker.on('subprocessclose', resolve)
      worker.close()
      await promise
    },
  }
}

const mediaCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: {
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
      'level-asymmetry-allowed': 1,
    },
  },
]

interface Person {
  readonly recv: types.WebRtcTransport
  readonly producers: readonly types.Producer[]
}

interface Pair {
  readonly recv: types.WebRtcTransport
  readonly producer: types.Producer
}

async function addPerson(router: types.Router, webRtcServer: types.WebRtcServer): Promise<Person> {
  const send = await router.createWebRtcTransport({ webRtcServer })
  const recv = await router.createWebRtcTransport({ webRtcServer })
  const producers = [
    await send.produce({ kind: 'audio', rtpParameters: theirs(opus(1)) }),
    await send.produce({ kind: 'video', rtpParameters: theirs(vp8(2)) }),
  ]
  return { recv, producers }
}

const pairsOf = (people: readonly Person[]): Pair[] =>
  people.flatMap(({ recv }) =>
    people
      .filter((other) => other.recv !== recv)
      .flatMap(({ producers }) => producers.map((producer) => ({ recv, producer }))),
  )

/** Resolves with their number, when what a client has to be told of each has been read. */
async function consumeAll(
  wanted: readonly Pair[],
  rtpCapabilities: types.RtpCapabilities,
): Promise<number> {
  const offers: unknown[] = []
  const next = wanted.values()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const { recv, producer } of next) {
        const consumer = await recv.consume({
          producerId: producer.id,
          rtpCapabilities,
          paused: true,
        })
        const { id, kind, rtpParameters, producerPaused } = consumer
        offers.push({ id, kind, rtpParameters, producerPaused })
      }
    }),
  )
  return offers.length
}

/** mediasoup's types tell a missing key from one that holds undefined; what is written here has no such keys. */
function theirs(value: RtpParameters): types.RtpParameters
function theirs(value: RtpCapabilities): types.RtpCapabilities
function theirs(value: unknown): unknown {
  return value
}
