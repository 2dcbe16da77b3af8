import type { types } from 'mediasoup-client'
import type { ConsumerOffer, PeerId, Source } from '#protocol'

/** How well media flows. Counters run from the start of each stream; rates are the browser's own. */
export interface Quality {
  /** To the server and back over the media path, in milliseconds; null before ICE has measured it. */
  readonly roundTripMs: number | null
  readonly sent: readonly SentStream[]
  readonly received: readonly ReceivedStream[]
}

export interface SentStream {
  readonly source: Source
  readonly packets: number
  readonly bytes: number
  /** Share of packets that the server missed lately, 0 to 1; null before its first report. */
  readonly loss: number | null
  readonly framesEncoded: number | null
}

export interface ReceivedStream {
  readonly peerId: PeerId
  readonly source: Source
  readonly packets: number
  readonly packetsLost: number
  readonly bytes: number
  readonly jitterMs: number
  readonly framesDecoded: number | null
  readonly freezes: number | null
}

interface Measured {
  readonly send: types.Transport | undefined
  readonly recv: types.Transport | undefined
  readonly producers: readonly { source: Source; producer: types.Producer }[]
  readonly consumers: readonly { offer: ConsumerOffer; consumer: types.Consumer }[]
}

/** Reads the browser's own counters (W3C webrtc-stats §8); a field that a browser lacks reads as 0 or null. */
export async function measure({ send, recv, producers, consumers }: Measured): Promise<Quality> {
  const [up, down] = await Promise.all([read(send), read(recv)])
  const pairs = [...up, ...down].filter((each) => each.type === 'candidate-pair')
  const trips = pairs
    .map((pair) => pair.number('currentRoundTripTime'))
    .filter((seconds) => seconds !== null)
  return {
    roundTripMs: trips.length === 0 ? null : Math.max(...trips) * 1000,
    sent: producers.flatMap(({ source, producer }) => sentStream(source, producer, up)),
    received: consumers.flatMap(({ offer, consumer }) => receivedStream(offer, consumer, down)),
  }
}

function sentStream(source: Source, producer: types.Producer, up: readonly Row[]): SentStream[] {
  const row = up.find(
    (each) => each.type === 'outbound-rtp' && each.text('mid') === producer.localId,
  )
  if (row === undefined) return []
  const report = up.find(
    (each) => each.type === 'remote-inbound-rtp' && each.text('localId') === row.text('id'),
  )
  return [
    {
      source,
      packets: row.number('packetsSent') ?? 0,
      bytes: row.number('bytesSent') ?? 0,
      loss: report?.number('fractionLost') ?? null,
      framesEncoded: row.number('framesEncoded'),
    },
  ]
}

function receivedStream(
  offer: ConsumerOffer,
  consumer: types.Consumer,
  down: readonly Row[],
): ReceivedStream[] {
  const row = down.find(
    (each) => each.type === 'inbound-rtp' && each.text('mid') === consumer.localId,
  )
  if (row === undefined) return []
  return [
    {
      peerId: offer.peerId,
      source: offer.source,
      packets: row.number('packetsReceived') ?? 0,
      packetsLost: row.number('packetsLost') ?? 0,
      bytes: row.number('bytesReceived') ?? 0,
      jitterMs: (row.number('jitter') ?? 0) * 1000,
      framesDecoded: row.number('framesDecoded'),
      freezes: row.number('freezeCount'),
    },
  ]
}

interface Row {
  readonly type: string | null
  number(name: string): number | null
  text(name: string): string | null
}

async function read(transport: types.Transport | undefined): Promise<Row[]> {
  if (transport === undefined || transport.closed) return []
  const rows: Row[] = []
  const report = await transport.getStats()
  report.forEach((entry: object) => {
    const field = (name: string): unknown => Reflect.get(entry, name)
    const text = (name: string) => {
      const value = field(name)
      return typeof value === 'string' ? value : null
    }
    const number = (name: string) => {
      const value = field(name)
      return typeof value === 'number' ? value : null
    }
    rows.push({ type: text('type'), number, text })
  })
  return rows
}
