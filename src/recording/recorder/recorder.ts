import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isRtcp, RtpPacket } from 'werift-rtp'
import type { PersonId, Source } from '#protocol'
import type { Disk } from '../disk.ts'
import type { FromRecorder, ToRecorder } from '../ipc.ts'
import { sealTo, type Sealer } from '../seal.ts'
import { codecOf } from './codec.ts'
import { descriptorOf } from './descriptor.ts'
import type { Packet } from './rtp-order.ts'
import { SenderClock } from './sender-clock.ts'
import { TrackRecorder } from './track.ts'

type Message<T extends ToRecorder['type']> = Extract<ToRecorder, { type: T }>

interface Tap {
  readonly socket: Socket
  readonly person: PersonId
  readonly source: Source
  track: TrackRecorder | null
}

/**
 * Everything the recorder process does: a socket for each permitted stream on one side, sealed segments on the other.
 * After a failure it writes nothing more and says so once.
 */
export class Recorder {
  readonly #disk: Disk
  readonly #tell: (message: FromRecorder) => void
  readonly #taps = new Map<number, Tap>()
  readonly #senders = new Map<PersonId, SenderClock>()
  #into: { folder: string; startedAt: number; sealer: Sealer } | null = null
  #tracks = 0
  #hasFailed = false

  constructor(parts: { disk: Disk; tell: (message: FromRecorder) => void }) {
    this.#disk = parts.disk
    this.#tell = parts.tell
  }

  /** Never rejects: what goes wrong is told. */
  async handle(message: ToRecorder): Promise<void> {
    if (this.#hasFailed) return
    try {
      switch (message.type) {
        case 'open':
          this.#into = { ...message, sealer: sealTo(message.recipients) }
          return
        case 'bind':
          return await this.#bind(message)
        case 'start':
          return this.#start(message)
        case 'report':
          return this.#taps.get(message.tap)?.track?.report(message)
        case 'close':
          return await this.#close(message)
        case 'end':
          return
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Several times a second. */
  async tick(now: number): Promise<void> {
    try {
      await Promise.all([...this.#taps.values()].map(async ({ track }) => track?.tick(now)))
    } catch (error) {
      this.#fail(error)
    }
  }

  async #bind({ tap, person, source }: Message<'bind'>): Promise<void> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    this.#taps.set(tap, { socket, person, source, track: null })
    socket.on('error', (error) => this.#fail(error))
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    this.#tell({ type: 'bound', tap, port: socket.address().port })
  }

  #start({ tap, remotePort, ssrc, payloadType, ...format }: Message<'start'>): void {
    const stream = this.#taps.get(tap)
    // Closed before it began, and `closed` has been told.
    if (stream === undefined) return
    const codec = codecOf(format)
    if (this.#into === null || codec === null)
      throw new TypeError(`cannot record ${format.mimeType}`)
    const { person, source, socket } = stream
    const sender = this.#senders.get(person) ?? new SenderClock()
    this.#senders.set(person, sender)
    const track = new TrackRecorder({
      ...this.#into,
      person,
      source,
      codec,
      sender,
      rate: format.rate,
      notBefore: format.notBefore,
      disk: this.#disk,
      nextNumber: () => this.#tracks++,
      askForKeyFrame: () => this.#tell({ type: 'keyFrame', tap }),
    })
    stream.track = track
    socket.on('message', (bytes, from) => {
      // Any process of this machine could send here; only the SFU's port counts.
      if (from.port !== remotePort || from.address !== '127.0.0.1') return
      const packet = readPacket(bytes, Date.now())
      if (packet !== null && packet.ssrc === ssrc && packet.payloadType === payloadType)
        track.packet(packet)
    })
    this.#tell({ type: 'started', tap })
  }

  async #close({ tap, at }: Message<'close'>): Promise<void> {
    const stream = this.#taps.get(tap)
    if (stream !== undefined) {
      // First of all: nothing more comes in.
      stream.socket.removeAllListeners('message')
      await stream.track?.close(at)
      stream.socket.close()
      this.#taps.delete(tap)
    }
    this.#tell({ type: 'closed', tap })
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    for (const { socket } of this.#taps.values()) socket.removeAllListeners('message')
    this.#taps.clear()
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const why = /^E[A-Z]+$/.test(code) || error instanceof RangeError ? 'disk' : 'media'
    const message = error instanceof Error ? error.message : 'unknown failure'
    this.#tell({ type: 'failed', why, message: message.slice(0, 1000) })
  }
}

/** Null for what is no RTP of version 2. */
function readPacket(
  bytes: Buffer,
  arrivedAt: number,
): (Packet & { ssrc: number; payloadType: number }) | null {
  if (bytes.length < 12 || isRtcp(bytes)) return null
  const packet = descriptorOf(bytes, (whole) => RtpPacket.deSerialize(whole))
  if (packet === null || packet.header.version !== 2) return null
  const {
    header: { sequenceNumber: sequence, timestamp, marker, ssrc, payloadType },
    payload,
  } = packet
  return { sequence, timestamp, marker, payload, arrivedAt, ssrc, payloadType }
}
