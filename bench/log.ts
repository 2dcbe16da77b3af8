import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConsentLog, recordHeader, type ConsentLog, type Entry } from '#audit'

/**
 * Durable decisions a second, and how long one waits, by how many are under way at once; then the fsyncs one costs. A
 * warm-up and five rounds of one second for each row, medians of the rounds; 30 seconds in all. Run: node bench/log.ts [dir]
 */
const inFlights = [1, 8, 64, 256]
const rounds = 5
const roundMs = 1000
let count = 0

async function main(): Promise<void> {
  const dir = mkdtempSync(join(parent, 'assent-bench-'))
  try {
    const log = await open(dir)
    await round(log, 64)
    console.log('in flight   appends/s   ack p50 ms   ack p99 ms   samples')
    for (const inFlight of inFlights) {
      const measured: Round[] = []
      for (let i = 0; i < rounds; i++) measured.push(await round(log, inFlight))
      const column = (read: (one: Round) => number, digits: number): string => median(measured.map(read)).toFixed(digits).padStart(12)
      const samples = measured.reduce((sum, one) => sum + one.acks.length, 0)
      console.log(`${String(inFlight).padStart(9)}${column(({ acks, ms }) => (acks.length / ms) * 1000, 0)} ` +
        `${column(({ acks }) => quantile(acks, 0.5), 2)} ${column(({ acks }) => quantile(acks, 0.99), 2)} ${String(samples).padStart(9)}`)
    }
    await log[Symbol.asyncDispose]()
    console.log(`fsyncs per decision, one after another: ${fsyncsPerDecision(dir)}`)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

type Round = { readonly ms: number; readonly acks: readonly number[] }

async function round(log: ConsentLog, inFlight: number): Promise<Round> {
  const acks: number[] = []
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() - startedMs < roundMs) {
      const sentMs = performance.now()
      await log.append(decision())
      acks.push(performance.now() - sentMs)
    }
  }))
  return { ms: performance.now() - startedMs, acks: acks.toSorted((a, b) => a - b) }
}

/** As large as a real decision: a session of six, a notice by hash. */
function decision(): Entry {
  const time = Date.now()
  const refs = Array.from({ length: 6 }, (_, i) => `person_${String(i).repeat(26)}`)
  return {
    key: `decision ${process.pid} ${count++}`,
    subject: { name: 'Anna Example', account: '248289761001' },
    core: {
      ...recordHeader('decision', 'call_abcdefghijklmnopqrstuvwxyz'),
      event: { state: 'given', time, cause: 'click', validity: { from: time, until: 'end-of-session' } },
      requestId: 'req_abcdefghijklmnopqrstuvwxyz',
      subject: { ref: refs[0]! },
      noticeSha256: 'a'.repeat(64),
      present: refs,
    },
  }
}

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
const median = (values: readonly number[]): number => quantile(values.toSorted((a, b) => a - b), 0.5)

function open(dir: string): Promise<ConsentLog> {
  return openConsentLog({
    dir: join(dir, 'log'), guardFile: join(dir, 'guard'), origin: 'localhost/consent/bench', keyFile: join(dir, 'key.pem'),
    createKey: true,
    onFailed: (cause) => {
      throw cause
    },
  })
}

/** This program again under strace, with 501 decisions and with one: the difference is what 500 cost. */
function fsyncsPerDecision(dir: string): string {
  if (spawnSync('strace', ['-V']).error !== undefined) return 'not measured, strace is not installed'
  const fsyncs = (decisions: number): number => {
    const trace = join(dir, 'trace')
    const { status } = spawnSync('strace', ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', trace, process.execPath, import.meta.filename, dir, String(decisions)])
    if (status !== 0) throw new Error(`the traced run ended with ${status}`)
    return readFileSync(trace, 'utf8').split('\n').filter((line) => /f(data)?sync\(/.test(line)).length
  }
  return ((fsyncs(501) - fsyncs(1)) / 500).toFixed(3)
}

async function appendInSequence(dir: string, decisions: number): Promise<void> {
  await using log = await open(dir)
  for (let i = 0; i < decisions; i++) await log.append(decision())
}

const [parent = tmpdir(), appends] = process.argv.slice(2)
if (appends === undefined) await main()
else await appendInSequence(parent, Number(appends))
