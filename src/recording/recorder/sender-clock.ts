/**
 * The clock of one person's device against ours. All tracks of the person share it, so that they line up with each
 * other exactly, whatever the device believes the time to be.
 */
export class SenderClock {
  #window: { from: number; least: number } | null = null
  #before: number | null = null
  #placed: { offset: number; at: number; isFollowing: boolean } | null = null

  /** What to add to the sender's time to get the time at which its packets come here over an idle network. */
  get offset(): number | null {
    if (this.#window === null) return null
    return this.#before === null ? this.#window.least : Math.min(this.#before, this.#window.least)
  }

  /**
   * The offset by which frames are placed. It stays where it was, so that frames keep their distances, until it is off
   * by more than a tenth of a second; then it follows slowly. `now`: ms epoch, roughly in order.
   */
  placement(now: number): number | null {
    const { offset } = this
    if (offset === null) return null
    const placed = this.#placed ?? { offset, at: now, isFollowing: false }
    const error = offset - placed.offset
    if (Math.abs(error) > stepMs) {
      this.#placed = { offset, at: now, isFollowing: false }
      return offset
    }
    const isFollowing = Math.abs(error) > (placed.isFollowing ? 1 : offsetToleranceMs)
    const most = isFollowing ? Math.max(0, now - placed.at) * driftRate : 0
    this.#placed = {
      offset: placed.offset + Math.min(Math.max(error, -most), most),
      at: Math.max(now, placed.at),
      isFollowing,
    }
    return this.#placed.offset
  }

  /** The shortest way is the truest (delays only add); forgotten after two windows, so that slow drift is followed. */
  observe(senderMs: number, arrivedAt: number): void {
    const way = arrivedAt - senderMs
    const isStepped = this.offset !== null && Math.abs(way - this.offset) > stepMs
    if (this.#window === null || isStepped) {
      this.#window = { from: arrivedAt, least: way }
      this.#before = null
    } else if (arrivedAt - this.#window.from > windowMs) {
      this.#before = this.#window.least
      this.#window = { from: arrivedAt, least: way }
    } else {
      this.#window.least = Math.min(this.#window.least, way)
    }
  }
}

const windowMs = 10_000
const stepMs = 5_000
// Drift between two clocks is below 0.02 %; what is left follows a change of the network's way.
const offsetToleranceMs = 100
const driftRate = 0.005
