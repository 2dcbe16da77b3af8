import { CallError } from '#protocol'
import type { MediaOptions } from './contract.ts'
import { startWorker, stopWorker, type LiveWorker } from './workers.ts'

/** What runs on a worker and ends with it. */
export interface Tenant {
  readonly peerCount: number
  /** The worker has died. */
  lose(): void
}

/** A worker with its tenants; `arriving` counts those that are being set up. */
export interface Host extends LiveWorker {
  readonly tenants: Set<Tenant>
  arriving: number
}

/** How long `pick` waits for a worker when all are down, in milliseconds. */
const patienceMs = 10_000

/**
 * As many workers as configured. One that dies takes only its own tenants along; another is started in its place, after
 * a delay that doubles while they keep dying. Closed by `close()`.
 */
export class WorkerPool {
  readonly #options: MediaOptions
  readonly #hosts = new Map<number, Host>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #starting = new Set<Promise<void>>()
  readonly #waiting = new Set<(isHere: boolean) => void>()
  #isClosed = false

  private constructor(options: MediaOptions) {
    this.#options = options
  }

  /** All of them run when it resolves; none runs when it rejects (PORT_TAKEN, MEDIA_UNAVAILABLE). */
  static async start(options: MediaOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options)
    const indexes = Array.from({ length: options.workers }, (_, index) => index)
    const started = await Promise.allSettled(indexes.map((index) => pool.#start(index, 0)))
    const failed = started.find((each) => each.status === 'rejected')
    if (failed === undefined) return pool
    await pool.close()
    throw failed.reason
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()]
  }

  /**
   * The live worker with the least on it, counting one more that arrives: whoever picks it counts that down again.
   * Throws MEDIA_UNAVAILABLE when none comes up in time.
   */
  async pick(): Promise<Host> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const [least] = this.hosts.toSorted((a, b) => loadOf(a) - loadOf(b) || a.index - b.index)
      if (least !== undefined) {
        least.arriving += 1
        return least
      }
      if (this.#isClosed || !(await this.#oneArrives(deadline - performance.now()))) {
        throw new CallError('MEDIA_UNAVAILABLE', 'no media worker is running')
      }
    }
  }

  /** Resolves when every process has ended. Tenants are not told. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const wake of this.#waiting) wake(false)
    await Promise.allSettled(this.#starting)
    const workers = this.hosts.map(({ worker }) => worker)
    this.#hosts.clear()
    await Promise.all(workers.map((worker) => stopWorker(worker)))
  }

  async #start(index: number, delayMs: number): Promise<void> {
    const live = await startWorker(index, this.#options)
    const host: Host = { ...live, tenants: new Set(), arriving: 0 }
    const since = performance.now()
    live.worker.on('died', (cause) =>
      this.#died(host, nextDelay(delayMs, performance.now() - since), cause),
    )
    this.#hosts.set(index, host)
    for (const wake of this.#waiting) wake(true)
  }

  #died({ index, tenants }: Host, delayMs: number, cause: Error): void {
    this.#hosts.delete(index)
    this.#options.log(
      { worker: index, rooms: tenants.size, delayMs, cause: cause.message },
      'media worker died',
    )
    this.#options.observe?.workerDied()
    this.#startAfter(index, delayMs)
    for (const tenant of tenants) tenant.lose()
  }

  #startAfter(index: number, delayMs: number): void {
    if (this.#isClosed) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const starting = this.#start(index, delayMs)
        .catch((error: unknown) => {
          const next = nextDelay(delayMs, 0)
          this.#options.log(
            { worker: index, delayMs: next, error },
            'media worker could not be replaced',
          )
          this.#startAfter(index, next)
        })
        .finally(() => this.#starting.delete(starting))
      this.#starting.add(starting)
    }, delayMs)
    this.#timers.add(timer)
  }

  async #oneArrives(withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => resolve(false), withinMs)
    this.#waiting.add(resolve)
    const isHere = await promise
    clearTimeout(timer)
    this.#waiting.delete(resolve)
    return isHere
  }
}

/** How long to wait before the next start: not at all after a sound life, else twice as long as before, up to 10 s. */
export function nextDelay(lastMs: number, livedMs: number): number {
  if (livedMs >= 10_000) return 0
  return Math.min(Math.max(lastMs * 2, 100), 10_000)
}

const loadOf = ({ tenants, arriving }: Host): number =>
  Array.from(tenants, ({ peerCount }) => 1 + peerCount).reduce((sum, each) => sum + each, arriving)
