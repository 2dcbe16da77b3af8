import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openConsentLog,
  recordHeader,
  requestTerms,
  shownNotice,
  type ConsentLog,
  type Entry,
  type StatementKey,
} from '#audit'
import { newId, type PersonId } from '#protocol'
import { logOptions } from '../test/support/log-files.ts'
import { noticeOf } from '../test/support/notice-text.ts'
import { newStatementKey } from '../test/support/person-key.ts'
import { SignedStory } from '../test/support/signed-story.ts'
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
const peopleAtOnce = 60
const decisionsEach = 10

async function measure({ isQuick }: Plan): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'assent-bench-'))
  const roundMs = isQuick ? 200 : 1000
  try {
    const rows: Row[] = []
    const { log, next } = await open(dir, isQuick ? 600 : 6000)
    await round(log, next, 64, roundMs)
    for (const inFlight of isQuick ? [1, 64] : [1, 8, 64, 256]) {
      const measured: Round[] = []
      for (let i = 0; i < rounds; i++) measured.push(await round(log, next, inFlight, roundMs))
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

async function round(
  log: ConsentLog,
  next: () => Entry,
  inFlight: number,
  roundMs: number,
): Promise<Round> {
  const acks: number[] = []
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - startedMs < roundMs) {
        const sentMs = performance.now()
        await log.append(next())
        acks.push(performance.now() - sentMs)
      }
    }),
  )
  return { ms: performance.now() - startedMs, acks }
}

/**
 * People who have been asked, as whoever decides always was. Each signed once, beforehand: signing is the page's work,
 * checking it the connection's. A few calls decide at a time, everyone some times, and then others: who is asked at one
 * time decides at one time, and that is where the log writes.
 */
async function askPeople(
  log: ConsentLog,
  statements: StatementKey,
  count: number,
): Promise<() => Entry> {
  const story = new SignedStory(statements, log)
  const people = Array.from({ length: count }, () => askedAndDecided(newId.person(), story))
  await Promise.all(people.map(({ asked }) => log.append(asked)))
  let made = 0
  return () => {
    const before = Math.floor(made / (peopleAtOnce * decisionsEach)) * peopleAtOnce
    const { decided } = people[(before + (made % peopleAtOnce)) % count]!
    return { ...decided, key: `decision ${process.pid} ${made++}` }
  }
}

/** As large as they really are: a yes among six, with its request and both signatures. */
function askedAndDecided(ref: PersonId, story: SignedStory): { asked: Entry; decided: Entry } {
  const session = newId.session()
  const requestId = newId.request()
  const notice = noticeOf(requestId)
  const { validity } = notice
  const time = Date.now()
  const noticeSha256 = 'a'.repeat(64)
  const subject = { ref }
  const asked = story.entry(`request ${ref}`, {
    ...recordHeader('request', session),
    event: { state: 'requested', time, entity: ref, validity },
    requestId,
    subject,
    notice: shownNotice(notice, noticeSha256, noticeSha256),
    policy: 'everyone',
    ...requestTerms(notice),
  })
  const decided = story.entry('', {
    ...recordHeader('decision', session),
    event: {
      state: 'given',
      time,
      cause: 'click',
      validity: { from: time, until: 'end-of-session' },
    },
    requestId,
    subject,
    noticeSha256,
    present: Array.from({ length: 6 }, () => newId.person()),
  })
  const auth = { method: 'pwd', issuer: 'https://sign-in.example', time }
  const person = { name: 'Anna Example', account: ref, auth }
  return { asked: { ...asked, subject: person }, decided: { ...decided, subject: person } }
}

/** The log, and what to write into it. */
async function open(
  dir: string,
  people: number,
): Promise<{ log: ConsentLog; next: () => Entry }> {
  const statements = newStatementKey()
  const log = await openConsentLog({
    ...logOptions(dir, statements),
    onFailed: (cause) => {
      throw cause
    },
  })
  return { log, next: await askPeople(log, statements, people) }
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
  const { log, next } = await open(dir, peopleAtOnce)
  for (let i = 0; i < decisions; i++) await log.append(next())
  await log[Symbol.asyncDispose]()
}

const [word, dir = '', decisions] = process.argv.slice(2)
if (word === 'traced') await appendInSequence(dir, Number(decisions))
else await tell(measure)
