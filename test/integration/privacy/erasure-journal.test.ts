import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkLog, openConsentLog, type ConsentLog } from '#audit'
import { findBytes } from '../../support/find-bytes.ts'
import { logFiles, logOptions } from '../../support/log-files.ts'
import type { RecordedCall } from '../../support/recorded-call.ts'
import { SweptFolder } from './swept.ts'

let at: SweptFolder
let call: RecordedCall
beforeEach(async () => {
  at = await SweptFolder.open()
  call = await at.call(['Anna Adler', 'Ben Brandt'])
})
afterEach(() => at[Symbol.asyncDispose]())

const journal = (): string => join(at.dir, 'guard.erasures')
const started = (): Promise<ConsentLog> =>
  openConsentLog({ ...logOptions(at.dir), onFailed: () => undefined })
const indexesOf = async (ref: string): Promise<number[]> =>
  (await at.log.ask({ what: 'entries', refs: [ref] })).map(({ index }) => index)

test('an erasure and a hold are noted, by number and by the call’s id, and nobody is named', async () => {
  const [anna] = call.people
  const indexes = await indexesOf(anna!.ref)
  await at.log.ask({ what: 'hold', session: call.session, isHeld: true })
  await at.log.ask({ what: 'hold', session: call.session, isHeld: false })
  await at.log.ask({ what: 'erase', target: { refs: [anna!.ref] }, reason: 'on-request' })
  const lines = readFileSync(journal(), 'utf8').split('\n').slice(0, -1)
  expect([...lines.slice(0, 4), ...lines.slice(4).toSorted()]).toEqual([
    'assent-erasures/v1 localhost:4443/consent/test',
    'held',
    `held ${call.session}`,
    'held',
    ...indexes.map((index) => `${index} on-request`).toSorted(),
  ])
})

test('what was noted and not done, because of a crash, is done at the next start', async () => {
  const [anna] = call.people
  const indexes = await indexesOf(anna!.ref)
  await at.log[Symbol.asyncDispose]()
  expect(findBytes([join(at.dir, 'log')], { ref: anna!.ref }).length).toBeGreaterThan(0)
  appendFileSync(journal(), indexes.map((index) => `${index} on-request\n`).join(''))
  appendFileSync(journal(), `held ${call.session}\n12 on-requ`)
  {
    await using log = await started()
    expect(await log.ask({ what: 'entries', refs: [anna!.ref] })).toEqual([])
    expect(await log.ask({ what: 'hold', session: null })).toEqual([call.session])
    expect(await log.ask({ what: 'pending' })).toBe(indexes.length)
    expect(await log.ask({ what: 'bury' })).toBe(indexes.length)
  }
  // Whoever asked stands in the row of what was shown, by an id that nothing else knows any more.
  expect(findBytes([join(at.dir, 'log')], { name: 'Anna Adler' })).toEqual([])
  const { findings } = await checkLog({ ...logFiles(at.dir), vkey: at.log.vkey })
  expect(findings).toEqual([])
  await (await started())[Symbol.asyncDispose]()
  expect(readFileSync(journal(), 'utf8')).not.toContain('12 on-requ\n')
  expect(readFileSync(journal(), 'utf8').split('\n').length).toBe(indexes.length + 3)
})

test('a lost journal is written anew from the tree and the vault', async () => {
  const [anna, ben] = call.people
  await at.log.ask({ what: 'erase', target: { refs: [anna!.ref] }, reason: 'on-request' })
  await at.log.ask({ what: 'bury' })
  await at.log.ask({ what: 'erase', target: { refs: [ben!.ref] }, reason: 'name-on-request' })
  await at.log[Symbol.asyncDispose]()
  const lines = (): string[] => readFileSync(journal(), 'utf8').split('\n').toSorted()
  const before = lines()
  rmSync(journal())
  await (await started())[Symbol.asyncDispose]()
  expect(lines()).toEqual(before)
})

test.each([
  ['of another log', 'assent-erasures/v1 else\nheld\n', 'does not tell of the erasures of'],
  ['with a line that says nothing', 'assent-erasures/v1 localhost:4443/consent/test\n1 by-magic\n', 'tells of no erasure'],
])('one %s refuses the start', async (_, text, message) => {
  await at.log[Symbol.asyncDispose]()
  writeFileSync(journal(), text)
  await expect(started()).rejects.toMatchObject({
    code: 'LOG_CORRUPT',
    message: expect.stringContaining(message),
  })
})
