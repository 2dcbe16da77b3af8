import { createHmac, randomBytes } from 'node:crypto'

export type Suspicion = 'token' | 'origin' | 'flood' | 'malformed' | 'probe'
export type Verdict =
  | { readonly how: 'free' }
  | { readonly how: 'slowed' | 'blocked'; readonly ms: number }

// A flood or a stream of garbage took many messages to be noticed; one bad token can be an honest
// mistake.
const points: Readonly<Record<Suspicion, number>> = {
  token: 1,
  origin: 1,
  flood: 5,
  malformed: 5,
  probe: 0.5,
}
const forgivenPerMs = 1 / 6000
const slowStepMs = 250
const maxSlowMs = 3000

/**
 * Remembers where trouble came from (P19). An address is kept only as a hash under a key that dies
 * with the process, in a table of bounded size that forgets the longest quiet first; it can be
 * neither logged nor handed over.
 */
export class Throttle {
  readonly #secret = randomBytes(32)
  readonly #limits: {
    readonly slowAfter: number
    readonly blockAfter: number
    readonly maxAddresses: number
  }
  readonly #records = new Map<string, { points: number; at: number }>()

  constructor(limits: {
    readonly slowAfter: number
    readonly blockAfter: number
    readonly maxAddresses: number
  }) {
    this.#limits = limits
  }

  /** The pseudonym of an address: of an IPv6 one, of its /64, which one subscriber owns. */
  keyOf(address: string): string {
    return createHmac('sha256', this.#secret)
      .update(networkOf(address))
      .digest('base64')
      .slice(0, 22)
  }

  note(key: string, suspicion: Suspicion, now: number): void {
    const total = this.#pointsOf(key, now) + points[suspicion]
    // Twice the threshold is the most: a block ends by itself.
    const kept = Math.min(total, 2 * this.#limits.blockAfter)
    this.#records.delete(key)
    this.#records.set(key, { points: kept, at: now })
    const [oldest] = this.#records.keys()
    if (this.#records.size > this.#limits.maxAddresses && oldest !== undefined)
      this.#records.delete(oldest)
  }

  judge(key: string, now: number): Verdict {
    const { slowAfter, blockAfter } = this.#limits
    const held = this.#pointsOf(key, now)
    if (held >= blockAfter)
      return { how: 'blocked', ms: Math.ceil((held - blockAfter) / forgivenPerMs) + 1000 }
    if (held >= slowAfter)
      return { how: 'slowed', ms: Math.min(maxSlowMs, slowStepMs * (held - slowAfter + 1)) }
    return { how: 'free' }
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#records.size
  }

  #pointsOf(key: string, now: number): number {
    const record = this.#records.get(key)
    return record === undefined
      ? 0
      : Math.max(0, record.points - Math.max(0, now - record.at) * forgivenPerMs)
  }
}

/**
 * The first four groups of an IPv6 address (RFC 5952 text), an IPv4 address whole, also when mapped
 * into IPv6.
 */
export function networkOf(address: string): string {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
  if (!plain.includes(':')) return plain
  const [before = '', after] = plain.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const gap =
    after === undefined
      ? []
      : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...gap, ...right].slice(0, 4).join(':')
}
