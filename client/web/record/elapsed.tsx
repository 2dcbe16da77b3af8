import { clock } from '../language/format.ts'
import { useNow } from '../parts/use-now.ts'
import type { Line } from './line.ts'

/** Recorded time, pauses left out. Never live for a screen reader. */
export function Elapsed({
  elapsed,
  since,
}: {
  readonly elapsed: NonNullable<Line['elapsed']>
  /** When `elapsed.ms` was true. */
  readonly since: number
}) {
  const now = useNow(elapsed.runs)
  return (
    <span className="tnum">
      {clock(elapsed.ms + (elapsed.runs ? Math.max(0, now - since) : 0))}
    </span>
  )
}
