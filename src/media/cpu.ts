import type { types } from 'mediasoup'
import type { MediaOptions } from './contract.ts'
import type { WorkerPool } from './worker-pool.ts'

/** Tells at intervals how much CPU time each worker has used since. Returns the way to stop. */
export function measureCpu(
  pool: WorkerPool,
  { observe, measureEveryMs = 5000 }: MediaOptions,
): () => void {
  if (observe === undefined) return () => undefined
  // By worker, not by its place: one that replaces another starts at 0.
  const usedMs = new WeakMap<types.Worker, number>()
  const measure = async () => {
    await Promise.allSettled(
      pool.hosts.map(async ({ index, worker }) => {
        const { ru_utime, ru_stime } = await worker.getResourceUsage()
        const now = ru_utime + ru_stime
        observe.workerCpu(index, (now - (usedMs.get(worker) ?? 0)) / 1000)
        usedMs.set(worker, now)
      }),
    )
  }
  const timer = setInterval(() => void measure(), measureEveryMs)
  return () => clearInterval(timer)
}
