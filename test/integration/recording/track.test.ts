import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { disk } from '../../../src/recording/disk.ts'
import {
  numberIn,
  picture,
  pictureIn,
  simulate,
  sound,
  type ReadTrack,
  type SimulatedTrack,
} from './support/simulated.ts'

test('what arrived after a withdrawal is dropped although it waits in memory already', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  for (let i = 0; i < 100; i++) recorder.packet(sound(i, startedAt + 500 + i * 20))
  // Packet 60 came at 1700; the last ones wait to be sealed.
  await recorder.close(startedAt + 1_700)
  const { tracks } = await simulation.read()
  expect(numbers(tracks)).toEqual(range(0, 61))
  expect(tracks[0]!.about.stoppedAt).toBeLessThanOrEqual(startedAt + 1_700)
})

test('a withdrawal that reaches the recorder late still finds the youngest frames in memory', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  for (let i = 0; i <= 60; i++) recorder.packet(sound(i, startedAt + 500 + i * 20))
  await recorder.tick(startedAt + 1_700)
  await recorder.close(startedAt + 1_510)
  expect(numbers((await simulation.read()).tracks)).toEqual(range(0, 51))
})

test('after the end nothing is taken any more', async () => {
  await using simulation = await simulate()
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  for (let i = 0; i < 10; i++) recorder.packet(sound(i, simulation.startedAt + 500 + i * 20))
  await recorder.close(simulation.startedAt + 10_000)
  recorder.packet(sound(10, simulation.startedAt + 700))
  await recorder.tick(simulation.startedAt + 20_000)
  await recorder.close(simulation.startedAt + 20_000)
  expect(numbers((await simulation.read()).tracks)).toEqual(range(0, 10))
})

test('nothing is kept that may have been captured before the mark was seen', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const notBefore = startedAt + 1_000
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus', notBefore })
  // The device's clock is right; every packet takes 30 ms.
  recorder.report({ ssrc: 1, ntpMs: startedAt, rtp: 0 })
  for (let i = 0; i < 200; i++) recorder.packet(sound(i, startedAt + i * 20 + 30))
  await recorder.close(startedAt + 10_000)
  const kept = numbers((await simulation.read()).tracks)
  expect(kept[0]).toBe(54)
  expect(kept).toEqual(range(54, 200))
})

test('without a report the gate keeps more distance', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const { recorder } = simulation.track({
    source: 'microphone',
    mimeType: 'audio/opus',
    notBefore: startedAt + 1_000,
  })
  for (let i = 0; i < 200; i++) recorder.packet(sound(i, startedAt + i * 20 + 30))
  await recorder.close(startedAt + 10_000)
  const [first] = numbers((await simulation.read()).tracks)
  expect(first).toBe(69)
})

test('a key frame from before the gate does not count: another is asked for', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const track = simulation.track({
    source: 'camera',
    mimeType: 'video/VP8',
    notBefore: startedAt + 1_000,
  })
  track.recorder.packet(picture(0, startedAt + 1_010, { isKey: true }))
  for (let i = 1; i < 30; i++) track.recorder.packet(picture(i, startedAt + 1_010 + i * 33))
  expect(track.keyFramesAsked).toBe(2)
  track.recorder.packet(picture(30, startedAt + 2_000, { isKey: true }))
  await track.recorder.close(startedAt + 10_000)
  expect(pictures((await simulation.read()).tracks)).toEqual([30])
})

