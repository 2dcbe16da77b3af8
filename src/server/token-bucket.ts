/**
 * Allows `capacity` at once and `perSecond` in the long run. Times in milliseconds; a clock that
 * jumps back gives nothing.
 */
export class TokenBucket {
  readonly #capacity: number
  readonly #perMs: number
  #tokens: number
  #at: number

  constructor(capacity: number, perSecond: number, now: number) {
    this.#capacity = capacity
    this.#perMs = perSecond / 1000
    this.#tokens = capacity
    this.#at = now
  }

  /**
   * 0 when allowed; otherwise how long to wait. Asking in vain costs too, so that only waiting
   * helps.
   */
  take(now: number): number {
    this.#tokens =
      Math.min(this.#capacity, this.#tokens + Math.max(0, now - this.#at) * this.#perMs) - 1
    this.#at = now
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs)
  }

  /** So much was asked in vain that it is no haste but a flood. */
  get isFlooded(): boolean {
    return this.#tokens < -this.#capacity
  }
}
