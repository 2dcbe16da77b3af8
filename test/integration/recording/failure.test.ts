import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { newId } from '#protocol'
import { openVault, readRemoved } from '#recording'
import {
  openCall,
  permit,
  produce,
  type Recorded,
  type RecordedCall,
  type Sent,
} from './support/call.ts'
import { assentOpen } from './support/opened.ts'
import { NumberedSound, recordedNumbers } from './support/sound.ts'

test('the recorder process killed: told once, the taps closed, what was sealed can be opened', async () => {
  await using call = await openCall()
  const { speaks, sent, recorded } = await speaking(call)
  using _ = speaks
  const { recording, folder, failures, failed } = recorded
  await segments(recorded, 3)
  process.kill(recorderPid(), 'SIGKILL')
  expect(await failed).toBe('died')
  await vi.waitFor(() => expect(recording.tapped()).toEqual([]), { interval: 1 })
  await expect(
    recording.apply(permit(recorded.requestId, [sent], Date.now())),
  ).rejects.toMatchObject({ code: 'RECORDER_FAILED' })
  const { tracks } = await recording.endInterval()
  expect(tracks).toHaveLength(1)
  expect(tracks[0]!.segments).toBeGreaterThanOrEqual(3)
  expect(await recording.finish()).toMatchObject({ manifestSha256: expect.any(String) })
  expect(failures).toEqual(['died'])
  expect(
    await assentOpen(
      folder,
      '--identity',
      call.readers[0]!.identityFile,
      '--out',
      join(call.scratch, 'out'),
    ),
  ).toMatchObject({ code: 0 })
  expect((await recordedNumbers(folder, sent.person, call.readers[0]!)).length).toBeGreaterThan(40)
})

test('the disk full: told once, recording ends, what was sealed can be opened', async () => {
  await using call = await openCall()
  const { speaks, sent, recorded } = await speaking(call)
  using _ = speaks
  const { recording, folder, failures, failed } = recorded
  // The kernel's own full disk, for the fourth segment.
  await mkdir(join(folder, 'tracks/0-microphone'), { recursive: true })
  await symlink('/dev/full', join(folder, 'tracks/0-microphone/000003.mkv.age.tmp'))
  expect(await failed).toBe('disk')
  await vi.waitFor(() => expect(recording.tapped()).toEqual([]), { interval: 1 })
  expect(await recording.finish()).toMatchObject({ manifestSha256: expect.any(String) })
  expect(failures).toEqual(['disk'])
  expect(await readdir(join(folder, 'tracks/0-microphone'))).toEqual([
    '000000.mkv.age',
    '000001.mkv.age',
    '000002.mkv.age',
  ])
  expect(
    await assentOpen(
      folder,
      '--identity',
      call.readers[0]!.identityFile,
      '--out',
      join(call.scratch, 'out'),
    ),
  ).toMatchObject({ code: 0 })
  expect((await recordedNumbers(folder, sent.person, call.readers[0]!)).length).toBeGreaterThan(40)
})

test('a recordings folder that cannot be written: nothing is recorded, and it is said why', async () => {
  await using call = await openCall({ vaultFolder: '/dev/null/recordings' })
  const hers = await produce(call, newId.person(), 'microphone', 'opus')
  const { recording, requestId, failures } = call.newRecording()
  await expect(recording.apply(permit(requestId, [hers], Date.now()))).rejects.toMatchObject({
    code: 'RECORDER_FAILED',
  })
  expect(failures).toEqual(['disk'])
  expect(recording.tapped()).toEqual([])
  expect(await recording.finish()).toBeNull()
})

test('a recording that is there already is left as it is', async () => {
  await using call = await openCall()
  const hers = await produce(call, newId.person(), 'microphone', 'opus')
  const { recording, requestId, folder, failures } = call.newRecording()
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'manifest.json'), 'an earlier one')
  await expect(recording.apply(permit(requestId, [hers], Date.now()))).rejects.toMatchObject({
    code: 'RECORDER_FAILED',
  })
  expect(failures).toEqual(['disk'])
  expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe('an earlier one')
})

