/**
 * npm run crash [-- names…] [--quick] [--seed N]: crashes the consent log in every way we know, starts it again, and
 * compares what it holds with what it promised. Ends with one table; the exit code is 0 when no promise was broken and
 * the control broke its own. The same seed makes the same crashes, as far as processes keep time.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { openRig } from './rig.ts'
import { maxSyncs, syncsPerDecision } from './syncs.ts'
import { isAsExpected, table, verdict, type Row } from './table.ts'
import { rowOf, tests, type Test } from './tests.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, seed: { type: 'string' } },
})
const names = tests.map(({ name }) => name)
const unknown = positionals.filter((name) => !names.includes(name))
const seed = Number(values.seed ?? Date.now() % 1e9)
if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
  const wrong =
    unknown.length > 0 ? `no such test: ${unknown.join(', ')}` : 'the seed is no integer'
  console.error(`${wrong}. The tests are:\n${names.map((name) => `  '${name}'`).join('\n')}`)
  process.exit(2)
}
const chosen = tests.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
console.log(`seed ${seed}`)

const rig = await openRig()
process.once('exit', () => rig[Symbol.dispose]())
const rows = new Map<Test, Row>()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.log(`\n${table(rowsInOrder())}\ncut short: not all was done`)
    process.exit(1)
  })
const waiting = [...chosen]
const lane = async (): Promise<void> => {
  for (let test; (test = waiting.shift()) !== undefined;) await run(test)
}
// More than there are processors: most of the time each waits, for a disk or a process.
await Promise.all(Array.from({ length: availableParallelism() * 4 }, lane))
const syncs = await syncsPerDecision(rig)

const inOrder = rowsInOrder()
console.log(`\n${table(inOrder)}`)
console.log(`fsyncs of one decision, one at a time: ${syncs.toFixed(2)}, at most ${maxSyncs}`)
if (!inOrder.every(isAsExpected) || syncs > maxSyncs) process.exitCode = 1

function rowsInOrder(): Row[] {
  return chosen.flatMap((test) => rows.get(test) ?? [])
}

async function run(test: Test): Promise<void> {
  const startedMs = performance.now()
  const count = values.quick ? test.quick : test.full
  const row = await rowOf(test, rig, seed, count, (upToNow, complaints) => {
    rows.set(test, upToNow)
    if (!test.isControl) for (const one of complaints) console.log(`  ${test.name}: ${one}`)
    if (upToNow.cases % 50 === 0) console.log(`${test.name}: ${upToNow.cases} …`)
  })
  rows.set(test, row)
  const seconds = (performance.now() - startedMs) / 1000
  console.log(`${test.name}: ${row.cases} cases, ${verdict(row)}, ${seconds.toFixed(0)} s`)
}
