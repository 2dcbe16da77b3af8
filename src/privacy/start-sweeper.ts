import type { ConsentLog } from '#audit'
import { evidenceShelf } from './evidence.ts'
import type { KeptWorld } from './kept.ts'
import { recordingShelf } from './recordings.ts'
import type { Shelf } from './shelf.ts'
import { Sweeper, type SweeperWorld } from './sweeper.ts'

type World = Omit<KeptWorld, 'now' | 'log'> &
  Pick<SweeperWorld, 'observe' | 'failed'> & {
    readonly log: ConsentLog
    /** What is swept besides recordings and what proves them. */
    readonly shelves: readonly Shelf[]
  }

/** A sweeper that goes by the system's clock. Dispose it to stop. */
export function startSweeper({ shelves, observe, failed, ...kept }: World): Sweeper {
  const world = { ...kept, now: Date.now }
  return new Sweeper({
    log: kept.log,
    shelves: [recordingShelf(world), evidenceShelf(world), ...shelves],
    clock: { now: Date.now, after },
    observe,
    failed,
  })
}

/** A timer that keeps no process alive. */
function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}
