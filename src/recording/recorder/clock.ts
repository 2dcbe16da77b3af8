import { SenderClock } from './sender-clock.ts'

/** At `ntpMs` of the sender's clock (ms since 1970) its stream `ssrc` stood at `rtp`. */
export interface Report {
  readonly ssrc: number
  readonly ntpMs: number
  readonly rtp: number
}

/**
 * Turns the RTP timestamps of one stream into our time (ms epoch). By the sender's reports as soon as one is there;
 * before that by the shortest way a packet took. Corrections are followed gently and never go backwards.
 */
export class TrackClock {
  readonly #rate: number
  readonly #sender: SenderClock
  readonly #reports = new Map<number, Report>()
  #last: { rtp: number; unwrapped: number } | null = null
  /** Our time at unwrapped 0, had every packet come the shortest way. */
  readonly #arrivals = new SenderClock()
  #given: { media: number; at: number; isFollowing: boolean } | null = null

  /** `rate`: RTP ticks per second. */
  constructor(rate: number, sender: SenderClock) {
    this.#rate = rate
    this.#sender = sender
  }

  report(report: Report): void {
    this.#reports.set(report.ssrc, report)
  }

  /** Called for each frame as it is complete, in order. */
  observe(rtp: number, arrivedAt: number): void {
    this.#arrivals.observe(this.#mediaMs(rtp), arrivedAt)
    const sent = this.#sentAt(rtp, arrivedAt)
    if (sent !== null) this.#sender.observe(sent, arrivedAt)
  }

  /**
   * The earliest moment, in our time, at which this frame can have been captured. Errs to the early side, so that a gate
   * may rely on it. Comes after `observe` for the same frame.
   */
  capturedAfter(rtp: number, arrivedAt: number): number {
    const sent = this.#sentAt(rtp, arrivedAt)
    const skew = this.#sender.offset
    if (sent === null || skew === null) return this.#shortest(rtp, arrivedAt) - wayMs
    // A device whose clock is right says it itself; another one only says how frames lie to each other.
    const isRight = skew >= 0 && skew <= rightMs
    return isRight ? Math.min(sent, sent + skew - wayWithReportMs) : sent + skew - wayMs
  }

  /** When the frame plays, in our time. Never goes back, and never far ahead of the frame's arrival. */
  timeOf(rtp: number, arrivedAt: number): number {
    const media = this.#mediaMs(rtp)
    const target = this.#target(rtp, media, arrivedAt)
    const next =
      this.#given === null ? { at: target, isFollowing: false } : follow(this.#given, media, target)
    // Timestamps are the sender's word: they place nothing in the future.
    const at = Math.max(Math.min(next.at, arrivedAt + aheadMs), this.#given?.at ?? -Infinity)
    this.#given = { media, at, isFollowing: next.isFollowing }
    return at
  }

  #target(rtp: number, media: number, arrivedAt: number): number {
    const sent = this.#sentAt(rtp, arrivedAt)
    const skew = this.#sender.placement(arrivedAt)
    if (sent !== null && skew !== null) return sent + skew
    const offset = this.#arrivals.placement(arrivedAt)
    return offset === null ? arrivedAt : media + offset
  }

  /** When it would have come by the shortest way. */
  #shortest(rtp: number, arrivedAt: number): number {
    return this.#arrivals.offset === null ? arrivedAt : this.#mediaMs(rtp) + this.#arrivals.offset
  }

  /** The sender's own time of this timestamp, by the report that fits best: simulcast layers have a report each. */
  #sentAt(rtp: number, arrivedAt: number): number | null {
    const expected = arrivedAt - (this.#sender.offset ?? 0)
    let best: number | null = null
    for (const report of this.#reports.values()) {
      const sent = report.ntpMs + (signed(rtp - report.rtp) * 1000) / this.#rate
      if (best === null || Math.abs(sent - expected) < Math.abs(best - expected)) best = sent
    }
    return best
  }

  /** Milliseconds of media, across the wrap of 32 bits (13 hours of video, a day of audio). */
  #mediaMs(rtp: number): number {
    const unwrapped = this.#last === null ? 0 : this.#last.unwrapped + signed(rtp - this.#last.rtp)
    if (this.#last === null || unwrapped > this.#last.unwrapped) this.#last = { rtp, unwrapped }
    return (unwrapped * 1000) / this.#rate
  }
}

// A longer shortest way than this is a wrong clock, not a way.
const rightMs = 1_000
// Capture, encoding and a short way: 17 to 37 ms were measured on one machine.
const wayWithReportMs = 100
// No clock to go by: room for a slow encoder and a far sender.
const wayMs = 400
// Reports differ by a millisecond or two; frames need not dance to that.
const toleranceMs = 10
const slewRate = 0.05
const jumpMs = 1_000
const aheadMs = 500

/** From what was given before, at the media's own speed; when that is off, up to 5 % faster or slower until it is not. */
function follow(
  given: { media: number; at: number; isFollowing: boolean },
  media: number,
  target: number,
): { at: number; isFollowing: boolean } {
  const elapsed = Math.max(0, media - given.media)
  const steady = given.at + elapsed
  const error = target - steady
  if (error > jumpMs) return { at: target, isFollowing: false }
  const isFollowing = Math.abs(error) > (given.isFollowing ? 1 : toleranceMs)
  const most = isFollowing ? elapsed * slewRate : 0
  return { at: steady + Math.min(Math.max(error, -most), most), isFollowing }
}

/** A difference on the 32-bit circle, from −2^31 up to 2^31. */
const signed = (difference: number): number => difference | 0
