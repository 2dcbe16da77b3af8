import type { Socket } from 'node:dgram'
import type { types } from 'mediasoup'
import { newId, type RtpParameters, type Source } from '#protocol'
import type { RoomMedia } from '#media'
import type { PlainPeer } from './plain-room.ts'

export const opus = (ssrc: number): RtpParameters => ({
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 }],
  encodings: [{ ssrc }],
})

export const vp8 = (ssrc: number): RtpParameters => ({
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
    },
  ],
  encodings: [{ ssrc }],
})

/** A stream of numbered packets, each carrying its number as payload. */
export class Stream {
  readonly producerId = newId.producer()
  readonly ssrc: number
  readonly #peer: PlainPeer
  readonly #isVideo: boolean
  #number = 0

  private constructor(peer: PlainPeer, ssrc: number, isVideo: boolean) {
    this.#peer = peer
    this.ssrc = ssrc
    this.#isVideo = isVideo
  }

  /** One more encoding of a producer that is made elsewhere. */
  static encoding(peer: PlainPeer, ssrc: number): Stream {
    return new Stream(peer, ssrc, true)
  }

  static async open(
    room: RoomMedia,
    peer: PlainPeer,
    source: Source,
    ssrc: number,
  ): Promise<Stream> {
    const isVideo = source === 'camera' || source === 'screen'
    const stream = new Stream(peer, ssrc, isVideo)
    const rtpParameters = isVideo ? vp8(ssrc) : opus(ssrc)
    await room.produce(peer.peer, {
      producerId: stream.producerId,
      source,
      rtpParameters,
      paused: false,
    })
    return stream
  }

  /** Sends so many packets. Resolves with their numbers when the worker has them. */
  async send(count: number): Promise<number[]> {
    await this.hand(count)
    await this.taken()
    return Array.from({ length: count }, (_, at) => this.#number - count + at)
  }

  /** Resolves when the kernel has the packets, for a worker that may be halted. */
  async hand(count: number): Promise<void> {
    const { socket, send } = this.#peer
    const { localPort } = send.tuple
    const packets = Array.from({ length: count }, () => this.#packet(this.#number++))
    await Promise.all(
      packets.map(
        (packet) =>
          new Promise((resolve) => {
            this.#peer.handedBytes += packet.length
            socket.send(packet, localPort, '127.0.0.1', resolve)
          }),
      ),
    )
  }

  /** Resolves when the worker has all that was handed over; each question is a round trip to it. */
  async taken(): Promise<void> {
    while ((await received(this.#peer.send)) < this.#peer.handedBytes);
  }

  sendReport(ntpSeconds: number, ntpFraction: number, rtp: number): void {
    const report = Buffer.alloc(28)
    report.writeUInt8(0x80, 0)
    report.writeUInt8(200, 1)
    report.writeUInt16BE(6, 2)
    report.writeUInt32BE(this.ssrc, 4)
    report.writeUInt32BE(ntpSeconds, 8)
    report.writeUInt32BE(ntpFraction, 12)
    report.writeUInt32BE(rtp, 16)
    this.#peer.socket.send(report, this.#peer.send.tuple.localPort, '127.0.0.1')
  }

  #packet(number: number): Buffer {
    const header = Buffer.alloc(20)
    // One-byte header extensions (RFC 8285 §4.2): audio level −10 dBov with id 6.
    header.writeUInt8(0x90, 0)
    header.writeUInt8(this.#isVideo ? 96 : 111, 1)
    header.writeUInt16BE(1000 + number, 2)
    header.writeUInt32BE(960 * number, 4)
    header.writeUInt32BE(this.ssrc, 8)
    header.writeUInt32BE(0xbede_0001, 12)
    header.writeUInt32BE(0x608a_0000, 16)
    const payload = Buffer.alloc(4)
    payload.writeUInt16BE(number, 2)
    // Start of a VP8 partition, then the frame tag of a key frame (RFC 7741 §4.2, RFC 6386 §9.1).
    if (this.#isVideo) payload.writeUInt16BE(0x1000, 0)
    return Buffer.concat([header, payload])
  }
}

/** The packets that come to a socket, until a mark that the test sends itself: loopback keeps their order. */
export class Arrivals {
  readonly packets: Buffer[] = []
  readonly #socket: Socket
  #onMark: () => void = () => undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (message) => {
      if (message.toString() === 'mark') this.#onMark()
      else this.packets.push(message)
    })
  }

  /** The numbers of all RTP packets that came by now. */
  async numbers(): Promise<number[]> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onMark = resolve
    this.#socket.send('mark', this.#socket.address().port, '127.0.0.1')
    await promise
    return this.packets.filter(isRtp).map((packet) => packet.readUInt16BE(packet.length - 2))
  }
}

/** RTP, not RTCP, by its payload type (RFC 5761 §4). */
export const isRtp = (packet: Buffer): boolean =>
  (packet.length >= 12 && (packet.readUInt8(1) & 0x7f) < 64) ||
  (packet.length >= 12 && (packet.readUInt8(1) & 0x7f) > 95)

async function received(transport: types.PlainTransport): Promise<number> {
  const [stats] = await transport.getStats()
  return stats?.rtpBytesReceived ?? 0
}
