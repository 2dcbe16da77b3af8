import type { Spread } from './statistics.ts'

/** One line of the table. */
export interface Row {
  readonly metric: string
  readonly ours: string
  readonly against?: string
  readonly ratio?: Spread
  /** The baseline's second copy against the first: 1 in a quiet session. */
  readonly control?: number
  readonly goal?: string
  readonly isMet?: boolean
}

/** How far a control may be from 1 before the session is not to be trusted. */
const tolerance = 0.07

export const isDistrusted = ({ control }: Row): boolean =>
  control !== undefined && !(Math.abs(control - 1) <= tolerance)

export function table(rows: readonly Row[]): string {
  const lines = [
    ['metric', 'ours', 'against', 'ratio [95 %]', 'control', 'goal', 'met'],
    ...rows.map(cellsOf),
  ]
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  const written = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const distrusted = rows.filter(isDistrusted).map(({ metric }) => metric)
  if (distrusted.length > 0)
    written.push(`distrust (control off by more than ${tolerance}): ${distrusted.join('; ')}`)
  return written.join('\n')
}

function cellsOf({ metric, ours, against = '', ratio, control, goal = '', isMet }: Row): string[] {
  return [
    metric,
    ours,
    against,
    ratio === undefined
      ? ''
      : `${ratio.median.toFixed(2)} [${ratio.low.toFixed(2)}, ${ratio.high.toFixed(2)}]`,
    control === undefined ? '' : control.toFixed(2),
    goal,
    isMet === undefined ? '' : isMet ? 'yes' : 'no',
  ]
}
