import { expect, test } from 'vitest'
import { Disk, type Cut } from '../../crash/disk.ts'
import type { Operation } from '../../crash/journal.ts'

const text = (bytes: Uint8Array | null | undefined): string | null | undefined =>
  bytes && Buffer.from(bytes).toString()
const all: Cut = { unit: 'write', isKept: () => true }
const none: Cut = { unit: 'write', isKept: () => false }
/** Keeps those whose turn is in the list. */
const only = (unit: Cut['unit'], ...kept: readonly number[]): Cut => {
  let turn = 0
  return { unit, isKept: () => kept.includes(turn++) }
}

const created = (path: string, inode: bigint): Operation => ({ type: 'created', path, inode })
const written = (inode: bigint, offset: number, what: string): Operation => ({
  type: 'written',
  inode,
  offset,
  bytes: Buffer.from(what),
})
const synced = (inode: bigint, isFailed = false): Operation => ({
  type: 'synced',
  inode,
  isFailed,
  isFolder: false,
})

/** The folder `/` is inode 1; `/a`, inode 2, holds `old`. */
function diskAfter(...operations: readonly Operation[]): Disk {
  const disk = new Disk([
    { path: '/', inode: 1n, bytes: null },
    { path: '/a', inode: 2n, bytes: Buffer.from('old') },
  ])
  for (const operation of operations) disk.apply(operation)
  return disk
}

test('what was there before stays', () => {
  expect([...diskAfter().after(none).keys()]).toEqual(['/', '/a'])
  expect(text(diskAfter().after(none).get('/a'))).toBe('old')
})

test('bytes last once their file was synced, and may be there before', () => {
  const before = diskAfter(written(2n, 0, 'new!'))
  expect(text(before.after(none).get('/a'))).toBe('old')
  expect(text(before.after(all).get('/a'))).toBe('new!')
  expect(
    text(
      diskAfter(written(2n, 0, 'new!'), synced(2n))
        .after(none)
        .get('/a'),
    ),
  ).toBe('new!')
  expect(
    text(
      diskAfter(synced(2n), written(2n, 0, 'new!'))
        .after(none)
        .get('/a'),
    ),
  ).toBe('old')
})

test('any of the writes may be kept, with nothing where others would be', () => {
  const disk = diskAfter(written(2n, 3, '12'), written(2n, 5, '34'))
  expect(text(disk.after(only('write', 0)).get('/a'))).toBe('old12')
  expect(text(disk.after(only('write', 1)).get('/a'))).toBe('old\0\x0034')
})

test('a write is torn where a sector of the file begins', () => {
  const disk = diskAfter(written(2n, 510, 'xxyyyy'))
  const first = text(disk.after(only('sector', 0)).get('/a'))
  expect([first?.length, first?.slice(510)]).toEqual([512, 'xx'])
  const second = text(disk.after(only('sector', 1)).get('/a'))
  expect([second?.length, second?.slice(508)]).toEqual([516, '\0\0\0\0yyyy'])
})

test('a size lasts like bytes', () => {
  const disk = diskAfter({ type: 'truncated', inode: 2n, size: 1 }, written(2n, 2, 'x'))
  expect(text(disk.after(none).get('/a'))).toBe('old')
  expect(text(disk.after(all).get('/a'))).toBe('o\0x')
  expect(text(disk.after(only('write', 1)).get('/a'))).toBe('olx')
})

test('a name lasts once its folder was synced, whether or not its file was', () => {
  const made = [created('/b', 3n), written(3n, 0, 'b'), synced(3n)]
  expect(
    diskAfter(...made)
      .after(none)
      .has('/b'),
  ).toBe(false)
  expect(
    text(
      diskAfter(...made)
        .after(all)
        .get('/b'),
    ),
  ).toBe('b')
  expect(
    text(
      diskAfter(...made, synced(1n))
        .after(none)
        .get('/b'),
    ),
  ).toBe('b')
  expect(text(diskAfter(created('/b', 3n), synced(1n)).after(none).get('/b'))).toBe('')
})

test('a rename happened or not, never by half', () => {
  const disk = diskAfter(created('/b', 3n), written(3n, 0, 'b'), synced(3n), synced(1n), {
    type: 'renamed',
    from: '/b',
    to: '/a',
  })
  expect([...disk.after(none)].map(([path, bytes]) => [path, text(bytes)])).toEqual([
    ['/', null],
    ['/a', 'old'],
    ['/b', 'b'],
  ])
  expect([...disk.after(all)].map(([path, bytes]) => [path, text(bytes)])).toEqual([
    ['/', null],
    ['/a', 'b'],
  ])
})

test('a file that was deleted may come back; one that takes its number is another', () => {
  const disk = diskAfter({ type: 'unlinked', path: '/a' }, created('/b', 2n), written(2n, 0, 'b'))
  expect(text(disk.after(none).get('/a'))).toBe('old')
  expect([...disk.after(all).keys()]).toEqual(['/', '/b'])
})

test('a second name is the same file', () => {
  const disk = diskAfter({ type: 'linked', from: '/a', to: '/b' }, written(2n, 0, 'new'))
  expect(text(disk.after(all).get('/b'))).toBe('new')
  expect(disk.after(none).has('/b')).toBe(false)
  disk.apply(synced(1n))
  const once = disk.after(only('write', 0))
  expect([text(once.get('/a')), text(once.get('/b'))]).toEqual(['new', 'new'])
})

test('a folder that was lost takes all that is in it along', () => {
  const disk = diskAfter(
    { type: 'mkdir', path: '/d', inode: 4n },
    created('/d/e', 5n),
    synced(5n),
    synced(4n),
  )
  expect([...disk.after(none).keys()]).toEqual(['/', '/a'])
  disk.apply(synced(1n))
  expect([...disk.after(none).keys()]).toEqual(['/', '/a', '/d', '/d/e'])
})

test('no later sync saves what waited for one that failed; writing it again does', () => {
  const disk = diskAfter(written(2n, 0, 'new'), synced(2n, true), synced(2n))
  expect(text(disk.after(none).get('/a'))).toBe('old')
  expect(text(disk.after(all).get('/a'))).toBe('new')
  disk.apply(written(2n, 1, 'EW'))
  disk.apply(synced(2n))
  expect(text(disk.after(none).get('/a'))).toBe('oEW')
})

test('names wait on when the sync of their folder failed', () => {
  const disk = diskAfter(created('/b', 3n), synced(1n, true))
  expect(disk.after(none).has('/b')).toBe(false)
  disk.apply(synced(1n))
  expect(disk.after(none).has('/b')).toBe(true)
})
