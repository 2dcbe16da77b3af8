import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseReceipt, sha256, trustInLog, verifyReceipt } from '#audit/verify'
import { AboutMe, aboutMeSchema, newId } from '#protocol'
import { checkRecording, openName, openTrack, readRecording, unsealWith } from '#recording'
import { account, Office, refOf } from './office.ts'

let office: Office
beforeEach(async () => {
  office = await Office.open()
})
afterEach(() => office[Symbol.asyncDispose]())

const ann = account('Ann')
const ticketOf = () => office.rights.acts.ticket(ann, { lang: 'en' })

test('holds everything in a form that programs read, with its schema and a word to who gets it', async () => {
  const call = await office.call(['Ben', 'Ann'])
  const folder = await office.unpacked(await office.archiveOf(ann))
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const about = AboutMe.parse(JSON.parse(read('about-me.json')))
  expect(about.calls.map(({ session }) => session)).toEqual([call.session])
  expect(JSON.parse(read('about-me.schema.json'))).toEqual(aboutMeSchema())
  expect(read('README.txt')).toContain('assent open FOLDER')
  expect(readdirSync(folder).toSorted()).toEqual([
    'README.txt',
    'about-me.json',
    'about-me.schema.json',
    'log.vkey',
    'receipts',
    'recordings',
  ])
})

test('holds a receipt of each entry about them, which verifies without the server', async () => {
  await office.call(['Ben', 'Ann'])
  const folder = await office.unpacked(await office.archiveOf(ann))
  const trust = await trustInLog(sha256, readFileSync(join(folder, 'log.vkey'), 'utf8').trim())
  const files = readdirSync(join(folder, 'receipts'))
  expect(files.map((name) => name.replace(/\d+/, 'N')).toSorted()).toEqual([
    'assent-receipt-N-decision-given.json',
    'assent-receipt-N-request-requested.json',
  ])
  for (const name of files) {
    const texts = parseReceipt(readFileSync(join(folder, 'receipts', name), 'utf8'))
    await expect(verifyReceipt(sha256, texts, trust)).resolves.toBeDefined()
  }
})

test('holds their own tracks as sealed as they lie there; a reader opens them, and finds nobody else', async () => {
  const call = await office.call(['Ben', 'Ann'])
  const folder = await office.unpacked(await office.archiveOf(ann))
  const stored = await readRecording(join(folder, 'recordings', call.requestId))
  expect(stored.manifest.tracks.map(({ person }) => person)).toEqual([refOf(call, 'Ann')])
  expect(await checkRecording(stored, () => undefined)).toEqual([])
  const reader = unsealWith(office.identity)
  const media = Buffer.concat(await Array.fromAsync(openTrack(stored, stored.manifest.tracks[0]!, reader)))
  expect(media.length).toBe(2000)
  expect(await openName(stored, refOf(call, 'Ann'), reader)).toBe('Ann')
  expect(await openName(stored, refOf(call, 'Ben'), reader)).toBe(null)
  expect(readdirSync(join(stored.folder, 'tracks'))).toHaveLength(1)
})

test('is a demand for access that is met when the last piece was taken; what was taken is in the log', async () => {
  const call = await office.call(['Ann'])
  const { ticket } = await ticketOf()
  const pieces = (await office.rights.archive(ticket))!
  const iterator = pieces[Symbol.asyncIterator]()
  await iterator.next()
  await iterator.return?.()
  expect(await office.demandsInLog()).toEqual(['access received by page'])
  await office.archiveOf(ann)
  expect(await office.demandsInLog()).toEqual(['access received by page', 'access done by page'])
  const taken = (await office.cores(call.session)).filter(({ type }) => type === 'access')
  expect(taken).toMatchObject([{ act: 'export', event: { entity: refOf(call, 'Ann') } }])
  await office.verify()
})

test('is given once for each ticket, and for no other', async () => {
  const { ticket } = await ticketOf()
  expect(await office.rights.archive(newId.rights())).toBe(null)
  expect(await office.rights.archive(ticket)).not.toBe(null)
  expect(await office.rights.archive(ticket)).toBe(null)
})

test('of somebody of whom nothing is kept says so', async () => {
  const folder = await office.unpacked(await office.archiveOf(account('Zoe')))
  expect(readFileSync(join(folder, 'README.txt'), 'utf8')).toContain(
    'Nothing of you is kept in any recording.',
  )
})
