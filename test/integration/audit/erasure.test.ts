import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyTree, erasuresFile, readErasures, type LogReport } from '#audit'
import { formatReceipt, sha256, trustInLog, verifyReceipt } from '#audit/verify'
import { newId, OperatorName, SessionId } from '#protocol'
import { verifyCommand } from '../../../src/cli/verify.ts'
import { CallLog, issuer, openLog, type Call, type Party } from '../../support/call-log.ts'
import { receiptOf } from '../../support/receipts.ts'
import { tracesIn } from '../../support/traces.ts'
import { allTraces, entriesIn, nameTraces } from '../../support/vault-disk.ts'
import { holdSession } from '../../../src/privacy/holds.ts'

const maya = { name: 'Maya Ångström', account: 'maya@example.org' }
const tomas = { name: 'Tomas Grünwald', account: 'employee-4711' }
const ines = { name: 'Ines Pereira', account: 'ines.p' }

const crowd = (n: number, size: number) =>
  Array.from({ length: size }, (_, i) => ({ name: `Guest ${n}.${i}`, account: `guest-${n}-${i}.` }))

/** The files of a log with some calls before and after the one that matters, so that its rows lie among others. */
let root: string
let call: Call
let crowded: Call
let vkey: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'assent-erasure-'))
  await using calls = await CallLog.open(join(root, 'whole'))
  vkey = calls.log.vkey
  await calls.call(crowd(1, 12))
  call = await calls.call([maya, tomas, ines], { withdraws: true })
  crowded = await calls.call(crowd(2, 12))
})
afterAll(() => rmSync(root, { recursive: true }))

let copies = 0
const copy = (of = 'whole'): string => {
  const dir = join(root, `copy-${copies++}`)
  cpSync(join(root, of), dir, { recursive: true })
  return dir
}
/** What `assent verify` makes of it, beside a server that runs. */
async function report(dir: string, ...more: readonly string[]): Promise<LogReport> {
  let out = ''
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => expect.fail(text) },
  }
  const args = ['--data', dir, '--guard', join(dir, 'guard'), '--json', ...more]
  const code = await verifyCommand(args, io)
  const read = JSON.parse(out) as LogReport
  expect(code).toBe(read.findings.length === 0 ? 0 : 1)
  return read
}
const ofParty = (name: string): Party => call.parties.find((party) => party.name === name)!
/** Of everyone's yes but this person's: what a verifier makes of the receipt that they would get now. */
async function receiptsOfOthers(log: Awaited<ReturnType<typeof openLog>>, gone: Party) {
  const trust = await trustInLog(sha256, vkey)
  const others = call.parties.filter((party) => party !== gone)
  const proven = await Promise.all(
    others.map(async ({ yes }) => verifyReceipt(sha256, await receiptOf(log, yes), trust)),
  )
  return proven.map(({ core, subject, signed }) => [
    core.event.state,
    subject?.name,
    signed?.decision.sub,
  ])
}

