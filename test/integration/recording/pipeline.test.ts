import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { newId, Sha256 } from '#protocol'
import { readRecording } from '#recording'
import { noticeFor, openCall, permit, produce, sendWithFfmpeg, type Recorded } from './support/call.ts'
import { assentOpen, decode, filesIn, probe } from './support/opened.ts'

const run = promisify(execFile)

test.each(['vp8', 'vp9', 'h264'])(
  '%s and Opus, recorded, opened, played without a complaint',
  async (codec) => {
    await using call = await openCall()
    const ann = newId.person()
    const camera = await produce(call, ann, 'camera', codec)
    const microphone = await produce(call, ann, 'microphone', 'opus')
    await using _video = await sendWithFfmpeg(call, camera, codec)
    await using _audio = await sendWithFfmpeg(call, microphone, 'opus')
    const recorded = call.newRecording(new Map([[ann, 'Ann <the host>']]))
    const { recording, requestId, folder } = recorded
    await recording.apply(permit(requestId, [camera, microphone], Date.now()))
    expect(recording.tapped().toSorted()).toEqual(
      [camera.producerId, microphone.producerId].toSorted(),
    )
    await sealed(recorded, { camera: 3, microphone: 3 })
    const interval = await recording.endInterval()
    expect(recording.tapped()).toEqual([])
    expect(
      interval.tracks
        .map(({ person, source, kind }) => ({ person, source, kind }))
        .toSorted((a, b) => (a.source < b.source ? -1 : 1)),
    ).toEqual([
      { person: ann, source: 'camera', kind: 'video' },
      { person: ann, source: 'microphone', kind: 'audio' },
    ])
    const finished = await recording.finish([2])
    expect(recorded.failures).toEqual([])
    expect(finished?.manifestSha256).toBe(sha256(await readFile(join(folder, 'manifest.json'))))

    const out = join(call.scratch, 'opened')
    const opened = await assentOpen(
      folder,
      '--identity',
      call.readers[0]!.identityFile,
      '--out',
      out,
    )
    expect(opened).toMatchObject({ code: 0, complained: '' })
    expect(opened.said).toContain('VERIFIED.')
    expect(opened.said).toContain(finished!.manifestSha256)
    const files = await filesIn(out)
    expect(files).toEqual([
      'Ann-the-host/Ann-the-host.mkv',
      ...files.filter((file) => /\/(camera|microphone)-[01]\.mkv$/.test(file)),
    ])
    expect(files).toHaveLength(3)
    for (const file of files) expect(await decode(join(out, file)), file).toBe('')
    const streams = await probe(join(out, files[0]!))
    expect(streams.map(({ codec: name }) => name).toSorted()).toEqual([codec, 'opus'].toSorted())
    // Merging leaves each track where it was.
    for (const { source, startedAt } of interval.tracks) {
      const [alone] = await probe(join(out, files.find((file) => file.includes(`/${source}-`))!))
      const { manifest } = JSON.parse(
        `{"manifest":${await readFile(join(folder, 'manifest.json'), 'utf8')}}`,
      ) as { manifest: { startedAt: number } }
      expect(Math.abs(alone!.startMs - (startedAt - manifest.startedAt))).toBeLessThanOrEqual(1)
      expect(streams.map(({ startMs }) => startMs)).toContain(alone!.startMs)
    }
  },
)

test('each reader can open it, and so can the age command alone', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const camera = await produce(call, ann, 'camera', 'vp8')
  await using _video = await sendWithFfmpeg(call, camera, 'vp8')
  const recorded = call.newRecording()
  await recorded.recording.apply(permit(recorded.requestId, [camera], Date.now()))
  await sealed(recorded, { camera: 2 })
  await recorded.recording.finish()
  for (const [i, { identityFile }] of call.readers.entries()) {
    const out = join(call.scratch, `out-${i}`)
    expect(
      await assentOpen(recorded.folder, '--identity', identityFile, '--out', out),
    ).toMatchObject({ code: 0 })
    const { stdout } = await run(
      'age',
      ['-d', '-i', identityFile, join(recorded.folder, 'tracks/0-camera/000000.mkv.age')],
      { encoding: 'buffer' },
    )
    expect(stdout.subarray(0, 4).toString('hex')).toBe('1a45dfa3')
  }
})

test('a notice that changed in the middle goes with the recording, and must be the one that was shown', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const microphone = await produce(call, ann, 'microphone', 'opus')
  await using _audio = await sendWithFfmpeg(call, microphone, 'opus')
  const recorded = call.newRecording()
  const { recording, requestId, folder } = recorded
  await recording.apply(permit(requestId, [microphone], Date.now()))
  await sealed(recorded, { microphone: 2 })
  await recording.endInterval()
  const later = noticeFor(requestId)
  await recording.changeNotice(later, Sha256.parse(sha256(later)))
  await recording.apply(permit(requestId, [microphone], Date.now()))
  await sealed(recorded, { microphone: 4 })
  await recording.endInterval()
  await recording.finish([2])
  const open = (out: string) =>
    assentOpen(folder, '-i', call.readers[0]!.identityFile, '-o', join(call.scratch, out))
  expect(await open('opened')).toMatchObject({ code: 0, complained: '' })
  expect(await readFile(join(call.scratch, 'opened/notice-2.json'), 'utf8')).toBe(later)
  const { laterNotices } = (await readRecording(folder)).manifest
  expect(laterNotices.map((one) => one.sha256)).toEqual([sha256(later)])

  await copyFile(join(folder, 'notice.age'), join(folder, 'notice-2.age'))
  const swapped = await open('swapped')
  expect(swapped.code).toBe(1)
  expect(swapped.said).toMatch(/notice-2\.age: SHA-256 is [0-9a-f]{64}, the manifest says/)
})

