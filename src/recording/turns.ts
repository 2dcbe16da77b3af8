/** Does jobs of the same key one after another; those of different keys do not wait for each other. */
export class Turns<K> {
  readonly #last = new Map<K, Promise<unknown>>()

  async run<T>(key: K, job: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    // One that failed has told who asked for it.
    const done = before.then(job, job)
    this.#last.set(key, done)
    try {
      return await done
    } finally {
      if (this.#last.get(key) === done) this.#last.delete(key)
    }
  }
}
