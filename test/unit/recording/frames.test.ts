import { expect, test } from 'vitest'
import { codecOf } from '../../../src/recording/recorder/codec.ts'
import { FrameAssembler, type Frame } from '../../../src/recording/recorder/frames.ts'
import type { Ordered } from '../../../src/recording/recorder/rtp-order.ts'

const key = '10 10 02 00 9d 01 2a 40 01 f0 00'
const delta = '10 11 02 00'
const rest = '00 aa'

test('packets of one timestamp are one frame, ended by the marker', () => {
  const video = assembler('video/VP8')
  expect(video.push(packet(0, key))).toEqual([])
  expect(shown(video.push(packet(0, rest, { marker: true, arrivedAt: 7 })))).toEqual([
    'key 0, came 5 to 7',
  ])
})

test('without a marker the next timestamp ends a frame', () => {
  const video = assembler('video/VP8')
  video.push(packet(0, key))
  expect(shown(video.push(packet(3000, delta)))).toEqual(['key 0, came 5 to 5'])
})

test('video begins at a key frame, and is asked for until one comes', () => {
  const video = assembler('video/VP8')
  expect(video.needsKey).toBe(true)
  expect(video.push(packet(0, delta, { marker: true }))).toEqual([])
  expect(video.needsKey).toBe(true)
  expect(video.push(packet(3000, key, { marker: true }))).toHaveLength(1)
  expect(video.needsKey).toBe(false)
})

test('after a loss video waits for the next key frame, which says so', () => {
  const video = assembler('video/VP8')
  video.push(packet(0, key, { marker: true }))
  expect(video.push(packet(3000, delta, { marker: true, afterLoss: true }))).toEqual([])
  expect(video.push(packet(6000, delta, { marker: true }))).toEqual([])
  expect(shown(video.push(packet(9000, key, { marker: true })))).toEqual([
    'key 9000 after loss, came 5 to 5',
  ])
  expect(shown(video.push(packet(12_000, delta, { marker: true })))).toEqual(['12000, came 5 to 5'])
})

test('a key frame of which a part was lost is none', () => {
  const video = assembler('video/VP8')
  video.push(packet(0, key))
  expect(video.push(packet(0, rest, { marker: true, afterLoss: true }))).toEqual([])
  expect(video.needsKey).toBe(true)
})

test('coming in amid a frame, the rest of it is no frame', () => {
  const video = assembler('video/VP8')
  // By its bytes a key frame, but not the beginning of a partition.
  expect(video.push(packet(0, key.replace('10', '00'), { marker: true }))).toEqual([])
  expect(video.push(packet(3000, key, { marker: true }))).toHaveLength(1)
})

test('audio goes on at once after a loss', () => {
  const audio = assembler('audio/opus')
  expect(shown(audio.push(packet(0, 'f8 01')))).toEqual(['key 0, came 5 to 5'])
  expect(shown(audio.push(packet(1920, 'f8 02', { afterLoss: true })))).toEqual([
    'key 1920 after loss, came 5 to 5',
  ])
  expect(audio.needsKey).toBe(false)
})

test('padding that fills the line is no frame', () => {
  const audio = assembler('audio/opus')
  expect(audio.push(packet(0, ''))).toEqual([])
})

test('a frame that never ends is given up', () => {
  const video = assembler('video/VP8')
  video.push(packet(0, key))
  for (let i = 0; i < 5000; i++) video.push(packet(0, rest))
  expect(video.push(packet(0, rest, { marker: true }))).toEqual([])
  expect(video.needsKey).toBe(true)
})

function assembler(mimeType: string): FrameAssembler {
  const codec = codecOf({ mimeType, channels: 2, sprop: '' })
  if (codec === null) throw new Error(mimeType)
  return new FrameAssembler(codec)
}

function packet(
  timestamp: number,
  hex: string,
  { marker = false, afterLoss = false, arrivedAt = 5 } = {},
): Ordered {
  const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return { packet: { sequence: 0, timestamp, marker, payload, arrivedAt }, afterLoss }
}

const shown = (frames: readonly Frame[]): string[] =>
  frames.map(
    ({ isKey, rtp, afterLoss, firstAt, lastAt }) =>
      `${isKey ? 'key ' : ''}${rtp}${afterLoss ? ' after loss' : ''}, came ${firstAt} to ${lastAt}`,
  )