test('sound and picture of a person line up, whatever each of them needs to get here', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const audio = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  const video = simulation.track({ source: 'camera', mimeType: 'video/VP8' })
  // The device is a day behind; sound comes after 40 ms, pictures after 40 to 220.
  const skew = -86_400_000
  const events: { at: number; act: () => void }[] = []
  for (let i = 25; i < 500; i++)
    events.push({
      at: i * 20 + 40,
      act: () => audio.recorder.packet(sound(i, startedAt + i * 20 + 40)),
    })
  for (let i = 16; i < 300; i++) {
    const at = i * 33 + 40 + ((i * 37) % 180)
    events.push({
      at,
      act: () => video.recorder.packet(picture(i, startedAt + at, { isKey: i % 30 === 16 })),
    })
  }
  for (let ms = 1_000; ms < 10_000; ms += 1_000)
    events.push({
      at: ms,
      act: () => video.recorder.report({ ssrc: 2, ntpMs: startedAt + skew + ms, rtp: ms * 90 }),
    })
  // Reports on sound are rare.
  for (const ms of [4_000, 9_000])
    events.push({
      at: ms,
      act: () => audio.recorder.report({ ssrc: 1, ntpMs: startedAt + skew + ms, rtp: ms * 48 }),
    })
  await play(events, startedAt, [audio, video])
  const { tracks } = await simulation.read()
  const heard = tracks
    .find(({ about }) => about.source === 'microphone')!
    .packets.map(({ atMs, data }) => ({ atMs, mediaMs: numberIn(data) * 20 }))
  const seen = tracks
    .find(({ about }) => about.source === 'camera')!
    .packets.map(({ atMs, data }) => ({ atMs, mediaMs: pictureIn(data) * 33 }))
  const offset = (list: typeof heard, from: number): number[] =>
    list.filter(({ mediaMs }) => mediaMs >= from).map(({ atMs, mediaMs }) => atMs - mediaMs)
  const spread = (from: number): number =>
    Math.max(...offset(heard, from), ...offset(seen, from)) -
    Math.min(...offset(heard, from), ...offset(seen, from))
  expect(spread(0)).toBeLessThanOrEqual(40)
  expect(spread(5_000)).toBeLessThanOrEqual(4)
  expect(seen.length).toBeGreaterThan(200)
})

test('lost sound stays a gap and says so; what follows keeps its time', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const track = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  const events = range(25, 200)
    .filter((i) => i < 100 || i >= 110)
    .map((i) => ({
      at: i * 20,
      act: () => track.recorder.packet(sound(i, startedAt + i * 20)),
    }))
  await play(events, startedAt, [track])
  const {
    tracks: [heard],
  } = await simulation.read()
  const times = heard!.packets.map(({ data, atMs }) => atMs - numberIn(data) * 20)
  expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1)
  expect(heard!.about.gaps).toMatchObject([{ cause: 'loss' }])
  const [gap] = heard!.about.gaps
  expect(gap!.to - gap!.from).toBe(200)
})

test('after lost pictures nothing is written until a key frame, which is asked for', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const track = simulation.track({ source: 'camera', mimeType: 'video/VP8' })
  const events = range(16, 120)
    .filter((i) => i !== 50)
    .map((i) => ({
      at: i * 33,
      act: () =>
        track.recorder.packet(picture(i, startedAt + i * 33, { isKey: i === 16 || i === 80 })),
    }))
  await play(events, startedAt, [track])
  const {
    tracks: [seen],
  } = await simulation.read()
  expect(seen!.packets.map(({ data }) => pictureIn(data))).toEqual([
    ...range(16, 50),
    ...range(80, 120),
  ])
  expect(seen!.about.gaps).toMatchObject([{ cause: 'loss' }])
  expect(track.keyFramesAsked).toBeGreaterThanOrEqual(1)
})

test('a change of picture size begins a new file on the same clock', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const track = simulation.track({ source: 'camera', mimeType: 'video/VP8' })
  const events = range(16, 100).map((i) => ({
    at: i * 33,
    act: () =>
      track.recorder.packet(
        picture(i, startedAt + i * 33, { isKey: i % 20 === 16, width: i < 56 ? 320 : 640 }),
      ),
  }))
  await play(events, startedAt, [track])
  const { tracks } = await simulation.read()
  expect(tracks.map(({ about: { n, width } }) => [n, width])).toEqual([
    [0, 320],
    [1, 640],
  ])
  expect(tracks.map(({ packets }) => packets.map(({ data }) => pictureIn(data)))).toEqual([
    range(16, 56),
    range(56, 100),
  ])
  expect(Math.abs(tracks[1]!.packets[0]!.atMs - 56 * 33)).toBeLessThanOrEqual(1)
  const journal = await readFile(join(simulation.folder, 'journal.jsonl'), 'utf8')
  expect(journal.match(/"type":"closed","n":\d/g)).toEqual([
    '"type":"closed","n":0',
    '"type":"closed","n":1',
  ])
})

