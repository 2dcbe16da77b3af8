import { join } from 'node:path'
import type { ConsentLog } from '#audit'
import type { SessionId } from '#protocol'
import { readTerm, type Vault } from '#recording'
import type { Kept, Lives } from './retention.ts'

/** What the shelves of recordings and of evidence look into. */
export type KeptWorld = {
  readonly log: Pick<ConsentLog, 'ask' | 'append'>
  readonly vault: Pick<Vault, 'list' | 'erase'>
  /** The vault's own folder. */
  readonly recordingsDir: string
  readonly lives: Lives
  /** Whether the call goes on; then the life of its evidence does not count yet. */
  readonly isLive: (session: SessionId) => boolean
  readonly now: () => number
}

/** Every recording that is not running. */
export async function keptRecordings({ vault, recordingsDir }: KeptWorld): Promise<Kept[]> {
  const kept: Kept[] = []
  for (const id of await vault.list()) {
    const term = await readTerm(join(recordingsDir, id))
    if (term === null) continue
    const { session, endedAt, retentionDays } = term
    kept.push({ id, session, endedMs: endedAt, days: retentionDays })
  }
  return kept
}

/** What the log can say of each call; and, as one thing, of the server itself. */
export async function keptEvidence({ log, isLive }: KeptWorld): Promise<Kept[]> {
  const sessions = await log.ask({ what: 'evidence' })
  const [oldest] = await log.ask({ what: 'session', session: null })
  const ofCalls = sessions.map(({ session, endedMs, lastMs, evidenceDays }): Kept => {
    // A crash can leave a request open for good: then the last that is known of the call is its end.
    const ended = isLive(session as SessionId) ? null : (endedMs ?? lastMs)
    return { id: session, session, endedMs: ended, days: evidenceDays }
  })
  return oldest === undefined
    ? ofCalls
    : [...ofCalls, { id: serverId, session: null, endedMs: oldest.timeMs, days: null }]
}

export async function holdsOf({ log }: Pick<KeptWorld, 'log'>): Promise<ReadonlySet<string>> {
  return new Set(await log.ask({ what: 'hold', session: null }))
}

/** What the log says of the server and no call: its oldest part is due, never the whole. */
export const serverId = 'server'
