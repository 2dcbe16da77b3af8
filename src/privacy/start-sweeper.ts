import type { ConsentLog } from '#audit'
import { backupShelf } from './backups.ts'
import { evidenceShelf } from './evidence.ts'
import { givenUpShelf } from './given-up.ts'
import type { KeptWorld } from './kept.ts'
import { recordingShelf } from './recordings.ts'
import type { Shelf } from './shelf.ts'
import { Sweeper, type SweeperWorld } from './sweeper.ts'

type World = Omit<KeptWorld, 'now' | 'log'> &
  Pick<SweeperWorld, 'observe' | 'failed'> & {
    readonly log: ConsentLog
    readonly givenUpDir: string
    /** Null: there is no such folder. */
    readonly backupDir: string | null
    /** What else is swept. */
    readonly shelves: readonly Shelf[]
  }

/** A sweeper that goes by the system's clock. Dispose it to stop. */
export function startSweeper(options: World): Sweeper {
  const { givenUpDir, backupDir, shelves, observe, failed, ...kept } = options
  const world = { ...kept, now: Date.now }
  const { log, lives } = world
  return new Sweeper({
    log,
    shelves: [
      recordingShelf(world),
      evidenceShelf(world),
      givenUpShelf({ dir: givenUpDir, lives, log }),
      ...(backupDir === null ? [] : [backupShelf(backupDir, lives)]),
      ...shelves,
    ],
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
