/** Runs work one piece at a time, in the order it arrived. A failure reaches its own caller and stops nobody else. */
export class Mailbox {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
