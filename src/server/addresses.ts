import type { Metrics } from '#metrics'
import type { Clock } from './clock.ts'
import type { Limits } from './settings.ts'
import { Throttle, type Suspicion, type Verdict } from './throttle.ts'

const maxAddresses = 10_000

/**
 * What is remembered of the addresses that come: their trouble, and how many connections each has
 * open.
 */
export class Addresses {
  readonly #metrics: Metrics
  readonly #clock: Clock
  readonly #throttle: Throttle
  /** As many entries as there are connections at most. */
  readonly #open = new Map<string, number>()

  constructor({ metrics, clock, limits }: { metrics: Metrics; clock: Clock; limits: Limits }) {
    this.#metrics = metrics
    this.#clock = clock
    this.#throttle = new Throttle({ ...limits, maxAddresses })
  }

  /** The pseudonym under which an address is known here; absent when its socket is gone already. */
  keyOf(address: string | undefined): string {
    return this.#throttle.keyOf(address ?? '')
  }

  suspect(key: string, suspicion: Suspicion): void {
    this.#metrics.suspicious(suspicion)
    this.#throttle.note(key, suspicion, this.#clock.monotonic())
  }

  judge(key: string): Verdict {
    const verdict = this.#throttle.judge(key, this.#clock.monotonic())
    if (verdict.how !== 'free') this.#metrics.throttled(verdict.how)
    return verdict
  }

  openOf(key: string): number {
    return this.#open.get(key) ?? 0
  }

  opened(key: string): void {
    this.#open.set(key, this.openOf(key) + 1)
  }

  closed(key: string): void {
    const left = this.openOf(key) - 1
    if (left > 0) this.#open.set(key, left)
    else this.#open.delete(key)
  }
}
