import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codecOf, type Codec } from '../../../src/recording/recorder/codec.ts'
import { readSps } from '../../../src/recording/recorder/h264-sps.ts'
import { opusDurationMs, opusHead } from '../../../src/recording/recorder/opus.ts'

const codec = (mimeType: string, sprop = ''): Codec => {
  const found = codecOf({ mimeType, channels: 2, sprop })
  if (found === null) throw new Error(`no ${mimeType}`)
  return found
}
const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')

test('what cannot be recorded is no codec', () => {
  expect(codecOf({ mimeType: 'video/AV1', channels: 0, sprop: '' })).toBeNull()
  expect(codecOf({ mimeType: 'audio/PCMU', channels: 1, sprop: '' })).toBeNull()
})

// RFC 6716 §3.1, table 2: SILK 10 to 60 ms, hybrid 10 and 20, CELT 2.5 to 20.
test.each([
  [0 << 3, 10],
  [3 << 3, 60],
  [12 << 3, 10],
  [15 << 3, 20],
  [16 << 3, 2.5],
  [19 << 3, 20],
  [31 << 3, 20],
])('Opus configuration byte %i plays %d ms', (toc, ms) => {
  expect(opusDurationMs(Uint8Array.of(toc))).toBe(ms)
  expect(opusDurationMs(Uint8Array.of(toc | 1, 0))).toBe(2 * ms)
  expect(opusDurationMs(Uint8Array.of(toc | 2, 0))).toBe(2 * ms)
  expect(opusDurationMs(Uint8Array.of(toc | 3, 0x83))).toBe(3 * ms)
})

test('the Opus header is the one of RFC 7845', () => {
  expect(Buffer.from(opusHead(2)).toString('hex')).toBe(
    '4f7075734865616401020000' + '80bb0000' + '0000' + '00',
  )
})

test('VP8: the first packet of a frame is the start of partition 0', () => {
  const vp8 = codec('video/VP8')
  expect(vp8.startsFrame(bytes('10 00'))).toBe(true)
  expect(vp8.startsFrame(bytes('00 00'))).toBe(false)
  expect(vp8.startsFrame(bytes('11 00'))).toBe(false)
})

test('VP8: descriptors go, the size of a key frame comes from its bytes', () => {
  const vp8 = codec('video/VP8')
  // Descriptor with X, I and a picture id of 15 bits; frame tag, start code, 640×480 with scaling bits set.
  const joined = vp8.join([bytes('90 80 8123 100200 9d012a 8042 e081 aa'), bytes('80 80 8123 bb')])
  expect(Buffer.from(joined!.data).toString('hex')).toBe('1002009d012a8042e081aabb')
  expect(joined).toMatchObject({
    isKey: true,
    config: { codec: 'vp8', width: 0x280, height: 0x1e0 },
  })
  expect(vp8.join([bytes('10 110200')])).toMatchObject({ isKey: false, config: null })
})

test('VP8: a key frame without its start code is none', () => {
  expect(codec('video/VP8').join([bytes('10 100200 000000 8002 e001')])).toBeNull()
})

test('VP9: size and profile come from the uncompressed header', () => {
  // Marker 10, profile 0, no existing frame, key, shown, sync code, colour space 1 range 0, 640×480.
  const header = bitsOf(
    '10 00 0 0 1 0',
    hexBits('498342'),
    '001 0',
    binary(639, 16),
    binary(479, 16),
    '0000',
  )
  const joined = codec('video/VP9').join([Buffer.concat([bytes('08'), header])])
  expect(joined).toMatchObject({
    isKey: true,
    config: { codec: 'vp9', name: 'vp09.00.10.08', width: 640, height: 480 },
  })
  const delta = bitsOf('10 00 0 1 1 0 0000 0000')
  expect(codec('video/VP9').join([Buffer.concat([bytes('48'), delta])])).toMatchObject({
    isKey: false,
    config: null,
  })
})

