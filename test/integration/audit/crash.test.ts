import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRig, type Rig } from '../../crash/rig.ts'
import { table, verdict, type Row } from '../../crash/table.ts'
import { rowOf, tests } from '../../crash/tests.ts'

const seed = Number(process.env['ASSENT_SEED'] ?? Date.now() % 1e9)
const rows = new Map<string, Row>()
let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => {
  const inOrder = tests.flatMap(({ name }) => rows.get(name) ?? [])
  console.log(`ASSENT_SEED=${seed}\n${table(inOrder)}`)
  rig[Symbol.dispose]()
})

test.concurrent.each(tests)(
  `$name: no promise is broken (ASSENT_SEED=${seed})`,
  async (crash) => {
    const row = await rowOf(crash, rig, seed, crash.quick)
    rows.set(crash.name, row)
    expect(row.complaints).toEqual(crash.isControl ? expect.anything() : [])
    expect(verdict(row)).toBe(crash.isControl ? 'lost, as it must' : 'kept')
  },
  // Only against what hangs: a busy machine may be slow.
  900_000,
)
