import type { Clock } from '../../../client/sdk/clock.ts'

/** Time that passes only by `advance`, which runs what is due in order. */
export class ManualClock implements Clock {
  #now = 1_000_000
  readonly #timers = new Set<{ at: number; run: () => void }>()

  readonly now = (): number => this.#now

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves the clock alone, as when the system's time is set. */
  setBack(ms: number): void {
    this.#now -= ms
    for (const timer of this.#timers) timer.at -= ms
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (let next = this.#due(until); next !== undefined; next = this.#due(until)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = until
  }

  get pending(): number {
    return this.#timers.size
  }

  #due(until: number): { at: number; run: () => void } | undefined {
    return [...this.#timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
  }
}
