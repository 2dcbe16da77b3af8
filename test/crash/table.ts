import type { Case } from './case.ts'

/** One line of the table: all cases of one test. */
export type Row = {
  readonly test: string
  readonly isControl: boolean
  readonly cases: number
  readonly acknowledged: number
  readonly lost: number
  readonly gaps: number
  readonly wrongRoots: number
  readonly otherReceipts: number
  /** Starts that were refused. */
  readonly refused: number
  readonly unacknowledged: number
  /** What was wrong, with the case. */
  readonly complaints: readonly string[]
}

export const emptyRow = (test: string, isControl: boolean): Row => ({
  test,
  isControl,
  cases: 0,
  acknowledged: 0,
  lost: 0,
  gaps: 0,
  wrongRoots: 0,
  otherReceipts: 0,
  refused: 0,
  unacknowledged: 0,
  complaints: [],
})

export function added(row: Row, { name, acknowledged, proof, complaints }: Case): Row {
  const { lost, gaps, wrongRoots, otherReceipts, refused, unacknowledged } = proof
  return {
    ...row,
    cases: row.cases + 1,
    acknowledged: row.acknowledged + acknowledged,
    lost: row.lost + lost,
    gaps: row.gaps + gaps,
    wrongRoots: row.wrongRoots + wrongRoots,
    otherReceipts: row.otherReceipts + otherReceipts,
    refused: row.refused + refused,
    unacknowledged: row.unacknowledged + unacknowledged,
    complaints: [
      ...row.complaints,
      ...[...complaints, ...proof.complaints].map((complaint) => `${name}: ${complaint}`),
    ],
  }
}

/** `kept`: nothing is wrong. Of the control: it lost entries, as it must, or the harness is blind. */
export function verdict(row: Row): 'kept' | 'BROKEN' | 'lost, as it must' | 'BLIND' {
  if (row.isControl) return row.lost > 0 ? 'lost, as it must' : 'BLIND'
  const { lost, gaps, wrongRoots, otherReceipts, refused, complaints } = row
  const broken = lost + gaps + wrongRoots + otherReceipts + refused + complaints.length
  const isKept = broken === 0 && row.cases > 0
  return isKept ? 'kept' : 'BROKEN'
}

export const isAsExpected = (row: Row): boolean =>
  verdict(row) === (row.isControl ? 'lost, as it must' : 'kept')

export function table(rows: readonly Row[]): string {
  const lines = [
    [
      'test',
      'cases',
      'acknowledged',
      'lost',
      'gaps',
      'wrong roots',
      'other receipts',
      'refused',
      'durable-unacknowledged',
      'verdict',
    ],
    ...rows.map((row) => [
      row.test,
      ...[
        row.cases,
        row.acknowledged,
        row.lost,
        row.gaps,
        row.wrongRoots,
        row.otherReceipts,
        row.refused,
        row.unacknowledged,
      ].map(String),
      verdict(row),
    ]),
  ]
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  )
  const cell = (text: string, column: number): string =>
    column > 0 && column < widths.length - 1
      ? text.padStart(widths[column]!)
      : text.padEnd(widths[column]!)
  return lines.map((line) => line.map(cell).join('  ').trimEnd()).join('\n')
}
