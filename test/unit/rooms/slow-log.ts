import type { ConsentLog, Entry, Logged } from '#audit'
import { CallError } from '#protocol'

/** A real consent log whose writing a test can hold up, or make fail, for some kinds of record. */
export class SlowLog implements ConsentLog {
  readonly #log: ConsentLog
  #held: { readonly entry: Entry; readonly go: () => void }[] = []
  #isHeld: (entry: Entry) => boolean = () => false
  #isFailing: (entry: Entry) => boolean = () => false
  readonly calls: string[]
  isFailed = false
  readonly #writing = new Set<Promise<unknown>>()

  constructor(log: ConsentLog, calls: string[]) {
    this.#log = log
    this.calls = calls
  }

  get state() {
    return this.isFailed ? 'failed' : this.#log.state
  }

  get vkey() {
    return this.#log.vkey
  }

  get checkpoint() {
    return this.#log.checkpoint
  }

  ask: ConsentLog['ask'] = (question) => {
    const asking = this.#log.ask(question)
    this.#writing.add(asking)
    return asking.finally(() => this.#writing.delete(asking))
  }

  get origin() {
    return this.#log.origin
  }

  /** The types of record that wait to be written. */
  get held(): string[] {
    return this.#held.map(({ entry }) => entry.core.type)
  }

  hold(isHeld: (entry: Entry) => boolean): void {
    this.#isHeld = isHeld
  }

  /** Lets go of what is held, and holds nothing more. */
  release(): void {
    this.#isHeld = () => false
    this.letGo()
  }

  /** Lets go of what is held now. */
  letGo(): void {
    for (const { go } of this.#held.splice(0)) go()
  }

  failFor(isFailing: (entry: Entry) => boolean): void {
    this.#isFailing = isFailing
  }

  /** Resolves when the real log has answered for all that it was given. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing)
  }

  async append(entry: Entry): Promise<Logged> {
    if (this.#isHeld(entry)) await new Promise<void>((go) => this.#held.push({ entry, go }))
    // One that has failed writes nothing more.
    if (this.isFailed || this.#isFailing(entry)) {
      this.isFailed = true
      throw new CallError('LOG_UNAVAILABLE', 'the disk is full')
    }
    const writing = this.#log.append(entry)
    this.#writing.add(writing)
    const logged = await writing.finally(() => this.#writing.delete(writing))
    this.calls.push(
      `logged ${entry.core.type}${entry.core.type === 'decision' ? ` ${entry.core.event.state}` : ''}`,
    )
    return logged
  }

  /** The log beneath belongs to who opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