test('VP9: the first packet of a frame has B, in the lowest layer', () => {
  const vp9 = codec('video/VP9')
  expect(vp9.startsFrame(bytes('08 00'))).toBe(true)
  expect(vp9.startsFrame(bytes('00 00'))).toBe(false)
  expect(vp9.startsFrame(bytes('28 02 00 00'))).toBe(false)
})

// Parameter sets as x264 writes them.
const baselineSps = '6742c00dd90150878888c044000003000400000300f03c50a920'
const pps = '68cb83cb20'
const idr = '65b84000aa'

test('H.264: parameter sets leave the stream for the configuration, units get lengths', () => {
  const joined = codec('video/H264').join([stapA(baselineSps, pps), bytes(idr)])
  expect(Buffer.from(joined!.data).toString('hex')).toBe(`00000005${idr}`)
  expect(joined).toMatchObject({
    isKey: true,
    config: { codec: 'avc', name: 'avc1.42c00d', width: 322, height: 242 },
  })
  expect(Buffer.from(joined!.config!.description!).toString('hex')).toBe(
    `0142c00dffe1001a${baselineSps}010005${pps}`,
  )
})

test('H.264: parameter sets may come from the fmtp line', () => {
  const sprop = [baselineSps, pps]
    .map((set) => Buffer.from(set, 'hex').toString('base64'))
    .join(',')
  expect(codec('video/H264', sprop).join([bytes(idr)])).toMatchObject({ isKey: true })
  expect(codec('video/H264').join([bytes(idr)])).toBeNull()
})

test('H.264: fragments become the unit they were', () => {
  const h264 = codec(
    'video/H264',
    [baselineSps, pps].map((set) => Buffer.from(set, 'hex').toString('base64')).join(','),
  )
  const parts = [bytes('7c 85 b840'), bytes('7c 05 00'), bytes('7c 45 aa')]
  expect(parts.map((part) => h264.startsFrame(part))).toEqual([true, false, false])
  expect(Buffer.from(h264.join(parts)!.data).toString('hex')).toBe(`00000005${idr}`)
  expect(h264.join(parts.slice(1))).toBeNull()
  expect(h264.join(parts.slice(0, 2))).toBeNull()
})

test('H.264: a picture whose first slice was lost is none', () => {
  expect(codec('video/H264').join([bytes('41 40 aa')])).toBeNull()
  expect(codec('video/H264').join([bytes('41 9a aa')])).toMatchObject({ isKey: false })
})

test.each([
  ['cropped', baselineSps, 322, 242],
  [
    'high profile, 1080 lines',
    '67640028acd940780227e5c044000003000400000300f03c60c658',
    1920,
    1080,
  ],
  ['full colour', '67f4001e919b281407b60220000003002000000781e2c5b2c0', 640, 480],
])('H.264 parameter set: %s', (_, unit, width, height) => {
  expect(readSps(bytes(unit))).toEqual({ width, height })
  expect(readSps(bytes(unit).subarray(0, 6))).toBeNull()
})

test('no payload, however broken, does more than not be a frame', () => {
  for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264', 'audio/opus']) {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
        (payloads) => {
          const one = codec(mimeType)
          for (const payload of payloads) one.startsFrame(payload)
          one.join(payloads)
        },
      ),
    )
  }
})

function stapA(...units: string[]): Uint8Array {
  return Buffer.concat([
    Buffer.of(0x78),
    ...units.flatMap((unit) => [Buffer.of(0, unit.length / 2), Buffer.from(unit, 'hex')]),
  ])
}

const binary = (value: number, length: number): string => value.toString(2).padStart(length, '0')
const hexBits = (hex: string): string =>
  Array.from(hex, (digit) => binary(Number.parseInt(digit, 16), 4)).join('')

function bitsOf(...parts: string[]): Uint8Array {
  const bits = parts.join('').replaceAll(' ', '')
  return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    Number.parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2),
  )
}
