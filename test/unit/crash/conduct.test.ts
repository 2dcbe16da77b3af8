import { describe, expect, test } from 'vitest'
import type { Line } from '../../crash/child.ts'
import { conduct, isHarmless } from '../../crash/conduct.ts'
import { Disk } from '../../crash/disk.ts'

const disk = new Disk([
  { path: '/', inode: 1n, bytes: null },
  { path: '/a.db', inode: 2n, bytes: new Uint8Array() },
  { path: '/a.db-wal', inode: 3n, bytes: new Uint8Array() },
])
for (const inode of [2n, 3n])
  disk.apply({ type: 'written', inode, offset: 0, bytes: Buffer.from('x') })
const promised = (count: number): Line[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'promised',
    key: `${index}`,
    index,
    note: '',
  }))
const closed: Line = { type: 'closed' }
const failed: Line = { type: 'failed', message: 'disk I/O error' }
const rejected: Line = { type: 'rejected', key: 'x', code: 'LOG_UNAVAILABLE' }
const later: Line = { type: 'later', code: 'LOG_UNAVAILABLE', state: 'failed' }
const refused: Line = { type: 'refused', code: 'LOG_UNAVAILABLE', message: '' }
const eio = { act: 'EIO', kind: 'sync' } as const

describe('a fault is harmless', () => {
  test.each([
    ['it starts', []],
    ['it appends', promised(4)],
    ['it starts again', [...promised(9), closed]],
  ])('never when %s and the file holds what nothing else does', (_, before) => {
    expect(isHarmless(eio, before, 3n, disk)).toBe(false)
    expect(isHarmless({ ...eio, kind: 'write' }, before, 3n, disk)).toBe(false)
  })

  test.each([
    ['the first time', promised(9)],
    ['the second time', [...promised(9), closed, ...promised(24)]],
  ])('when it closes %s', (_, before) => {
    expect(isHarmless(eio, before, 3n, disk)).toBe(true)
  })

  test('at a folder, at a name, at pages that stay in the write-ahead log', () => {
    expect(isHarmless({ ...eio, kind: 'folder' }, [], 1n, disk)).toBe(true)
    expect(isHarmless({ ...eio, kind: 'change' }, [], 0n, disk)).toBe(true)
    expect(isHarmless({ ...eio, kind: 'write' }, [], 2n, disk)).toBe(true)
  })

  test('at a sync for which nothing waits', () => {
    const idle = new Disk([
      { path: '/', inode: 1n, bytes: null },
      { path: '/a', inode: 2n, bytes: new Uint8Array() },
    ])
    expect(isHarmless(eio, [], 2n, idle)).toBe(true)
    expect(isHarmless({ ...eio, kind: 'write' }, [], 2n, idle)).toBe(false)
  })
})

describe('a log', () => {
  const of = (...lines: readonly Line[]): string[] => conduct(eio, lines, false)

  test('says receipts while nothing has failed', () => {
    const receipt: Line = { type: 'receipt', index: 2, sha256: '' }
    expect(conduct(eio, [...promised(3), receipt], true)).toEqual([])
  })

  test('lives on only when the fault was harmless', () => {
    const wholeLife = [...promised(9), closed, ...promised(24), closed]
    expect(conduct(eio, wholeLife, true)).toEqual([])
    expect(of(...wholeLife)).toEqual(['it went on after an operation had failed'])
  })

  test('lives on after half a write, which is no error', () => {
    const short = { act: 'short', kind: 'write' } as const
    expect(conduct(short, promised(9), true)).toEqual([])
    expect(conduct(short, [refused], true)).toEqual(['it failed, though there was no error'])
  })

  test('that fails says so once, rejects everything, and stays failed; or could not be opened', () => {
    expect(of(...promised(4), failed, rejected, rejected, later, closed)).toEqual([])
    expect(of(refused)).toEqual([])
    expect(of({ ...refused, code: 'EIO' })).toEqual([])
  })

  test.each<[string, readonly Line[], string]>([
    ['promises more', [failed, rejected, ...promised(1), later], 'it promised more after'],
    ['does not say so', [rejected, later], 'it did not say once'],
    ['says so twice', [failed, failed, rejected, later], 'it did not say once'],
    ['blames the entry', [failed, { ...rejected, code: 'BAD_REQUEST' }, later], 'it rejected with'],
    ['is refused for another reason', [{ ...refused, code: 'LOG_CORRUPT' }], 'it rejected with'],
    ['rejects as the disk does', [failed, { ...rejected, code: 'EIO' }, later], 'it rejected with'],
    ['takes one later', [failed, rejected, { ...later, code: 'none' }], 'it rejected with none'],
    ['stays open', [failed, rejected, { ...later, state: 'open' }], 'it was not failed for good'],
  ])('that %s has gone wrong, harmless or not', (_, lines, complaint) => {
    expect(of(...lines)).toEqual([expect.stringContaining(complaint)])
    expect(conduct(eio, lines, true)).toEqual([expect.stringContaining(complaint)])
  })
})
