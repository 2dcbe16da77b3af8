import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sealTo } from '../../../src/recording/seal.ts'
import { newReader } from './support/call.ts'
import { assentOpen, filesIn } from './support/opened.ts'
import { simulate, sound, type Simulation } from './support/simulated.ts'

const segment = 'tracks/0-microphone/000001.mkv.age'

test('help and mistakes explain the command', async () => {
  expect(await assentOpen('--help')).toMatchObject({
    code: 0,
    complained: '',
    said: expect.stringContaining('Usage: assent open'),
  })
  for (const [args, problem] of [
    [[], 'name one recording'],
    [['a', 'b'], 'name one recording'],
    [['a'], '--identity'],
    [['a', '--identity', 'k'], '--out'],
    [['a', '--loud'], '--loud'],
  ] as const) {
    const opened = await assentOpen(...args)
    expect(opened).toMatchObject({ code: 2, said: '' })
    expect(opened.complained).toContain(problem)
  }
})

test('what is as the manifest says is verified', async () => {
  await using stored = await store()
  expect(await stored.open()).toMatchObject({ code: 0, complained: '' })
  expect(await filesIn(stored.out)).toEqual([
    `${stored.person}/microphone-0.mkv`,
    `${stored.person}/${stored.person}.mkv`,
  ])
})

test('one changed byte is found, named, and the track left closed', async () => {
  await using stored = await store()
  const bytes = await readFile(join(stored.folder, segment))
  const before = Buffer.from(bytes)
  bytes.writeUInt8(bytes.readUInt8(300) ^ 1, 300)
  await writeFile(join(stored.folder, segment), bytes)
  const { code, said } = await stored.open()
  expect(code).toBe(1)
  expect(said).toContain('NOT VERIFIED. 2 things are wrong')
  expect(said).toMatch(
    new RegExp(`${segment}: SHA-256 is [0-9a-f]{64}, the manifest says ${sha256(before)}`),
  )
  expect(said).toMatch(
    /tracks\/0-microphone: SHA-512 is [0-9a-f]{128}, the manifest says [0-9a-f]{128}/,
  )
  expect(await filesIn(stored.out)).toEqual([])
})

test('a missing segment and a stranger among the files are found', async () => {
  await using stored = await store()
  await rm(join(stored.folder, segment))
  await appendFile(join(stored.folder, 'tracks/0-microphone/extra'), 'x')
  await mkdir(join(stored.folder, 'tracks/9-camera'))
  const { code, said } = await stored.open()
  expect(code).toBe(1)
  expect(said).toContain(`${segment}: missing`)
  expect(said).toContain('tracks/0-microphone/extra: not in the manifest')
  expect(said).toContain('tracks/9-camera: not in the manifest')
})

test('a longer segment is told by its length', async () => {
  await using stored = await store()
  const { length } = await readFile(join(stored.folder, segment))
  await appendFile(join(stored.folder, segment), 'x')
  expect((await stored.open()).said).toContain(
    `${segment}: length is ${length + 1}, the manifest says ${length}`,
  )
})

test('another notice than the one consented to is found, even when it is sealed to the reader', async () => {
  await using stored = await store()
  await writeFile(
    join(stored.folder, 'notice.age'),
    await sealTo([stored.recipient]).seal(Buffer.from('{"purpose":"another"}')),
  )
  const { code, said } = await stored.open()
  expect(code).toBe(1)
  expect(said).toMatch(/notice\.age: SHA-256 is [0-9a-f]{64}, the manifest says [0-9a-f]{64}/)
  expect(existsSync(join(stored.out, 'notice.json'))).toBe(false)
})

test('someone else’s identity opens nothing, and the readers are named', async () => {
  await using stored = await store()
  const other = await newReader(join(stored.folder, '..'), 'other')
  const opened = await assentOpen(
    stored.folder,
    '--identity',
    other.identityFile,
    '--out',
    stored.out,
  )
  expect(opened.code).toBe(2)
  expect(opened.complained).toContain('opens nothing of this recording; its readers are: archive')
  expect(existsSync(stored.out)).toBe(false)
})

test('nothing is overwritten', async () => {
  await using stored = await store()
  await mkdir(stored.out)
  expect(await stored.open()).toMatchObject({
    code: 2,
    complained: expect.stringContaining('nothing is overwritten'),
  })
})

test('what is no recording, or not yet a whole one, says so', async () => {
  await using stored = await store()
  const running = join(stored.folder, '../running')
  await cp(stored.folder, running, { recursive: true })
  await rm(join(running, 'manifest.json'))
  expect(
    (await assentOpen(running, '-i', stored.identityFile, '-o', stored.out)).complained,
  ).toContain('still running')
  expect(
    (await assentOpen(join(running, 'tracks'), '-i', stored.identityFile, '-o', stored.out))
      .complained,
  ).toContain('is no recording')
  await writeFile(join(running, 'manifest.json'), '{"schema":"assent/recording/v2"}')
  expect(await assentOpen(running, '-i', stored.identityFile, '-o', stored.out)).toMatchObject({
    code: 2,
    complained: expect.stringContaining('manifest.json cannot be read'),
  })
})

test('an identity file that is none says so', async () => {
  await using stored = await store()
  const file = join(stored.folder, '../empty.key')
  await writeFile(file, '# nothing\n\n')
  expect((await assentOpen(stored.folder, '-i', file, '-o', stored.out)).complained).toContain(
    'holds no line AGE-SECRET-KEY-1',
  )
  await writeFile(file, 'AGE-SECRET-KEY-1BROKEN\n')
  expect((await assentOpen(stored.folder, '-i', file, '-o', stored.out)).complained).toContain(
    'no age identity',
  )
  expect(
    (await assentOpen(stored.folder, '-i', `${file}.gone`, '-o', stored.out)).complained,
  ).toContain('cannot be read')
})

type Stored = AsyncDisposable & {
  folder: string
  out: string
  identityFile: string
  recipient: string
  person: string
  open(): ReturnType<typeof assentOpen>
}

/** Three seconds of one person's sound. */
async function store(): Promise<Stored> {
  const simulation: Simulation = await simulate()
  const { folder, startedAt, reader } = simulation
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  for (let i = 25; i < 200; i++) {
    recorder.packet(sound(i, startedAt + i * 20))
    if (i % 5 === 0) await recorder.tick(startedAt + i * 20)
  }
  await recorder.close(startedAt + 10_000)
  const { recording } = await simulation.read()
  const out = join(folder, '../out')
  return {
    folder,
    out,
    identityFile: reader.identityFile,
    recipient: reader.about.recipient,
    person: recording.manifest.tracks[0]!.person,
    open: () => assentOpen(folder, '--identity', reader.identityFile, '--out', out),
    [Symbol.asyncDispose]: () => simulation[Symbol.asyncDispose](),
  }
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes)
