import { crc32 } from 'node:zlib'
import type { Case } from './case.ts'
import { faulted } from './faults.ts'
import { killedAt, killedAtAnyMoment } from './kills.ts'
import { powerCut, powerCutAfterRestart } from './power.ts'
import { generator, type Random } from './random.ts'
import type { Rig } from './rig.ts'
import { added, emptyRow, type Row } from './table.ts'

export type Test = {
  readonly name: string
  /** How many cases prove something, and how many show that the harness works. */
  readonly full: number
  readonly quick: number
  readonly cases: (rig: Rig, random: Random, count: number) => AsyncIterable<Case>
  /** A log that breaks its promises: the harness must see it. */
  readonly isControl?: boolean
}

export const tests: readonly Test[] = [
  { name: 'killed at any moment', full: 200, quick: 2, cases: killedAtAnyMoment },
  { name: 'killed at a sync', full: 100, quick: 2, cases: (...of) => killedAt('sync', ...of) },
  { name: 'killed at a write', full: 100, quick: 2, cases: (...of) => killedAt('write', ...of) },
  { name: 'killed at a change', full: 40, quick: 1, cases: (...of) => killedAt('change', ...of) },
  { name: 'power cut', full: 312, quick: 24, cases: (...of) => powerCut(undefined, ...of) },
  {
    name: 'power cut, synchronous = NORMAL',
    full: 60,
    quick: 12,
    cases: (...of) => powerCut('synchronous = NORMAL', ...of),
    isControl: true,
  },
  { name: 'power cut after a restart', full: 96, quick: 8, cases: powerCutAfterRestart },
  ...(['EIO', 'ENOSPC'] as const).flatMap((act) =>
    (['sync', 'write', 'change'] as const).map((kind) => ({
      name: `${act} at a ${kind}`,
      full: 15,
      quick: 1,
      cases: (...of: [Rig, Random, number]) => faulted({ act, kind }, ...of),
    })),
  ),
  {
    name: 'EIO at a folder sync',
    // All there are: one matters only where no later one makes up for it.
    full: 100,
    quick: 1,
    cases: (...of) => faulted({ act: 'EIO', kind: 'folder' }, ...of),
  },
  {
    name: 'ENOSPC from a write on',
    full: 15,
    quick: 1,
    cases: (...of) => faulted({ act: 'ENOSPC', kind: 'write', isLasting: true }, ...of),
  },
  {
    name: 'half a write, without an error',
    full: 15,
    quick: 1,
    cases: (...of) => faulted({ act: 'short', kind: 'write' }, ...of),
  },
]

/** Runs `count` cases of a test; `onCase` hears of each, with the row up to it. */
export async function rowOf(
  { name, cases, isControl = false }: Test,
  rig: Rig,
  seed: number,
  count: number,
  onCase: (row: Row, complaints: readonly string[]) => void = () => {},
): Promise<Row> {
  let row = emptyRow(name, isControl)
  // Each test has points of its own.
  const random = generator(crc32(`${seed} ${name}`))
  try {
    for await (const one of cases(rig, random, count)) {
      const known = row.complaints.length
      row = added(row, one)
      onCase(row, row.complaints.slice(known))
    }
    return row
  } catch (error) {
    const complaint = `it could not go on: ${String(error)}`
    row = { ...row, complaints: [...row.complaints, complaint] }
    onCase(row, [complaint])
    return row
  }
}
