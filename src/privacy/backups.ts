import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { dueOf, type Kept, type Lives } from './retention.ts'
import type { Shelf } from './shelf.ts'

/** Backups in the folder that the settings name. What was erased meanwhile is still in them, so their own end is short. */
export function backupShelf(dir: string, lives: Lives): Shelf {
  return {
    kind: 'backup',
    due: async (now) =>
      dueOf('backup', (await readdir(dir)).flatMap(keptBackup), { lives, now, holds: new Set() }),
    remove: (name) => rm(join(dir, name)),
  }
}

/** How a backup is called: the name alone says when it was made, whatever copying does to the file's own time. */
export const backupName = (madeAtMs: number): string =>
  `assent-${new Date(madeAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}.backup.age`

/** Also one that was begun and never ended. Nothing else in the folder is anybody's to remove. */
function keptBackup(name: string): Kept[] {
  const [, y, mo, d, h, mi, s] = pattern.exec(name) ?? []
  const endedMs = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  return Number.isNaN(endedMs) ? [] : [{ id: name, session: null, endedMs, days: null }]
}

const pattern = /^assent-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.backup\.age(?:\.new)?$/
