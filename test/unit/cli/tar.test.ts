import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tar, untar, type Packed } from '../../../src/cli/tar.ts'

type File = { readonly name: string; readonly bytes: Uint8Array }

async function* packed(files: readonly File[]): AsyncGenerator<Packed> {
  for (const { name, bytes } of files)
    yield { name, size: bytes.length, bytes: pieces(bytes, 7_000) }
}

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function whole(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}

async function unpacked(archive: Uint8Array, length = 1000): Promise<File[]> {
  const files: File[] = []
  for await (const { name, bytes } of untar(pieces(archive, length)))
    files.push({ name, bytes: new Uint8Array(await whole(bytes)) })
  return files
}

const file = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}(\/[\w.-]{1,20}){1,3}$/),
  bytes: fc.uint8Array({ maxLength: 3000 }),
})

test('what was packed is unpacked, in whatever pieces it comes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(file), fc.integer({ min: 1, max: 2000 }), async (files, length) => {
      expect(await unpacked(await whole(tar(packed(files))), length)).toEqual(
        files.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })),
      )
    }),
  )
})

test('any tar takes it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'assent-tar-'))
  const bytes = new Uint8Array(20_001).map((_, i) => i)
  await writeFile(join(dir, 'a.tar'), await whole(tar(packed([{ name: 'log/log.db', bytes }]))))
  execFileSync('tar', ['-xf', 'a.tar'], { cwd: dir })
  expect(new Uint8Array(await readFile(join(dir, 'log/log.db')))).toEqual(bytes)
  await rm(dir, { recursive: true })
})

test('a changed header, a link, or an end too early is refused', async () => {
  const archive = await whole(tar(packed([{ name: 'log/log.db', bytes: new Uint8Array(900) }])))
  for (const at of [0, 110, 125, 150, 156, 258]) {
    const changed = Buffer.from(archive)
    changed[at]! ^= 1
    await expect(unpacked(changed), String(at)).rejects.toThrow('is damaged')
  }
  for (const length of [100, 512, 1000, 1536, archive.length - 1025])
    await expect(unpacked(archive.subarray(0, length))).rejects.toThrow('ends too early')
})

test('a file that became shorter, or a name that does not fit, fails the whole', async () => {
  const short = { name: 'a', size: 5, bytes: pieces(new Uint8Array(4), 4) }
  const one = async function* (each: Packed) {
    yield each
  }
  await expect(whole(tar(one(short)))).rejects.toThrow('became shorter')
  for (const name of ['x'.repeat(101), 'ä', ''])
    await expect(whole(tar(one({ ...short, name })))).rejects.toThrow('does not fit')
})
