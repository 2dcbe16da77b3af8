import type { DataKind } from '#audit'

/** The longest life of each kind of data, in days. */
export type Lives = Readonly<Record<DataKind, number>>

/** Something that lies there, as far as its end depends on it. */
export type Kept = {
  readonly id: string
  /** The call that it is about; null for what is about none. */
  readonly session: string | null
  /** From when on its life counts, in ms since the epoch; null while that has not come. */
  readonly endedMs: number | null
  /** What it was itself promised; null when nothing was said. */
  readonly days: number | null
}

/** What has reached its end. `isHeld`: it stays all the same, and that is to be told. */
export type Due = {
  readonly kind: DataKind
  readonly id: string
  readonly endedMs: number
  readonly endsMs: number
  readonly isHeld: boolean
}

/** When its life is over: its own term, or the longest that its kind may have. Null while its life does not count yet. */
export function endOf({ endedMs, days }: Kept, longestDays: number): number | null {
  return endedMs === null ? null : endedMs + Math.min(days ?? longestDays, longestDays) * dayMs
}

/** Which of these have reached their end at `now`. `holds`: the calls of which nothing may go. */
export function dueOf(
  kind: DataKind,
  kept: readonly Kept[],
  { lives, holds, now }: { readonly lives: Lives; readonly holds: ReadonlySet<string>; readonly now: number },
): Due[] {
  return kept.flatMap((one) => {
    const { id, session, endedMs } = one
    const endsMs = endOf(one, lives[kind])
    if (endedMs === null || endsMs === null || now < endsMs) return []
    return [{ kind, id, endedMs, endsMs, isHeld: session !== null && holds.has(session) }]
  })
}

/** What proves a recording never goes before it. `recordings`: all that lie there; `due`: those of them that go now. */
export function outlived(
  evidence: readonly Kept[],
  recordings: readonly Kept[],
  due: readonly Due[],
): Kept[] {
  const goes = new Set(due.map(({ id }) => id))
  const stays = new Set(recordings.filter(({ id }) => !goes.has(id)).map(({ session }) => session))
  return evidence.filter(({ session }) => session === null || !stays.has(session))
}

export const dayMs = 86_400_000
