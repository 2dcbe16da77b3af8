import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { serverHeader, type ConsentLog } from '#audit'
import { newId, type OperatorName, type OperatorResult } from '#protocol'
import type { Lives } from './retention.ts'

export type SnapshotWorld = {
  readonly log: ConsentLog
  readonly dataDir: string
  readonly lives: Lives
  readonly now: () => number
}

/**
 * The log's databases of one moment, for a backup, in a folder of their own that whoever asked removes at once. The log
 * says first who took them.
 */
export async function takeSnapshot(
  { log, dataDir, lives, now }: SnapshotWorld,
  by: OperatorName,
): Promise<OperatorResult<'backup.snapshot'>> {
  const madeAt = now()
  await log.append({
    key: `backup/${newId.request()}`,
    core: {
      ...serverHeader('operation'),
      event: { state: 'done', time: madeAt, entity: by },
      act: 'backup',
    },
  })
  await dropSnapshot(dataDir)
  const dir = snapshotDir(dataDir)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const entries = await log.ask({ what: 'snapshot', dir })
  return { dir, madeAt, entries, keptDays: lives.backup }
}

/** What a backup left behind that came to no end. */
export const dropSnapshot = (dataDir: string): Promise<void> =>
  rm(snapshotDir(dataDir), { recursive: true, force: true })

const snapshotDir = (dataDir: string): string => join(dataDir, 'snapshot')
