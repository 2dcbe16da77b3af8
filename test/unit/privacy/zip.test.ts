import { execFileSync } from 'node:child_process'
import {
  closeSync,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zip, type ZipFile } from '../../../src/privacy/zip.ts'
import { directory, localHeader } from '../../../src/privacy/zip-records.ts'

// Reads by another hand: Python's zipfile checks every header and every sum.
const python = (script: string, ...args: readonly string[]): string =>
  execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 })
const listed = `
import sys, json, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
  assert z.testzip() is None
  print(json.dumps([[i.filename, z.read(i).hex(), list(i.date_time), i.external_attr >> 16] for i in z.infolist()]))`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-zip-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const now = Date.parse('2026-11-25T10:20:31Z')
async function written(files: AsyncIterable<ZipFile> | Iterable<ZipFile>): Promise<string> {
  const path = join(folder, 'archive.zip')
  await pipeline(Readable.from(zip(files, now)), createWriteStream(path))
  return path
}

describe('an archive', () => {
  test('holds its files, their time and their owner’s rights, for another program to read', async () => {
    const path = await written([
      { path: 'README.txt', bytes: Buffer.from('hello') },
      { path: 'recordings/req_a/tracks/0-camera/000000.mkv.age', bytes: Buffer.alloc(100_000, 7) },
      { path: 'empty', bytes: new Uint8Array() },
    ])
    expect(JSON.parse(python(listed, path))).toEqual([
      ['README.txt', Buffer.from('hello').toString('hex'), [2026, 11, 25, 10, 20, 30], 0o100600],
      [
        'recordings/req_a/tracks/0-camera/000000.mkv.age',
        Buffer.alloc(100_000, 7).toString('hex'),
        [2026, 11, 25, 10, 20, 30],
        0o100600,
      ],
      ['empty', '', [2026, 11, 25, 10, 20, 30], 0o100600],
    ])
  })

  test('of nothing is an archive too', async () => {
    expect(JSON.parse(python(listed, await written([])))).toEqual([])
  })

  test('holds whatever bytes it is given', async () => {
    const file = fc.record({
      path: fc.stringMatching(/^[a-z0-9][a-z0-9/_.-]{0,30}[a-z0-9]$/),
      bytes: fc.uint8Array({ maxLength: 300 }),
    })
    const files = fc.uniqueArray(file, { maxLength: 8, selector: ({ path }) => path })
    await fc.assert(
      fc.asyncProperty(files, async (some) => {
        const read = JSON.parse(python(listed, await written(some))) as [string, string][]
        expect(read.map(([path, hex]) => [path, hex])).toEqual(
          some.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('hex')]),
        )
      }),
      { numRuns: 5 },
    )
  })

  test('of more files than 16 bits can count is read whole', async () => {
    const many = 70_000
    const files = function* (): Iterable<ZipFile> {
      for (let i = 0; i < many; i++) yield { path: `${i}`, bytes: Buffer.from(`${i}`) }
    }
    const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
  print(len(z.namelist()), z.read('69999').decode(), z.namelist()[65535])`
    expect(python(script, await written(files())).trim()).toBe('70000 69999 65535')
  })

  test('over 4 GiB is read to its last file, which begins beyond what 32 bits can say', async () => {
    const path = join(folder, 'large.zip')
    const end = Buffer.from('the end')
    const large = { path: Buffer.from('large'), crc: 0, size: 2 ** 32 - 2, at: 0 }
    const last = { path: Buffer.from('last'), crc: crc32(end), size: end.length, at: 2 ** 32 + 33 }
    // All of the large one is a hole in the file: it takes no room and is never read.
    const file = openSync(path, 'w')
    writeSync(file, localHeader(large, 0), 0, null, large.at)
    const header = localHeader(last, 0)
    writeSync(file, Buffer.concat([header, end]), 0, null, last.at)
    let at = last.at + header.length + end.length
    for (const piece of directory([large, last], at, 0)) at += writeSync(file, piece, 0, null, at)
    closeSync(file)
    const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
  print(z.read('last').decode(), [i.header_offset for i in z.infolist()])`
    expect(python(script, path).trim()).toBe(`the end [0, ${last.at}]`)
  })

  test('takes one file at a time, when the reader is ready for it', async () => {
    const asked: string[] = []
    const files = async function* (): AsyncIterable<ZipFile> {
      for (const path of ['a', 'b', 'c']) {
        asked.push(path)
        yield { path, bytes: Buffer.from(path) }
      }
    }
    const pieces = zip(files(), now)
    await pieces.next()
    expect(asked).toEqual(['a'])
    await pieces.return(undefined)
    expect(asked).toEqual(['a'])
  })

  test('refuses a file that no header can tell the length of', async () => {
    const huge = Object.defineProperty(new Uint8Array(), 'length', { value: 2 ** 32 })
    await expect(buffer(zip([{ path: 'a', bytes: huge }], now))).rejects.toThrow(RangeError)
  })
})
