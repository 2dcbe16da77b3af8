import type { Codec, CodecConfig } from './codec.ts'
import type { Ordered, Packet } from './rtp-order.ts'

/** One encoded frame or audio packet, whole. */
export interface Frame {
  readonly data: Uint8Array
  readonly isKey: boolean
  readonly rtp: number
  /** ms epoch at which its first and its last packet came. */
  readonly firstAt: number
  readonly lastAt: number
  /** Something of the stream is missing between this frame and the one before it. */
  readonly afterLoss: boolean
  /** With each key frame: what a decoder must know. */
  readonly config: CodecConfig | null
}

/**
 * Packets in order become frames. After a loss video starts again at the next key frame, because what refers to a
 * missing picture decodes to rubbish; audio goes on at once.
 */
export class FrameAssembler {
  readonly #codec: Codec
  #parts: Packet[] = []
  #isBroken = false
  #afterLoss = false
  #needsKey = true

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Nothing can be written until a key frame comes: the sender should be asked for one. */
  get needsKey(): boolean {
    return this.#needsKey && this.#codec.kind === 'video'
  }

  /** The frame just taken cannot be used; start again like after a loss. */
  restart(): void {
    this.#needsKey = true
  }

  push({ packet, afterLoss }: Ordered): Frame[] {
    const out: Frame[] = []
    if (afterLoss) this.#lose()
    const [first] = this.#parts
    // Some senders leave out the marker: the next timestamp ends a frame too.
    if (first !== undefined && first.timestamp !== packet.timestamp) out.push(...this.#finish())
    if (packet.payload.length === 0) return out
    if (this.#parts.length === 0) this.#isBroken = !this.#codec.startsFrame(packet.payload)
    this.#parts.push(packet)
    if (this.#parts.length > maxParts) this.#lose()
    if (packet.marker || this.#codec.kind === 'audio') out.push(...this.#finish())
    return out
  }

  #lose(): void {
    this.#parts = []
    this.#afterLoss = true
    this.#needsKey = true
  }

  #finish(): Frame[] {
    const parts = this.#parts
    this.#parts = []
    if (parts.length === 0) return []
    const joined = this.#isBroken ? null : this.#codec.join(parts.map(({ payload }) => payload))
    if (joined === null) {
      this.#lose()
      return []
    }
    if (this.needsKey && !joined.isKey) return []
    const [first] = parts
    if (first === undefined) return []
    const arrivals = parts.map(({ arrivedAt }) => arrivedAt)
    const frame: Frame = {
      ...joined,
      rtp: first.timestamp,
      firstAt: Math.min(...arrivals),
      lastAt: Math.max(...arrivals),
      afterLoss: this.#afterLoss,
    }
    this.#afterLoss = false
    this.#needsKey = false
    return [frame]
  }
}

/** A key frame of 4K video has a few hundred. */
const maxParts = 4096
