import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLog, type ConsentLog } from '#audit'
import { newId } from '#protocol'
import { emptyRoot } from '../../../src/audit/merkle.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { openSnapshot } from '../../../src/audit/readers.ts'
import { sealEntry } from '../../../src/audit/seal.ts'
import { SqliteStore } from '../../../src/audit/sqlite-store.ts'
import { CallLog, issuer, openLog, type Call, type Party } from '../../support/call-log.ts'
import { eraseByHand } from '../../support/forger.ts'
import { logFiles } from '../../support/log-files.ts'
import { requestOf } from '../../support/receipts.ts'
import { tracesIn } from '../../support/traces.ts'
import { masterIn } from '../../support/vault-disk.ts'

const ines = { name: 'Ines Pereira', account: 'ines.p' }
let root: string
let call: Call
let gone: Party
let vkey: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'assent-again-'))
  await using calls = await CallLog.open(join(root, 'whole'))
  vkey = calls.log.vkey
  call = await calls.call([{ name: 'Maya Ångström', account: 'maya' }, ines])
  gone = call.parties[1]!
})
afterAll(() => rmSync(root, { recursive: true }))

let copies = 0
const copy = (): string => {
  const dir = join(root, `copy-${copies++}`)
  cpSync(join(root, 'whole'), dir, { recursive: true })
  return dir
}
const findingsIn = async (dir: string): Promise<string[]> =>
  (await checkLog({ ...logFiles(dir), vkey })).findings.map(({ code, index }) => `${code}@${index}`)

/** Whoever was erased is asked once more in the same call, under their name. */
async function askAgain(log: ConsentLog): Promise<number> {
  const notice = { ...call.notice, requestId: newId.request() }
  const text = JSON.stringify(notice)
  const request = requestOf(notice, text, gone.ref, Date.now())
  const auth = { method: 'token', issuer, time: 1 }
  const { index } = await log.append({
    key: 'asked again',
    core: request,
    notice: text,
    subject: { ...ines, auth },
  })
  return index
}
const eraseName = () =>
  ({ what: 'erase', target: { refs: [gone.ref] }, reason: 'name-on-request' }) as const

test('an erasure that a reader held up ends what was there, and not what came after it', async () => {
  const dir = copy()
  const log = await openLog(dir)
  {
    using _reader = openSnapshot(join(dir, 'log/keys.db'))
    await expect(log.ask(eraseName())).rejects.toMatchObject({ code: 'VAULT_BUSY' })
    await askAgain(log)
  }
  await log.ask({ what: 'bury' })
  await log[Symbol.asyncDispose]()
  await using _again = await openLog(dir)
  expect(await findingsIn(dir)).toEqual([])
})

test('whoever is named again after their name was erased can see it, and have it erased', async () => {
  const dir = copy()
  await using log = await openLog(dir)
  const known = { what: 'people', issuer, account: ines.account } as const
  await log.ask(eraseName())
  expect(await log.ask(known)).toEqual([])
  const index = await askAgain(log)
  expect((await log.ask(known)).map(({ ref }) => ref)).toEqual([gone.ref])
  await log.ask(eraseName())
  expect(await log.ask(known)).toEqual([])
  const left = await log.ask({ what: 'entries', refs: [gone.ref] })
  expect(left.find((entry) => entry.index === index)).toMatchObject({ subject: null })
  expect(tracesIn(dir, { name: ines.name, account: ines.account })).toEqual([])
})

test('an entry that somebody deleted and called erased does not get the log’s word for it', async () => {
  const dir = copy()
  eraseByHand(dir, gone.yes)
  expect(await findingsIn(dir)).toContain(`erasure-unnoted@${gone.yes}`)
  await expect(openLog(dir)).rejects.toMatchObject({
    code: 'LOG_CORRUPT',
    message: expect.stringContaining(`entry ${gone.yes} was erased`),
  })
})

test('of an entry that a crash kept out of the tree nothing stays, its person and key included', async () => {
  const dir = copy()
  const size = (await checkLog({ ...logFiles(dir), vkey })).size
  const about = {
    type: 'request',
    session: 'call_late',
    ref: 'person_late',
    requestId: null,
    timeMs: 1,
    evidenceDays: null,
    account: { issuer, account: 'late' },
  } as const
  const texts = { core: '{}', subject: 'Late Riser', proof: '', notice: undefined }
  {
    using store = new SqliteStore(join(dir, 'log'), emptyRoot(sha256), masterIn(dir))
    store.claim()
    store.keep([sealEntry(sha256, size, { key: 'late', about, ...texts })])
  }
  expect(tracesIn(dir, { ref: about.ref })).not.toEqual([])
  await using _log = await openLog(dir)
  expect(tracesIn(dir, { ref: about.ref, session: about.session })).toEqual([])
  using keys = new DatabaseSync(join(dir, 'log/keys.db'), { readOnly: true })
  expect(keys.prepare(`SELECT id FROM subject_key WHERE id LIKE 'person_late%'`).all()).toEqual([])
  expect(await findingsIn(dir)).toEqual([])
})
