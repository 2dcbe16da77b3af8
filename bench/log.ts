import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConsentLog, recordHeader, type ConsentLog, type Entry } from '#audit'
import type { Row } from './support/row.ts'
import { median, p99, quantile } from './support/statistics.ts'
import { tell, type Plan } from './support/tell.ts'

/**
 * LOG: durable decisions a second, and how long one waits, by how many are under way at once; then the fsyncs that one
 * costs when they come one after another.
 */
const rounds = 5
const goalPerSecond = 20_000
const goalFsyncs = 2
let count = 0

async function measure({ isQuick }: Plan): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'assent-bench-'))
  const roundMs = isQuick ? 200 : 1000
  try {
    const rows: Row[] = []
    const log = await open(dir)
    await round(log, 64, roundMs)
    for (const inFlight of isQuick ? [1, 64] : [1, 8, 64, 256]) {
      const measured: Round[] = []
      for (let i = 0; i < rounds; i++) measured.push(await round(log, inFlight, roundMs))
      rows.push(rowOf(inFlight, measured))
    }
    await log[Symbol.asyncDispose]()
    return [...rows, fsyncRow(dir)]
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function rowOf(inFlight: number, measured: readonly Round[]): Row {
  const perSecond = median(measured.map(({ acks, ms }) => (acks.length / ms) * 1000))
  const acks = measured.flatMap((one) => one.acks)
  return {
    metric: `LOG ${inFlight} in flight, ${rounds} rounds`,
    ours: `${perSecond.toFixed(0)}/s, p50 ${quantile(acks, 0.5).toFixed(1)} ms, ${p99(acks)}`,
    ...(inFlight === 64 && { goal: `≥ ${goalPerSecond}/s`, isMet: perSecond >= goalPerSecond }),
  }
}

function fsyncRow(dir: string): Row {
  const fsyncs = fsyncsPerDecision(dir)
  const metric = 'LOG fsyncs of one decision'
  if (fsyncs === null) return { metric, ours: 'not measured: strace is not installed' }
  return { metric, ours: fsyncs.toFixed(3), goal: `≤ ${goalFsyncs}`, isMet: fsyncs <= goalFsyncs }
}

type Round = { readonly ms: number; readonly acks: readonly number[] }

async function round(log: ConsentLog, inFlight: number, roundMs: number): Promise<Round> {
  const acks: number[] = []
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - startedMs < roundMs) {
        const sentMs = performance.now()
        await log.append(decision())
        acks.push(performance.now() - sentMs)
      }
    }),
  )
  return { ms: performance.now() - startedMs, acks }
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
      event: {
        state: 'given',
        time,
        cause: 'click',
        validity: { from: time, until: 'end-of-session' },
      },
      requestId: 'req_abcdefghijklmnopqrstuvwxyz',
      subject: { ref: refs[0]! },
      noticeSha256: 'a'.repeat(64),
      present: refs,
    },
  }
}

function open(dir: string): Promise<ConsentLog> {
  return openConsentLog({
    dir: join(dir, 'log'),
    guardFile: join(dir, 'guard'),
    origin: 'localhost/consent/bench',
    keyFile: join(dir, 'key.pem'),
    createKey: true,
    onFailed: (cause) => {
      throw cause
    },
  })
}

/** This program again under strace, with 501 decisions and with one: the difference is what 500 cost. */
function fsyncsPerDecision(dir: string): number | null {
  if (spawnSync('strace', ['-V']).error !== undefined) return null
  const fsyncs = (decisions: number): number => {
    const trace = join(dir, 'trace')
    const { status } = spawnSync('strace', [
      '-f',
      '-qq',
      '-e',
      'trace=fsync,fdatasync',
      '-o',
      trace,
      process.execPath,
      import.meta.filename,
      'traced',
      dir,
      String(decisions),
    ])
    if (status !== 0) throw new Error(`the traced run ended with ${status}`)
    return readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => /f(data)?sync\(/.test(line)).length
  }
  return (fsyncs(501) - fsyncs(1)) / 500
}

async function appendInSequence(dir: string, decisions: number): Promise<void> {
  await using log = await open(dir)
  for (let i = 0; i < decisions; i++) await log.append(decision())
}

const [word, dir = '', decisions] = process.argv.slice(2)
if (word === 'traced') await appendInSequence(dir, Number(decisions))
else await tell(measure)
