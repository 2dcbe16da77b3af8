/** One RTP packet of one stream, as it came. `arrivedAt`: ms epoch. */
export interface Packet {
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payload: Uint8Array
  readonly arrivedAt: number
}

/** A packet in its turn. `afterLoss`: something between it and the one before never came. */
export interface Ordered {
  readonly packet: Packet
  readonly afterLoss: boolean
}

/**
 * Puts packets back into the order they were sent in. A missing one is waited for until `waitMs` after the packet that
 * showed the gap, or until `maxHeld` packets wait behind it; then it counts as lost. Duplicates and packets that come
 * after their turn are dropped.
 */
export class RtpOrder {
  readonly #waitMs: number
  readonly #maxHeld: number
  readonly #held = new Map<number, Packet>()
  #next: number | null = null
  #restart: number | null = null

  constructor(limits: { waitMs: number; maxHeld: number }) {
    this.#waitMs = limits.waitMs
    this.#maxHeld = limits.maxHeld
  }

  push(packet: Packet): Ordered[] {
    this.#next ??= packet.sequence
    const ahead = distance(this.#next, packet.sequence)
    if (ahead > maxJump || ahead < -maxJump) return this.#jumped(packet)
    this.#restart = null
    if (ahead < 0) return []
    this.#held.set(packet.sequence, packet)
    const ready = this.#inTurn(false)
    return this.#held.size > this.#maxHeld ? [...ready, ...this.#skip()] : ready
  }

  /** What is due although packets before it are missing. */
  expire(now: number): Ordered[] {
    const out: Ordered[] = []
    while (this.#held.size > 0 && this.#oldest() <= now - this.#waitMs) out.push(...this.#skip())
    return out
  }

  /** All that is left; nothing missing is waited for. */
  drain(): Ordered[] {
    const out: Ordered[] = []
    while (this.#held.size > 0) out.push(...this.#skip())
    return out
  }

  /** RFC 3550 §A.1: a far jump is believed only when the packet after it follows. */
  #jumped(packet: Packet): Ordered[] {
    if (packet.sequence !== this.#restart) {
      this.#restart = (packet.sequence + 1) & 0xffff
      return []
    }
    const before = this.drain()
    this.#restart = null
    this.#next = packet.sequence
    this.#held.set(packet.sequence, packet)
    return [...before, ...this.#inTurn(true)]
  }

  /** Gives up on what is missing before the nearest packet held. */
  #skip(): Ordered[] {
    const next = this.#next ?? 0
    const ahead = Math.min(...[...this.#held.keys()].map((sequence) => distance(next, sequence)))
    this.#next = (next + ahead) & 0xffff
    return this.#inTurn(true)
  }

  #inTurn(afterLoss: boolean): Ordered[] {
    const out: Ordered[] = []
    let next = this.#next ?? 0
    for (let packet = this.#held.get(next); packet !== undefined; packet = this.#held.get(next)) {
      this.#held.delete(next)
      out.push({ packet, afterLoss: afterLoss && out.length === 0 })
      next = (next + 1) & 0xffff
    }
    this.#next = next
    return out
  }

  #oldest(): number {
    return Math.min(...[...this.#held.values()].map(({ arrivedAt }) => arrivedAt))
  }
}

// RFC 3550 §A.1 has 3000 (MAX_DROPOUT): about a minute of audio, a few seconds of video.
const maxJump = 3000

/** How far `to` lies ahead of `from` on the 16-bit circle; negative when it lies behind. */
function distance(from: number, to: number): number {
  const ahead = (to - from) & 0xffff
  return ahead < 0x8000 ? ahead : ahead - 0x10000
}