test('the media worker killed: the streams end and are kept, the recording has not failed', async () => {
  await using call = await openCall()
  const { speaks, recorded } = await speaking(call)
  using _ = speaks
  await segments(recorded, 2)
  process.kill(call.room.workerPid, 'SIGKILL')
  await vi.waitFor(() => expect(recorded.recording.tapped()).toEqual([]), { interval: 1 })
  expect((await recorded.recording.endInterval()).tracks).toHaveLength(1)
  expect(recorded.failures).toEqual([])
  expect(await recorded.recording.finish()).not.toBeNull()
})

test('the server died: the next start completes the recording, marked so, and does not go on', async () => {
  await using call = await openCall()
  const { speaks, sent, recorded } = await speaking(call)
  using _ = speaks
  await segments(recorded, 3)
  // What a server that dies takes with it, and what it leaves.
  process.kill(recorderPid(), 'SIGKILL')
  await recorded.failed
  await using next = openVault({
    folder: call.vaultFolder,
    logOrigin: 'log.example/consent/2026',
    removedFile: call.removedFile,
  })
  const [broken, unborn] = [newId.request(), newId.request()]
  await mkdir(join(call.vaultFolder, broken))
  await writeFile(join(call.vaultFolder, broken, 'journal.jsonl'), 'nonsense\n')
  await mkdir(join(call.vaultFolder, unborn))
  const recovered = await next.recover()
  expect(recovered).toHaveLength(3)
  expect(recovered).toEqual(
    expect.arrayContaining([
      {
        requestId: recorded.requestId,
        state: 'completed',
        manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { requestId: broken, state: 'failed', cause: expect.objectContaining({ name: 'Misfit' }) },
      { requestId: unborn, state: 'empty' },
    ]),
  )
  await rm(join(call.vaultFolder, broken), { recursive: true })
  expect(await next.recover()).toEqual([])
  const manifest: unknown = JSON.parse(
    await readFile(join(recorded.folder, 'manifest.json'), 'utf8'),
  )
  expect(manifest).toMatchObject({
    state: 'interrupted',
    log: { origin: 'log.example/consent/2026', indexes: [] },
  })
  const opened = await assentOpen(
    recorded.folder,
    '--identity',
    call.readers[0]!.identityFile,
    '--out',
    join(call.scratch, 'out'),
  )
  expect(opened).toMatchObject({ code: 0 })
  expect(opened.said).toContain('The server died while it recorded')
  expect(
    (await recordedNumbers(recorded.folder, sent.person, call.readers[0]!)).length,
  ).toBeGreaterThan(40)
})

test('the server stopped in good order: nothing is lost that was recorded, the next start completes it', async () => {
  await using call = await openCall()
  const { speaks, sent, recorded } = await speaking(call)
  using _ = speaks
  await speaks.after(60)
  const count = speaks.count
  await call.vault[Symbol.asyncDispose]()
  await using next = openVault({
    folder: call.vaultFolder,
    logOrigin: null,
    removedFile: call.removedFile,
  })
  expect(await next.recover()).toHaveLength(1)
  const heard = await recordedNumbers(recorded.folder, sent.person, call.readers[0]!)
  // All but what was still on its way.
  expect(Math.max(...heard)).toBeGreaterThan(count - 20)
})

test('a person’s part destroyed while the others go on: gone from the disk, and only theirs', async () => {
  await using call = await openCall()
  const [ann, ben] = [newId.person(), newId.person()]
  const [hers, his] = [
    await produce(call, ann, 'microphone', 'opus'),
    await produce(call, ben, 'microphone', 'opus'),
  ]
  using _ann = new NumberedSound(hers)
  using benSpeaks = new NumberedSound(his)
  const recorded = call.newRecording(
    new Map([
      [ann, 'Ann'],
      [ben, 'Ben'],
    ]),
  )
  await recorded.recording.apply(permit(recorded.requestId, [hers, his], Date.now()))
  await segments(recorded, 4)
  expect(await call.vault.destroy(recorded.requestId, ann)).toEqual({
    tracks: [{ source: 'microphone' }],
  })
  expect(recorded.recording.tapped()).toEqual([his.producerId])
  expect(existsSync(join(recorded.folder, `people/${ann}.age`))).toBe(false)
  await benSpeaks.after(30)
  await recorded.recording.finish()
  await onlyBensIsLeft(call, recorded, ann, ben)
})

test('a person’s part destroyed afterwards: the manifest keeps its hash and the hash of what it replaces', async () => {
  await using call = await openCall()
  const [ann, ben] = [newId.person(), newId.person()]
  const [hers, his] = [
    await produce(call, ann, 'microphone', 'opus'),
    await produce(call, ben, 'microphone', 'opus'),
  ]
  using _ann = new NumberedSound(hers)
  using _ben = new NumberedSound(his)
  const recorded = call.newRecording(
    new Map([
      [ann, 'Ann'],
      [ben, 'Ben'],
    ]),
  )
  await recorded.recording.apply(permit(recorded.requestId, [hers, his], Date.now()))
  await segments(recorded, 4)
  const { tracks } = await recorded.recording.endInterval()
  const finished = await recorded.recording.finish()
  expect(await call.vault.destroy(recorded.requestId, ann)).toEqual({
    tracks: [{ source: 'microphone' }],
  })
  expect(await call.vault.destroy(recorded.requestId, ann)).toEqual({ tracks: [] })
  const manifest: unknown = JSON.parse(
    await readFile(join(recorded.folder, 'manifest.json'), 'utf8'),
  )
  const { mediaSha512 } = tracks.find(({ person }) => person === ann)!
  expect(manifest).toMatchObject({
    replaces: [finished!.manifestSha256],
    retentionDays: 30,
    tracks: expect.arrayContaining([
      expect.objectContaining({
        person: ann,
        mediaSha512,
        segments: [],
        destroyedAt: expect.any(Number),
      }),
    ]),
  })
  await onlyBensIsLeft(call, recorded, ann, ben)
  const { requestId } = recorded
  expect(await readRemoved(call.removedFile)).toEqual([
    { requestId, person: ann },
    { requestId, person: ann },
  ])
})

test('a whole recording erased is gone; an unknown one is not found', async () => {
  await using call = await openCall()
  const { speaks, sent, recorded } = await speaking(call)
  using _ = speaks
  await segments(recorded, 1)
  await expect(call.vault.erase(recorded.requestId)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await recorded.recording.finish()
  expect(await call.vault.list()).toEqual([recorded.requestId])
  await call.vault.erase(recorded.requestId)
  expect(await call.vault.list()).toEqual([])
  expect(existsSync(recorded.folder)).toBe(false)
  expect(await readRemoved(call.removedFile)).toEqual([
    { requestId: recorded.requestId, person: null },
  ])
  await expect(call.vault.erase(recorded.requestId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(call.vault.destroy(recorded.requestId, sent.person)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

async function speaking(
  call: RecordedCall,
): Promise<{ speaks: NumberedSound; sent: Sent; recorded: Recorded }> {
  const sent = await produce(call, newId.person(), 'microphone', 'opus')
  const speaks = new NumberedSound(sent)
  const recorded = call.newRecording(new Map([[sent.person, 'Ann']]))
  await recorded.recording.apply(permit(recorded.requestId, [sent], Date.now()))
  return { speaks, sent, recorded }
}

/** Resolves when so many segments lie on the disk. */
async function segments({ folder }: Recorded, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const names = await readdir(join(folder, 'tracks'), { recursive: true })
      expect(names.filter((name) => name.endsWith('.age')).length).toBeGreaterThanOrEqual(count)
    },
    { timeout: 30_000, interval: 20 },
  )
}

/** The one recorder process that this test started. */
function recorderPid(): number {
  const children = execFileSync(
    'pgrep',
    ['-P', String(process.pid), '-f', 'recording/recorder/main.ts'],
    { encoding: 'utf8' },
  )
  return Number(children.trim())
}

async function onlyBensIsLeft(
  call: RecordedCall,
  { folder }: Recorded,
  ann: string,
  ben: string,
): Promise<void> {
  const [reader] = call.readers
  expect(await recordedNumbers(folder, ann, reader!)).toEqual([])
  expect((await recordedNumbers(folder, ben, reader!)).length).toBeGreaterThan(50)
  expect(
    (await readdir(folder, { recursive: true })).filter((name) =>
      /^tracks\/\d+-microphone$/.test(name),
    ),
  ).toHaveLength(1)
  const opened = await assentOpen(
    folder,
    '--identity',
    reader!.identityFile,
    '--out',
    join(call.scratch, 'out'),
  )
  expect(opened).toMatchObject({ code: 0, complained: '' })
  expect(opened.said).toContain('Destroyed 1 tracks')
  expect(await readdir(join(call.scratch, 'out'))).toEqual(['Ben', 'manifest.json', 'notice.json'])
}
