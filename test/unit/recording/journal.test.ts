import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newId, ReaderId, Sha256 } from '#protocol'
import { lineOf, mendJournal, readJournal, type Line } from '../../../src/recording/journal.ts'
import { tracksOf } from '../../../src/recording/manifest.ts'
import { Misfit } from '../../../src/recording/shape.ts'

const hash = Sha256.parse('a'.repeat(64))
const person = newId.person()
const head: Line = {
  type: 'recording',
  requestId: newId.request(),
  session: newId.session(),
  noticeSha256: hash,
  startedAt: 1,
  retentionDays: 30,
  readers: [{ readerId: ReaderId.parse('archive'), recipient: 'age1abc' }],
}
const track: Line = {
  type: 'track',
  n: 0,
  person,
  source: 'microphone',
  codec: 'opus',
  width: null,
  height: null,
}
const segment = (i: number): Line => ({
  type: 'segment',
  n: 0,
  i,
  bytes: 10,
  sha256: hash,
  from: 100 * i,
  to: 100 * i + 90,
})

test('what was written is read', async () => {
  await using file = await journal(lineOf(head) + lineOf(track) + lineOf(segment(0)))
  expect(await readJournal(file.path)).toEqual([head, track, segment(0)])
})

test('a folder of an older version, which does not say how long it is kept, is read', async () => {
  const { retentionDays: _, ...older } = head
  await using file = await journal(`${JSON.stringify(older)}\n`)
  expect(await readJournal(file.path)).toEqual([{ ...head, retentionDays: null }])
})

test('a line that a crash tore off is left out, and cut off before more is written', async () => {
  const whole = lineOf(head) + lineOf(track)
  await using file = await journal(whole + lineOf(segment(0)).slice(0, 20))
  expect(await readJournal(file.path)).toEqual([head, track])
  await mendJournal(file.path)
  expect(await readFile(file.path, 'utf8')).toBe(whole)
  await mendJournal(file.path)
  expect(await readFile(file.path, 'utf8')).toBe(whole)
})

test.each([
  ['no JSON', 'x\n'],
  ['an unknown line', '{"type":"else"}\n'],
  ['an unknown key', `${JSON.stringify({ ...segment(0), name: 'Ann' })}\n`],
  ['a missing key', '{"type":"closed","n":0}\n'],
  ['a hash that is none', `${JSON.stringify({ ...segment(0), sha256: 'A'.repeat(64) })}\n`],
  ['a number that is none', `${JSON.stringify({ ...segment(0), bytes: -1 })}\n`],
])('%s is refused', async (_, line) => {
  await using file = await journal(lineOf(head) + line)
  await expect(readJournal(file.path)).rejects.toThrow(Misfit)
  await expect(readJournal(file.path)).rejects.toThrow(/line 2/)
})

test('a track without segments is none; a segment without its file does not count', async () => {
  await using file = await journal('')
  expect(await tracksOf(file.folder, [head, track])).toEqual([])
  expect(await tracksOf(file.folder, [head, track, segment(0)])).toEqual([])
})

test('a closed track is taken at the journal’s word', async () => {
  await using file = await journal('')
  const lines: Line[] = [
    head,
    track,
    segment(0),
    { type: 'gap', n: 0, from: 90, to: 100, cause: 'loss' },
    segment(1),
    { type: 'closed', n: 0, mediaSha512: 'b'.repeat(128) },
  ]
  expect(await tracksOf(file.folder, lines)).toMatchObject([
    {
      n: 0,
      person,
      startedAt: 0,
      stoppedAt: 190,
      mediaSha512: 'b'.repeat(128),
      destroyedAt: null,
      segments: [{ bytes: 10 }, { bytes: 10 }],
      gaps: [{ from: 90, to: 100, cause: 'loss' }],
    },
  ])
})

test('of a destroyed track only the hash and the times are told', async () => {
  await using file = await journal('')
  const lines: Line[] = [
    head,
    track,
    segment(0),
    { type: 'closed', n: 0, mediaSha512: 'b'.repeat(128) },
    { type: 'destroyed', person, at: 7 },
  ]
  expect(await tracksOf(file.folder, lines)).toMatchObject([
    { destroyedAt: 7, segments: [], gaps: [], mediaSha512: 'b'.repeat(128) },
  ])
})

async function journal(text: string): Promise<AsyncDisposable & { folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-journal-'))
  const path = join(folder, 'journal.jsonl')
  await writeFile(path, text)
  return { folder, path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
