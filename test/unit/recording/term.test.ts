import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId, ReaderId, Sha256 } from '#protocol'
import { readTerm } from '#recording'
import { lineOf, type Line } from '../../../src/recording/journal.ts'
import { writeManifest } from '../../../src/recording/manifest.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-term-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sha256 = Sha256.parse('a'.repeat(64))
const session = newId.session()
const head = {
  requestId: newId.request(),
  session,
  noticeSha256: sha256,
  startedAt: 1000,
  retentionDays: 7,
  readers: [{ readerId: ReaderId.parse('archive'), recipient: 'age1abc' }],
}
const track = (n: number): Line => ({
  type: 'track',
  n,
  person: newId.person(),
  source: 'microphone',
  codec: 'opus',
  width: null,
  height: null,
})
const segment = (n: number, to: number): Line => ({
  type: 'segment',
  n,
  i: 0,
  bytes: 10,
  sha256,
  from: to - 1,
  to,
})
const journal = (...lines: Line[]): Promise<void> =>
  writeFile(
    join(folder, 'journal.jsonl'),
    [{ type: 'recording', ...head } as const, ...lines].map(lineOf).join(''),
  )
const known = (endedAt: number) => ({ session, endedAt, retentionDays: 7 })

test('is counted from the end of the track that ended last', async () => {
  await journal(track(0), track(1), segment(1, 9000), segment(0, 8000))
  expect(await readTerm(folder)).toEqual(known(9000))
})

test('is read from the ends of a journal that is long', async () => {
  const gaps = Array.from(
    { length: 3000 },
    (_, i): Line => ({ type: 'gap', n: 0, from: i, to: i + 1, cause: 'loss' }),
  )
  await journal(track(0), ...gaps, segment(0, 5000))
  expect(await readTerm(folder)).toEqual(known(5000))
  // Far from its end, where only a whole reading finds it.
  await journal(track(0), segment(0, 5000), ...gaps)
  expect(await readTerm(folder)).toEqual(known(5000))
})

test('of one in which nothing was recorded is counted from its start', async () => {
  await journal()
  expect(await readTerm(folder)).toEqual(known(1000))
})

test('survives the half of a removal: the manifest tells it too', async () => {
  const about = { person: newId.person(), source: 'microphone' as const, codec: 'opus' }
  const done = { destroyedAt: null, segments: [], gaps: [], mediaSha512: 'b'.repeat(128) }
  await writeManifest(folder, {
    schema: 'assent/recording/v1',
    ...head,
    state: 'finished',
    log: { origin: null, indexes: [] },
    tracks: [6000, 7000, 5000].map((stoppedAt, n) => ({
      n,
      ...about,
      width: null,
      height: null,
      startedAt: 1500,
      stoppedAt,
      ...done,
    })),
    laterNotices: [],
    replaces: [],
  })
  expect(await readTerm(folder)).toEqual(known(7000))
})

test.each([
  ['nothing', async () => undefined],
  ['an empty journal', () => writeFile(join(folder, 'journal.jsonl'), '')],
  ['a journal that is none', () => writeFile(join(folder, 'journal.jsonl'), 'x\n')],
  ['a journal that begins otherwise', () => writeFile(join(folder, 'journal.jsonl'), lineOf(track(0)))],
  ['a folder of that name', () => mkdir(join(folder, 'manifest.json'))],
])('of a folder with %s is counted from its last change', async (_, write) => {
  await write()
  const before = Date.now() + 1
  expect(await readTerm(folder)).toMatchObject({ session: null, retentionDays: null })
  expect((await readTerm(folder))!.endedAt).toBeLessThanOrEqual(before)
})

test('of a folder that has gone meanwhile is none', async () => {
  await rm(folder, { recursive: true })
  expect(await readTerm(folder)).toBe(null)
})