test('no name, no room, no address and no picture lies on a disk in the clear', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const camera = await produce(call, ann, 'camera', 'vp8')
  await using _video = await sendWithFfmpeg(call, camera, 'vp8')
  const recorded = call.newRecording(new Map([[ann, 'Annabelle']]))
  await recorded.recording.apply(permit(recorded.requestId, [camera], Date.now()))
  await sealed(recorded, { camera: 3 })
  await scan(recorded.folder)
  await recorded.recording.finish()
  await scan(recorded.folder)
})

test('lost packets leave gaps and files that still play', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const camera = await produce(call, ann, 'camera', 'vp8')
  const microphone = await produce(call, ann, 'microphone', 'opus')
  let lost = 0
  // Every 20th RTP packet; reports pass.
  const lossy = () => {
    let count = 0
    return (packet: Buffer) => {
      const isLost = (packet[1]! & 0x7f) !== 72 && ++count % 20 === 0
      if (isLost) lost++
      return !isLost
    }
  }
  await using _video = await sendWithFfmpeg(call, camera, 'vp8', lossy())
  await using _audio = await sendWithFfmpeg(call, microphone, 'opus', lossy())
  const recorded = call.newRecording(new Map([[ann, 'Ann']]))
  await recorded.recording.apply(permit(recorded.requestId, [camera, microphone], Date.now()))
  await sealed(recorded, { camera: 4, microphone: 4 })
  await recorded.recording.finish()
  expect(lost).toBeGreaterThan(5)
  const out = join(call.scratch, 'opened')
  const opened = await assentOpen(
    recorded.folder,
    '--identity',
    call.readers[0]!.identityFile,
    '--out',
    out,
  )
  expect(opened).toMatchObject({ code: 0 })
  expect(opened.said).toContain('lost on the way')
  for (const file of await filesIn(out)) expect(await decode(join(out, file)), file).toBe('')
})

test('a camera that goes off leaves sound alone, and the same permit goes on', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const camera = await produce(call, ann, 'camera', 'vp8')
  const microphone = await produce(call, ann, 'microphone', 'opus')
  await using _video = await sendWithFfmpeg(call, camera, 'vp8')
  await using _audio = await sendWithFfmpeg(call, microphone, 'opus')
  const recorded = call.newRecording()
  const both = permit(recorded.requestId, [camera, microphone], Date.now())
  await recorded.recording.apply(both)
  await sealed(recorded, { camera: 1, microphone: 1 })
  call.room.room.closeProducer(camera.producerId)
  await vi.waitFor(() => expect(recorded.recording.tapped()).toEqual([microphone.producerId]), {
    interval: 1,
  })
  // The room may still name it for a moment.
  await recorded.recording.apply(both)
  await sealed(recorded, { microphone: 3 })
  const { tracks } = await recorded.recording.endInterval()
  const [seen, heard] = ['camera', 'microphone'].map(
    (source) => tracks.find((track) => track.source === source)!,
  )
  expect(heard!.stoppedAt - seen!.stoppedAt).toBeGreaterThan(500)
  expect(recorded.failures).toEqual([])
  await recorded.recording.finish()
})

/** Resolves when so many segments of each source lie on the disk. */
async function sealed(
  { folder, failures }: Recorded,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(failures).toEqual([])
      const names = await readdir(join(folder, 'tracks'), { recursive: true })
      for (const [source, count] of Object.entries(wanted)) {
        expect(
          names.filter((name) => name.includes(`-${source}/`) && name.endsWith('.age')).length,
        ).toBeGreaterThanOrEqual(count)
      }
    },
    { timeout: 30_000, interval: 50 },
  )
}

async function scan(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  expect(files.filter((file) => file.isFile()).length).toBeGreaterThan(5)
  for (const file of files) {
    if (!file.isFile()) continue
    const path = join(file.parentPath, file.name)
    const bytes = await readFile(path)
    for (const plain of [
      Buffer.from('1a45dfa3', 'hex'),
      Buffer.from('9d012a4001f000', 'hex'),
      Buffer.from('Annabelle'),
      Buffer.from('127.0.0.1'),
      Buffer.from('Example Ltd'),
    ]) {
      expect(bytes.includes(plain), `${plain.toString('hex')} in ${path}`).toBe(false)
    }
    if (file.name.endsWith('.age'))
      expect(bytes.subarray(0, 21).toString()).toBe('age-encryption.org/v1')
  }
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