test('a camera that is silent for a minute leaves a gap, and the rest at its time', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const track = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  const events = [...range(25, 75), ...range(3_000, 3_100)].map((i, k) => ({
    at: i * 20,
    act: () => track.recorder.packet({ ...sound(i, startedAt + i * 20), sequence: k }),
  }))
  await play(events, startedAt, [track])
  const {
    tracks: [heard],
  } = await simulation.read()
  expect(heard!.about.gaps).toEqual([
    { from: startedAt + 1_500, to: startedAt + 60_000, cause: 'silence' },
  ])
  expect(heard!.packets.at(-1)!.atMs).toBe(3_099 * 20)
})

test('every segment is cut after about a second, and none holds plaintext', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const track = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  await play(
    range(25, 525).map((i) => ({
      at: i * 20,
      act: () => track.recorder.packet(sound(i, startedAt + i * 20)),
    })),
    startedAt,
    [track],
  )
  const {
    tracks: [heard],
  } = await simulation.read()
  const spans = heard!.about.segments.map(({ from, to }) => to - from)
  expect(Math.max(...spans)).toBeLessThanOrEqual(1_300)
  expect(spans.length).toBeGreaterThanOrEqual(8)
  for (const file of await readdir(simulation.folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = await readFile(join(file.parentPath, file.name))
    expect(bytes.includes(Buffer.from('1a45dfa3', 'hex')), file.name).toBe(false)
    expect(bytes.includes('OpusHead'), file.name).toBe(false)
  }
})

test('a disk that refuses ends the track and leaves what was sealed whole', async () => {
  let writes = 0
  await using simulation = await simulate({
    disk: {
      ...disk,
      async write(path, bytes) {
        if (++writes > 2)
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        await disk.write(path, bytes)
      },
    },
  })
  const { startedAt } = simulation
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  const failures: unknown[] = []
  for (let i = 25; i < 400; i++) {
    recorder.packet(sound(i, startedAt + i * 20))
    if (i % 5 === 0)
      await recorder.tick(startedAt + i * 20).catch((error: unknown) => failures.push(error))
  }
  expect(failures[0]).toMatchObject({ code: 'ENOSPC' })
  await expect(recorder.close(startedAt + 100_000)).rejects.toMatchObject({ code: 'ENOSPC' })
  const {
    tracks: [heard],
  } = await simulation.read()
  expect(heard!.about.segments).toHaveLength(2)
  expect(numbers([heard!])).toEqual(range(25, 25 + numbers([heard!]).length))
})

test('a sender who sends more frames than there are milliseconds cannot run ahead of the time', async () => {
  await using simulation = await simulate()
  const { startedAt } = simulation
  const { recorder } = simulation.track({ source: 'microphone', mimeType: 'audio/opus' })
  for (let i = 0; i < 5_000; i++)
    recorder.packet({ ...sound(i, startedAt + 500), timestamp: (i * 2 ** 28) % 2 ** 32 })
  await recorder.close(startedAt + 600)
  const {
    tracks: [heard],
  } = await simulation.read()
  expect(heard!.packets.at(-1)!.atMs).toBeLessThanOrEqual(1_500)
  expect(heard!.about.stoppedAt).toBeLessThanOrEqual(startedAt + 1_500)
})

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)
const numbers = (tracks: readonly ReadTrack[]): number[] =>
  tracks.flatMap(({ packets }) => packets.map(({ data }) => numberIn(data)))
const pictures = (tracks: readonly ReadTrack[]): number[] =>
  tracks.flatMap(({ packets }) => packets.map(({ data }) => pictureIn(data)))

/** Lets the events happen in order of time, with the ticks between them, and ends all tracks after them. */
async function play(
  events: readonly { at: number; act: () => void }[],
  startedAt: number,
  tracks: readonly SimulatedTrack[],
): Promise<void> {
  let tickAt = 0
  for (const { at, act } of events.toSorted((a, b) => a.at - b.at)) {
    for (; tickAt <= at; tickAt += 100)
      await Promise.all(tracks.map(({ recorder }) => recorder.tick(startedAt + tickAt)))
    act()
  }
  await Promise.all(tracks.map(({ recorder }) => recorder.close(startedAt + tickAt)))
}