describe.each([
  ['who was asked', tomas.name, 2],
  ['who asked, whose name stands in the notice that all were shown', maya.name, 2],
  ['who withdrew', ines.name, 3],
])('of %s', (_, name, entries) => {
  test('the name is erased: no byte of it is in any file, what happened stays provable', async () => {
    const dir = copy()
    const gone = ofParty(name)
    await using log = await openLog(dir)
    const traces = nameTraces(dir, gone)
    const all = allTraces(dir, gone)
    const before = await receiptsOfOthers(log, gone)
    const reason = 'name-on-request'
    expect(await log.ask({ what: 'erase', target: { refs: [gone.ref] }, reason })).toEqual({
      entries,
      held: [],
    })
    expect(tracesIn(dir, traces)).toEqual([])
    expect(await receiptsOfOthers(log, gone)).toEqual(before)
    expect(await log.ask({ what: 'people', issuer, account: gone.account })).toEqual([])

    const trust = await trustInLog(sha256, vkey)
    const own = await verifyReceipt(sha256, await receiptOf(log, gone.yes), trust)
    expect([own.core.event.state, own.subject, own.signed?.decision.sub]).toEqual([
      'given',
      undefined,
      gone.ref,
    ])
    const pending = await report(dir)
    expect(pending.findings).toEqual([])
    expect(pending.checked.entries).toMatchObject({ erasedGroups: entries, erasedEntries: 0 })

    expect(await log.ask({ what: 'bury' })).toBe(entries)
    const said = await report(dir)
    expect(said.findings).toEqual([])
    expect(said.size).toBe(pending.size + entries)
    expect(tracesIn(dir, traces)).toEqual([])
    expect(tracesIn(dir, all), 'what happened is there, and the scan sees it').not.toEqual([])
  })

  test('L21 all is erased: no byte of it is in any file, everyone else’s evidence is whole', async () => {
    const dir = copy()
    const gone = ofParty(name)
    const traces = allTraces(dir, gone)
    {
      await using log = await openLog(dir)
      expect(
        new Set(tracesIn(dir, traces).map((each) => each.split(/: | as /)[1])),
        'each trace is there before, but what is only ever sealed',
      ).toEqual(new Set(Object.keys(traces).filter((what) => !sealedAlways.test(what))))
      const before = await receiptsOfOthers(log, gone)
      const own = await receiptOf(log, gone.yes)
      const erase = { what: 'erase', target: { refs: [gone.ref] }, reason: 'on-request' } as const
      expect(await log.ask(erase)).toEqual({ entries, held: [] })
      expect(tracesIn(dir, traces)).toEqual([])
      expect(await receiptsOfOthers(log, gone)).toEqual(before)
      const indexes = [gone.yes]
      expect(await log.ask({ what: 'receipts', indexes, seen: emptyTree })).toMatchObject({
        receipts: [null],
      })
      expect(await log.ask(erase), 'nothing is left to erase').toEqual({ entries: 0, held: [] })

      const pending = await report(dir)
      expect(pending.findings).toEqual([])
      expect(pending.checked.entries).toMatchObject({ erasedEntries: entries })
      const kept = join(root, 'own.json')
      writeFileSync(kept, formatReceipt(own))
      expect((await report(dir, kept)).findings, 'what they keep is theirs, and holds').toEqual([])
      expect(await log.ask({ what: 'bury' })).toBe(entries)
      expect(await log.ask({ what: 'bury' })).toBe(0)
      expect(await report(dir)).toMatchObject({ findings: [], size: pending.size + entries })
      expect(tracesIn(dir, traces)).toEqual([])
    }
    await using again = await openLog(dir)
    expect(await again.ask({ what: 'bury' })).toBe(0)
    expect(tracesIn(dir, traces)).toEqual([])
    expect(await report(dir)).toMatchObject({
      findings: [],
      checked: { entries: { erasedEntries: entries } },
    })
  })
})

test('the name first, and all of it later: both are said, and nothing is left', async () => {
  const dir = copy()
  const gone = ofParty(maya.name)
  const traces = allTraces(dir, gone)
  await using log = await openLog(dir)
  const target = { refs: [gone.ref] }
  await log.ask({ what: 'erase', target, reason: 'name-by-operator' })
  expect(await log.ask({ what: 'bury' })).toBe(2)
  await log.ask({ what: 'erase', target, reason: 'by-operator' })
  expect(await log.ask({ what: 'bury' })).toBe(2)
  expect(tracesIn(dir, traces)).toEqual([])
  expect((await report(dir)).findings).toEqual([])
})

test('everyone, one after another: pages that SQLite filled anew keep no copy of who lay there', async () => {
  const dir = join(root, 'many')
  await using calls = await CallLog.open(dir)
  const many: Call[] = []
  for (const n of [1, 2, 3]) many.push(await calls.call(crowd(n, 20)))
  const erase = async ({ parties }: Call, reason: 'on-request' | 'name-on-request') => {
    const tracesOf = reason === 'on-request' ? allTraces : nameTraces
    for (const party of parties.filter((_, i) => i % 3 > 0)) {
      const traces = tracesOf(dir, party)
      await calls.log.ask({ what: 'erase', target: { refs: [party.ref] }, reason })
      expect(tracesIn(dir, traces)).toEqual([])
    }
  }
  await erase(many[1]!, 'name-on-request')
  await erase(many[0]!, 'on-request')
  await erase(many[1]!, 'on-request')
  expect((await report(dir)).findings).toEqual([])
})

