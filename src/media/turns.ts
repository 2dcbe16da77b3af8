/**
 * Does costly calls a few at a time, fairly: callers take turns, so that one who asks for thousands does not keep
 * waiting one who asks for three. Between two portions the event loop runs, so that everyone else's messages pass.
 */
export class Turns {
  readonly #limit: number
  readonly #lines: (() => Promise<void>)[][] = []
  #inFlight = 0
  #isPending = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The results in the order of `work`; rejects with its first failure, when the rest has been done. */
  async each<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
    if (work.length === 0) return []
    const { promise, resolve } = Promise.withResolvers<void>()
    const results: PromiseSettledResult<T>[] = []
    let left = work.length
    this.#lines.push(
      work.map((call, at) => async () => {
        const [result] = await Promise.allSettled([call()])
        results[at] = result
        if (--left === 0) resolve()
      }),
    )
    this.#fill()
    await promise
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  #fill(): void {
    while (this.#inFlight < this.#limit) {
      const line = this.#lines.shift()
      const call = line?.shift()
      if (line === undefined || call === undefined) return
      if (line.length > 0) this.#lines.push(line)
      this.#inFlight += 1
      void call().then(() => this.#done())
    }
  }

  #done(): void {
    this.#inFlight -= 1
    if (this.#isPending || this.#lines.length === 0) return
    this.#isPending = true
    // Not at once: a socket may deliver many replies in one go, and each would start the next call within it.
    setImmediate(() => {
      this.#isPending = false
      this.#fill()
    })
  }
}
