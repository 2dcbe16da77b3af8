import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lastOf, type ConsentLog } from '#audit'
import { holdsOf } from './kept.ts'
import { dueOf, type Lives } from './retention.ts'
import type { Shelf } from './shelf.ts'

/**
 * Logs in whose place others have come, each a folder under `dir`. Nothing is added to them any more, so each goes as a
 * whole: when the longest life of evidence is over since its last entry, and no call in it is on hold.
 */
export function givenUpShelf({
  dir,
  lives,
  log,
}: {
  readonly dir: string
  readonly lives: Lives
  readonly log: Pick<ConsentLog, 'ask' | 'append'>
}): Shelf {
  return {
    kind: 'evidence',
    async due(now) {
      const names = existsSync(dir) ? await readdir(dir) : []
      const holds = await holdsOf({ log })
      return names.flatMap((id) => {
        const { timeMs, sessions } = lastOf(join(dir, id))
        const session = sessions.find((one) => holds.has(one)) ?? null
        return dueOf('evidence', [{ id, session, endedMs: timeMs, days: null }], { lives, now, holds })
      })
    },
    remove: (id) => rm(join(dir, id), { recursive: true }),
  }
}