test('a whole call is erased: nobody in it, and nothing about it, is left', async () => {
  const dir = copy()
  const traces = Object.assign(
    {},
    ...call.parties.map((party, i) =>
      Object.fromEntries(
        Object.entries(allTraces(dir, party)).map(([what, needle]) => [`${what} (${i})`, needle]),
      ),
    ),
    { session: call.session, request: call.requestId },
  )
  await using log = await openLog(dir)
  const target = { session: call.session }
  const { entries } = await log.ask({ what: 'erase', target, reason: 'retention' })
  expect(entries).toBe(12)
  expect(tracesIn(dir, traces)).toEqual([])
  expect(await log.ask({ what: 'bury' })).toBe(12)
  expect((await report(dir)).findings).toEqual([])
})

describe('L22 a hold', () => {
  const by = OperatorName.parse('legal')

  test('keeps all of it, whoever asks, until it is lifted; both are in the log', async () => {
    const dir = copy()
    const gone = ofParty(tomas.name)
    const session = SessionId.parse(call.session)
    await using log = await openLog(dir)
    const world = { log, now: () => 1 }
    const { size } = await report(dir)
    expect(await holdSession(world, session, { isHeld: true, by })).toEqual([session])
    for (const target of [{ refs: [gone.ref] }, { session }])
      for (const reason of ['on-request', 'name-by-operator', 'retention'] as const)
        expect(await log.ask({ what: 'erase', target, reason })).toEqual({
          entries: 0,
          held: [session],
        })
    expect(entriesIn(dir, gone.ref)).toBe(2)
    expect(await log.ask({ what: 'bury' })).toBe(0)
    expect(await holdSession(world, session, { isHeld: false, by })).toEqual([])
    const erase = { what: 'erase', target: { refs: [gone.ref] }, reason: 'on-request' } as const
    expect(await log.ask(erase)).toEqual({ entries: 2, held: [] })
    expect(entriesIn(dir, gone.ref)).toBe(0)
    expect(await report(dir)).toMatchObject({ findings: [], size: size + 2 })
    const said = await log.ask({ what: 'session', session })
    expect(said.slice(-2).map(({ core }) => [core?.type, core?.event.state])).toEqual([
      ['hold', 'placed'],
      ['hold', 'lifted'],
    ])
  })

  test('of one call holds nothing of another, and outlives a restart', async () => {
    const dir = copy()
    const [held, free] = [ofParty(tomas.name), ofParty(ines.name)]
    const other = SessionId.parse(newId.session())
    {
      await using log = await openLog(dir)
      const world = { log, now: () => 1 }
      await expect(holdSession(world, other, { isHeld: true, by })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      await holdSession(world, SessionId.parse(call.session), { isHeld: true, by })
    }
    await using log = await openLog(dir)
    const target = { refs: [held.ref, free.ref] }
    expect(await log.ask({ what: 'erase', target, reason: 'on-request' })).toEqual({
      entries: 0,
      held: [call.session],
    })
    const guests = { refs: [crowded.parties[0]!.ref, held.ref] }
    expect(await log.ask({ what: 'erase', target: guests, reason: 'on-request' })).toEqual({
      entries: 2,
      held: [call.session],
    })
  })
})

test('while somebody reads an older state it is not said to be done; it is, once they have ended', async () => {
  const dir = copy()
  const gone = ofParty(ines.name)
  const traces = allTraces(dir, gone)
  await using log = await openLog(dir)
  {
    using reader = new DatabaseSync(join(dir, 'log/vault.db'), { readOnly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM opening').get()
    const erase = { what: 'erase', target: { refs: [gone.ref] }, reason: 'on-request' } as const
    await expect(log.ask(erase)).rejects.toMatchObject({ code: 'VAULT_BUSY' })
    await expect(log.ask({ what: 'bury' })).rejects.toMatchObject({ code: 'VAULT_BUSY' })
    expect(tracesIn(dir, traces)).not.toEqual([])
  }
  expect(await log.ask({ what: 'bury' })).toBe(3)
  expect(tracesIn(dir, traces)).toEqual([])
  expect((await report(dir)).findings).toEqual([])
})

test('killed at every step of an erasure: after a restart it is whole, or had not begun', async () => {
  const { size } = await report(copy())
  const rounds: Awaited<ReturnType<typeof killedAt>>[] = []
  while (rounds.every(({ isKilled }) => isKilled)) {
    const next = [0, 1, 2, 3].map((i) => killedAt(rounds.length + i, size))
    rounds.push(...(await Promise.all(next)))
  }
  const killed = rounds.filter(({ isKilled }) => isKilled)
  const [untouched, begun] = [false, true].map((is) => killed.filter((one) => one.isBegun === is))
  expect(untouched!.length, 'before anything was done').toBeGreaterThan(0)
  expect(begun!.filter(({ isPromised }) => !isPromised).length, 'half done').toBeGreaterThan(5)
  expect(begun!.filter(({ isPromised }) => isPromised).length, 'half said').toBeGreaterThan(2)
}, 300_000)

/** One erasure of one person, killed at its nth step, and what the next start makes of it. */
async function killedAt(step: number, size: number) {
  const gone = ofParty(maya.name)
  const dir = copy()
  const traces = allTraces(dir, gone)
  const here = (name: string): string => join(import.meta.dirname, name)
  const program = ['--import', here('killer.ts'), here('eraser.ts'), dir, gone.ref]
  const child = spawn(process.execPath, program, {
    env: { ...process.env, KILL_AT: String(step), KILL_DIR: dir },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const promised = await text(child.stdout)
  const [code, signal] = (await ended) as [number | null, string | null]
  expect([code, signal]).toEqual(signal === null ? [0, null] : [null, 'SIGKILL'])
  const isBegun = isNoted(dir)
  expect(isBegun ? [0, 2] : [2], `step ${step}`).toContain(entriesLeft(dir, gone))
  const isPromised = promised.includes('erased 2\n')
  if (isPromised) expect(isBegun, `step ${step}`).toBe(true)
  {
    await using log = await openLog(dir)
    const left = await log.ask({ what: 'entries', refs: [gone.ref] })
    expect(left.length, `step ${step}`).toBe(isBegun ? 0 : 2)
    if (isBegun) expect(tracesIn(dir, traces), `step ${step}`).toEqual([])
    expect((await report(dir)).findings, `step ${step}`).toEqual([])
    await log.ask({ what: 'bury' })
  }
  const after = await report(dir)
  expect(after.findings, `step ${step}`).toEqual([])
  expect(after.checked.entries, `step ${step}`).toMatchObject({ erasedEntries: isBegun ? 2 : 0 })
  // One leaf for each of two entries, and never a second time.
  expect(after.size - size, `step ${step}`).toBe(isBegun ? 2 : 0)
  rmSync(dir, { recursive: true })
  return { isKilled: signal !== null, isBegun, isPromised }
}

/** It is noted before it is done: from then on each start does it. */
function isNoted(dir: string): boolean {
  const [origin = ''] = vkey.split('+')
  return readErasures(erasuresFile(join(dir, 'guard')), origin)?.erased.length === 2
}

/** What a program would find that looks before the log is opened again; on a copy, since looking mends. */
function entriesLeft(dir: string, { ref }: Party): number {
  const copied = `${dir}-looked-at`
  cpSync(dir, copied, { recursive: true })
  try {
    return entriesIn(copied, ref)
  } finally {
    rmSync(copied, { recursive: true })
  }
}

const sealedAlways = /^(name|account|bare)/
