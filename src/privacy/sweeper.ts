import { serverHeader, type ConsentLog, type DataKind } from '#audit'
import { CallError, newId, type OperatorResult } from '#protocol'
import { dayMs, type Due } from './retention.ts'
import type { Shelf } from './shelf.ts'

/** What is told to the operator, in the protocol's own words. */
export type SweptAll = OperatorResult<'sweep.run'>
/** One due thing and what became of it. `due`: nothing, because it was only looked at. */
export type Swept = SweptAll['things'][number]

export type SweepObserver = {
  swept(kind: DataKind, count: number): void
  /** `sweep`: it could not be gone through with at all. */
  sweepFailed(what: DataKind | 'sweep'): void
  sweepEnded(now: number, held: number): void
  setPendingTombstones(count: number): void
}

export type SweeperWorld = {
  readonly log: Pick<ConsentLog, 'ask' | 'append'>
  /** In the order in which they are swept: a recording before what proves it. */
  readonly shelves: readonly Shelf[]
  readonly clock: {
    readonly now: () => number
    /** Runs it once, later; answers how to call it off. */
    readonly after: (ms: number, run: () => void) => () => void
  }
  readonly observe: SweepObserver
  /** What went wrong, for the server's log: `what` is a thing of a kind, or the sweep as a whole. */
  readonly failed: (cause: unknown, what: { readonly kind: DataKind | 'sweep'; readonly id?: string }) => void
}

/** What set a sweep off: the server itself, or an operator, by name. */
type Cause = { readonly cause: 'start' | 'daily' } | { readonly cause: 'operator'; readonly entity: string }

/**
 * Removes what has reached the end of its life: at once, each day, and when an operator says so. Dispose it to stop,
 * which waits for the thing that is just being removed.
 */
export class Sweeper implements AsyncDisposable {
  readonly #world: SweeperWorld
  #running: Promise<unknown> = Promise.resolve()
  #callOff: () => void = () => undefined
  #isStopped = false

  constructor(world: SweeperWorld) {
    this.#world = world
    this.#byItself({ cause: 'start' })
  }

  /**
   * What is due, and what became of it; with `isDry` nothing does. One after another: two sweeps never run at once.
   * Throws LOG_UNAVAILABLE when the log cannot be asked what is on hold, and has then removed nothing.
   */
  run(cause: Cause, { isDry }: { readonly isDry: boolean }): Promise<SweptAll> {
    const sweep = this.#running.then(() => (isDry ? this.#look() : this.#sweep(cause)))
    this.#running = sweep.catch(() => undefined)
    return sweep
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    this.#callOff()
    await this.#running
  }

  #byItself(cause: Cause): void {
    const { clock, observe, failed } = this.#world
    void this.run(cause, { isDry: false })
      .catch((error: unknown) => {
        observe.sweepFailed('sweep')
        failed(error, { kind: 'sweep' })
      })
      .then(() => {
        if (!this.#isStopped) this.#callOff = clock.after(dayMs, () => this.#byItself({ cause: 'daily' }))
      })
  }

  async #look(): Promise<SweptAll> {
    return this.#through(async (_, due) => ({ ...due, state: 'due', problem: null }))
  }

  async #sweep(cause: Cause): Promise<SweptAll> {
    const { log, clock, observe } = this.#world
    // First, since nothing may go that the log could not tell of.
    observe.setPendingTombstones(await log.ask({ what: 'pending' }))
    const swept = await this.#through((shelf, due) => this.#remove(shelf, due))
    const removed = countsOf(swept.things)
    if (removed.length > 0)
      await log.append({
        key: `sweep/${newId.request()}`,
        core: {
          ...serverHeader('sweep'),
          event: { state: 'swept', time: clock.now(), ...cause },
          removed,
        },
      })
    const said = await log.ask({ what: 'bury' })
    observe.setPendingTombstones(0)
    observe.sweepEnded(clock.now(), swept.things.filter(({ state }) => state === 'held').length)
    return { ...swept, said }
  }

  /** Shelf after shelf; one that cannot be looked into hinders no other. */
  async #through(act: (shelf: Shelf, due: Due) => Promise<Swept>): Promise<SweptAll> {
    const { shelves, clock, observe, failed } = this.#world
    const things: Swept[] = []
    const unread: DataKind[] = []
    for (const shelf of shelves) {
      const { kind } = shelf
      try {
        for (const due of await shelf.due(clock.now())) {
          if (due.isHeld) things.push({ ...due, state: 'held', problem: null })
          else if (!this.#isStopped) things.push(await act(shelf, due))
        }
      } catch (error) {
        unread.push(kind)
        observe.sweepFailed(kind)
        failed(error, { kind })
      }
    }
    return { things, unread, said: 0 }
  }

  /** One that cannot be removed hinders no other, and is tried again by every sweep. */
  async #remove(shelf: Shelf, due: Due): Promise<Swept> {
    const { observe, failed } = this.#world
    const { kind, id } = due
    try {
      await shelf.remove(id)
      observe.swept(kind, 1)
      return { ...due, state: 'removed', problem: null }
    } catch (error) {
      observe.sweepFailed(kind)
      failed(error, { kind, id })
      return { ...due, state: 'failed', problem: problemOf(error) }
    }
  }
}

function countsOf(things: readonly Swept[]): { kind: DataKind; count: number }[] {
  const removed = things.filter(({ state }) => state === 'removed')
  return [...Map.groupBy(removed, ({ kind }) => kind)].map(([kind, { length: count }]) => ({
    kind,
    count,
  }))
}

const problemOf = (error: unknown): string =>
  error instanceof CallError ? error.message : 'see the server’s log'
