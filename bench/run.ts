/**
 * npm run bench [-- names…] [--quick]: each benchmark in turn, in a process of its own, then one table of all. Within
 * six minutes; with --quick within 90 seconds, in rounds too few to be quoted.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isDistrusted, table, type Row } from './support/row.ts'

const benchmarks = ['rpc-cpu', 'join-cpu', 'consume', 'mesh', 'stall', 'first-frame', 'gate', 'log']
/** Beyond this the machine measures its other guests. */
const quietLoad = availableParallelism() / 2
const signals = ['SIGINT', 'SIGTERM'] as const

const {
  values: { quick },
  positionals,
} = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false } } })
const unknown = positionals.filter((name) => !benchmarks.includes(name))
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}. There are: ${benchmarks.join(', ')}`)
  process.exit(1)
}
const [load = NaN] = loadavg()
console.log(
  `${new Date().toISOString()}, ${availableParallelism()} cores, Node ${process.version}, load ${load.toFixed(1)}`,
)

const endsAt = performance.now() + (quick ? 90_000 : 360_000)
const rows: Row[] = []
for (const name of positionals.length > 0 ? positionals : benchmarks)
  rows.push(...(await run(name)))

console.log(`\n${table(rows)}`)
if (load > quietLoad)
  console.log(`distrust: the load was ${load.toFixed(1)} at the start, ${quietLoad} would do`)
if (quick) console.log('--quick: too few rounds to quote')
if (rows.some(({ isMet }) => isMet === false) || rows.some(isDistrusted)) process.exitCode = 2

/** What it measured; a row that says so when it fails or when time is out. */
async function run(name: string): Promise<Row[]> {
  const startedAt = performance.now()
  process.stdout.write(`${name} … `)
  const { promise, resolve } = Promise.withResolvers<Row[]>()
  // A group of its own, so that what it started can be ended with it.
  const child = fork(join(import.meta.dirname, `${name}.ts`), quick ? ['--quick'] : [], {
    detached: true,
  })
  let measured: Row[] = [{ metric: name, ours: 'failed', isMet: false }]
  child.on('message', (message: Row[]) => {
    measured = message
  })
  const stop = (): void => endGroup(child)
  child.on('exit', () => {
    // One that failed left its servers behind.
    stop()
    resolve(measured)
  })
  const timer = setTimeout(stop, Math.max(0, endsAt - startedAt))
  for (const signal of signals) process.on(signal, stop)
  const result = await promise
  clearTimeout(timer)
  for (const signal of signals) process.off(signal, stop)
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return result
}

function endGroup({ pid = NaN }: ChildProcess): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch (error) {
    // ESRCH: all have ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
