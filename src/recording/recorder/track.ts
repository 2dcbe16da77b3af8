import { TrackClock, type Report } from './clock.ts'
import { FrameAssembler, type Frame } from './frames.ts'
import { RtpOrder, type Ordered, type Packet } from './rtp-order.ts'
import type { SenderClock } from './sender-clock.ts'
import { TrackFiles, type TrackFilesOptions } from './track-files.ts'

export interface TrackOptions extends Omit<TrackFilesOptions, 'clock'> {
  /** RTP ticks per second. */
  readonly rate: number
  /** Shared by all tracks of the person. */
  readonly sender: SenderClock
  /** ms epoch: what was captured earlier is dropped. */
  readonly notBefore: number
  readonly askForKeyFrame: () => void
}

/**
 * One stream on its way from packets to sealed files. Frames wait in memory until they are about a second old; as long
 * as they do, a withdrawal can still take them back.
 */
export class TrackRecorder {
  readonly #options: TrackOptions
  readonly #order: RtpOrder
  readonly #frames: FrameAssembler
  readonly #clock: TrackClock
  readonly #files: TrackFiles
  #waiting: Frame[] = []
  /** Bytes of plaintext in memory. */
  #heldBytes = 0
  #askedAt = -Infinity
  #isClosed = false
  #work: Promise<void> = Promise.resolve()

  constructor(options: TrackOptions) {
    this.#options = options
    this.#order = new RtpOrder(options.codec.kind === 'video' ? videoPatience : audioPatience)
    this.#frames = new FrameAssembler(options.codec)
    this.#clock = new TrackClock(options.rate, options.sender)
    this.#files = new TrackFiles({ ...options, clock: this.#clock })
  }

  packet(packet: Packet): void {
    if (!this.#isClosed) this.#take(this.#order.push(packet), packet.arrivedAt)
  }

  report(report: Report): void {
    this.#clock.report(report)
  }

  /** Called several times a second. Rejects when the disk does; the track is of no use after that. */
  async tick(now: number): Promise<void> {
    if (this.#isClosed) return this.#work
    this.#take(this.#order.expire(now), now)
    if (this.#heldBytes > maxHeldBytes)
      throw new RangeError(`more than ${maxHeldBytes} bytes wait for the disk`)
    const [oldest] = this.#waiting
    const waitingBytes = this.#waiting.reduce((sum, { data }) => sum + data.length, 0)
    const isDue =
      oldest !== undefined && (oldest.lastAt <= now - segmentMs || waitingBytes >= segmentBytes)
    if (isDue) this.#seal(now - holdMs)
    return this.#work
  }

  /**
   * Ends the track: what arrived after `at` (ms epoch) is dropped, everything else is durable on return. A second call
   * changes nothing and waits for the first.
   */
  async close(at: number): Promise<void> {
    if (!this.#isClosed) {
      for (const packet of this.#order.drain())
        this.#frames.push(packet).forEach((frame) => this.#admit(frame))
      this.#isClosed = true
      this.#seal(at)
      this.#waiting = []
      this.#after(() => this.#files.close())
    }
    return this.#work
  }

  #take(packets: readonly Ordered[], now: number): void {
    for (const packet of packets) {
      for (const frame of this.#frames.push(packet)) this.#admit(frame)
    }
    if (this.#frames.needsKey && now - this.#askedAt >= askAgainMs) {
      this.#askedAt = now
      this.#options.askForKeyFrame()
    }
  }

  /** The gate: nothing that may have been captured before the person saw the mark. */
  #admit(frame: Frame): void {
    this.#clock.observe(frame.rtp, frame.lastAt)
    if (this.#clock.capturedAfter(frame.rtp, frame.lastAt) < this.#options.notBefore) {
      this.#frames.restart()
      return
    }
    this.#waiting.push(frame)
    this.#heldBytes += frame.data.length
  }

  /** Frames that were whole by `until` leave memory for the disk. */
  #seal(until: number): void {
    const later = this.#waiting.findIndex(({ lastAt }) => lastAt > until)
    const ready = this.#waiting.splice(0, later === -1 ? this.#waiting.length : later)
    if (ready.length === 0) return
    this.#after(async () => {
      await this.#files.write(ready)
      this.#heldBytes -= ready.reduce((sum, { data }) => sum + data.length, 0)
    })
  }

  /** One piece of work after another; after a failure none. */
  #after(work: () => Promise<void>): void {
    this.#work = this.#work.then(work)
    // Not lost: each `tick` and `close` returns it.
    this.#work.catch(() => undefined)
  }
}

// A sender repeats a lost video packet when the SFU asks for it; nobody repeats audio.
const videoPatience = { waitMs: 500, maxHeld: 2048 }
const audioPatience = { waitMs: 200, maxHeld: 256 }
const segmentMs = 1_000
const segmentBytes = 256 * 1024
/** The youngest frames stay in memory, so that a withdrawal on its way still finds them there. */
const holdMs = 200
const maxHeldBytes = 64 * 1024 * 1024
const askAgainMs = 500
