import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sha256, trustInLog, verifyReceipt } from '#audit/verify'
import { emptyTree } from '#audit'
import { CallError } from '#protocol'
import { findBytes } from '../../support/find-bytes.ts'
import { account, dayMs, issuer, Office, refOf } from './office.ts'

let office: Office
beforeEach(async () => {
  office = await Office.open()
})
afterEach(() => office[Symbol.asyncDispose]())

const ann = account('Ann')
const ben = account('Ben')
const erase = (who = ann) => office.rights.acts.erase(who, {})
const see = (who = ann) => office.rights.acts.see(who, {})
const traces = { name: 'Ann', account: 'ann@example.org' }

/** What lies of people in rights.db and beside it, sealed: not even that may be left. */
function sealedRows(): Record<string, Uint8Array> {
  using rights = new DatabaseSync(join(office.dir, 'rights.db'), { readOnly: true })
  using keys = new DatabaseSync(join(office.dir, 'rights-keys.db'), { readOnly: true })
  const rows = [
    ...rights.prepare('SELECT account, who, name FROM person').all(),
    ...rights.prepare('SELECT said FROM demand WHERE said IS NOT NULL').all(),
    ...keys.prepare('SELECT wrapped FROM subject_key').all(),
  ]
  return Object.fromEntries(
    rows.flatMap((row, i) =>
      Object.entries(row).flatMap(([column, value]) =>
        value instanceof Uint8Array ? [[`${i} ${column}`, value]] : [],
      ),
    ),
  )
}

test('takes the name, the link to the account and their part of recordings; the person is told what stays and until when', async () => {
  const call = await office.call(['Ben', 'Ann'])
  await office.rights.acts.correct(ann, { name: 'Annabella' })
  const erased = await erase()
  expect(erased).toMatchObject({
    request: { right: 'erase', state: 'done', heldBack: [] },
    tracks: 1,
    whole: 0,
    stays: [{ session: call.session, why: 'proof' }],
  })
  expect(erased.stays[0]!.until).toBeGreaterThan(call.endedMs + 364 * dayMs)
  const about = await see()
  expect([about.calls, about.recordings, about.requests, about.names.kept]).toEqual([[], [], [], []])
  expect(office.rights.wishesOf(ann)).toEqual({ neverRecorded: false, name: null })
  expect((await see(ben)).recordings[0]?.tracks[0]?.destroyedAt).toBe(null)
  const entries = await office.log.ask({ what: 'entries', refs: [refOf(call, 'Ann')] })
  expect(entries.map(({ core, subject }) => [core?.event.state, subject])).toEqual([
    ['requested', null],
    ['given', null],
    ['destroyed', null],
  ])
  await office.verify()
})

test('leaves no byte of who they were in any file, and every receipt of the others good', async () => {
  const call = await office.call(['Ben', 'Ann'])
  await office.rights.acts.correct(ann, { name: 'Annabella' })
  await office.rights.acts.object(ann, { words: 'leave me alone' })
  const sealed = sealedRows()
  expect(findBytes([office.dir], sealed).length).toBeGreaterThanOrEqual(Object.keys(sealed).length)
  const pseudonyms = (await see()).calls.map(({ person }) => person)
  await erase()
  await office.log.ask({ what: 'bury' })
  expect(findBytes([office.dir], { ...traces, ...sealed, words: 'leave me alone' })).toEqual([])
  expect(pseudonyms).toEqual([refOf(call, 'Ann')])
  const index = call.yeses.get(refOf(call, 'Ben'))!
  const answer = await office.log.ask({ what: 'receipts', indexes: [index], seen: emptyTree })
  const trust = await trustInLog(sha256, office.log.vkey)
  await expect(verifyReceipt(sha256, answer!.receipts[0]!, trust)).resolves.toBeDefined()
  await office.verify()
})

test('is refused where all is on hold, with its code, and the refusal is in the log; nothing was touched', async () => {
  const call = await office.call(['Ann', 'Ben'])
  await office.hold(call.session, true)
  const before = JSON.stringify((await see()).calls)
  await expect(erase()).rejects.toMatchObject({ code: 'ON_HOLD' })
  const about = await see()
  expect(JSON.stringify(about.calls)).toBe(before)
  expect(about.recordings[0]?.tracks[0]?.destroyedAt).toBe(null)
  expect(about.requests).toMatchObject([{ right: 'erase', state: 'refused', reason: 'ON_HOLD' }])
  expect(office.told).toEqual([])
  expect(await office.demandsInLog()).toEqual(['erase received by page', 'erase refused by page'])
  await office.hold(call.session, false)
  expect(await erase()).toMatchObject({ request: { state: 'done' }, tracks: 1 })
  await office.verify()
})

test('passes over one call on hold, says so, and goes on by itself when the hold is lifted', async () => {
  const held = await office.call(['Ann'])
  const free = await office.call(['Ann'])
  await office.hold(held.session, true)
  const erased = await erase()
  expect(erased.request.heldBack).toEqual([held.session])
  expect(erased.stays.map(({ session, why }) => [session, why])).toEqual([
    [free.session, 'proof'],
    [held.session, 'hold'],
  ])
  const subjects = async (ref: string) =>
    (await office.log.ask({ what: 'entries', refs: [ref] })).flatMap(({ subject }) => subject ?? [])
  expect(await subjects(refOf(free, 'Ann'))).toEqual([])
  expect((await subjects(refOf(held, 'Ann'))).length).toBe(2)
  await office.hold(held.session, false)
  expect(await subjects(refOf(held, 'Ann'))).toEqual([])
  await office.verify()
})

test('by letter with all takes what proves their decisions as well', async () => {
  const call = await office.call(['Ann', 'Ben'])
  const letter = { issuer, account: 'ann@example.org', all: true }
  const erased = await office.rights.commands['rights.erase'](letter, 'otto')
  expect(erased).toMatchObject({ whole: 1, stays: [] })
  const entries = await office.log.ask({ what: 'entries', refs: [refOf(call, 'Ann')] })
  expect(entries.flatMap(({ core }) => core ?? [])).toEqual([])
  expect(await office.demandsInLog()).toEqual(['erase received by letter', 'erase done by letter'])
})

test('that a crash interrupted is gone on with at the next start', async () => {
  const call = await office.call(['Ann', 'Ben'])
  const real = office.append
  office.append = (entry) =>
    entry.core.type === 'destroyed'
      ? Promise.reject(new CallError('LOG_UNAVAILABLE', 'full'))
      : real(entry)
  await expect(erase()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  expect((await see()).requests).toMatchObject([{ right: 'erase', state: 'received' }])
  office.append = real
  await office.restart()
  expect((await see()).calls).toEqual([])
  const said = (await office.cores(call.session)).filter(({ type }) => type === 'destroyed')
  expect(said).toHaveLength(1)
  expect(findBytes([office.dir], traces)).toEqual([])
  expect(await office.demandsInLog()).toEqual(['erase received by page', 'erase done by page'])
  await office.verify()
})
