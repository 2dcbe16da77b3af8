import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallError, kindOf, newId, RtpCapabilities, RtpParameters, Source } from '#protocol'
import { startMedia } from '#media'
import { options } from './plain-room.ts'
import { opus } from './rtp.ts'

/**
 * Whatever passes the protocol's schema reaches mediasoup and its worker: it may be refused, never do harm. The values
 * lean towards what the room takes, so that some get past each check.
 */
const uint32 = fc.oneof(fc.constantFrom(0, 1, 2, 0xffff_ffff), fc.nat(9))
const text = fc.oneof(
  fc.constantFrom('', '0', 'r0', 'r1', 'L3T3', 'S9T9', 'x'.repeat(16)),
  fc.string({ maxLength: 12 }),
)
const fmtp = fc.dictionary(
  fc.constantFrom(
    'apt',
    'profile-id',
    'packetization-mode',
    'profile-level-id',
    'num_streams',
    '__proto__',
    'x',
  ),
  fc.oneof(
    fc.constantFrom<string | number>(0, 1, 96, '42e01f', 'zzzzzz', ''),
    fc.integer(),
    fc.string({ maxLength: 8 }),
  ),
  { maxKeys: 4 },
)
const evilCodec = fc.record(
  {
    mimeType: fc.constantFrom(
      'audio/opus',
      'video/VP8',
      'video/VP9',
      'video/H264',
      'video/rtx',
      'video/AV1',
      'audio/',
      'video/',
      'VIDEO/vp8',
      '',
    ),
    payloadType: fc.constantFrom(0, 96, 97, 111, 127),
    clockRate: fc.constantFrom(90_000, 48_000, 0),
    channels: fc.constantFrom(1, 2),
    parameters: fmtp,
    rtcpFeedback: fc.array(fc.record({ type: text, parameter: text }, { requiredKeys: ['type'] }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: ['mimeType', 'payloadType', 'clockRate'] },
)
const extensionUri = fc.constantFrom(
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'urn:3gpp:video-orientation',
  'x',
)
const video = (mimeType: string, parameters = {}) => ({
  mimeType,
  payloadType: 96,
  clockRate: 90_000,
  parameters,
})
const codecsOf = {
  audio: [
    {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { usedtx: 1 },
    },
  ],
  video: [
    video('video/VP8'),
    video('video/VP9', { 'profile-id': 0 }),
    video('video/H264', {
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
      'level-asymmetry-allowed': 1,
    }),
  ],
}
const mostly = <T>(good: fc.Arbitrary<T>, evil: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: evil })
const evilEncodings: fc.Arbitrary<unknown> = fc.array(
  fc.record(
    {
      ssrc: uint32,
      rid: text,
      codecPayloadType: fc.constantFrom(0, 96, 127),
      rtx: fc.record({ ssrc: uint32 }),
      dtx: fc.boolean(),
      scalabilityMode: text,
      maxBitrate: uint32,
    },
    { requiredKeys: [] },
  ),
  { minLength: 1, maxLength: 4 },
)

const parametersOf = (kind: 'audio' | 'video'): fc.Arbitrary<unknown> =>
  fc.record(
    {
      mid: mostly(fc.constant('0'), fc.string({ maxLength: 16 })),
      msid: text,
      codecs: mostly<unknown[]>(
        fc.constantFrom(...codecsOf[kind]).map((codec) => [codec]),
        fc.array(evilCodec, { minLength: 1, maxLength: 4 }),
      ),
      headerExtensions: mostly<unknown[]>(
        fc.constant([{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }]),
        fc.array(fc.record({ uri: extensionUri, id: fc.constantFrom(1, 14, 15, 255) }), {
          maxLength: 4,
        }),
      ),
      encodings: mostly<unknown>(
        fc.constantFrom(
          [{ ssrc: 7 }],
          [{ ssrc: 7, scalabilityMode: 'L3T3' }],
          kind === 'audio' ? [{ ssrc: 8 }] : [{ rid: 'r0' }, { rid: 'r1' }],
        ),
        evilEncodings,
      ),
      rtcp: fc.record(
        { cname: text, reducedSize: fc.boolean(), mux: fc.boolean() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['codecs', 'encodings', 'mid'] },
  )
const sent = fc
  .constantFrom(...Source.options)
  .chain((source) => parametersOf(kindOf(source)).map((given) => ({ source, given })))
const capabilities: fc.Arbitrary<unknown> = fc.record({
  codecs: fc.array(
    fc
      .oneof(evilCodec, fc.constantFrom(...codecsOf.audio, ...codecsOf.video))
      .map(({ payloadType, ...rest }) => ({
        ...rest,
        kind: rest.mimeType.startsWith('audio') ? 'audio' : 'video',
        preferredPayloadType: payloadType,
      })),
    { maxLength: 6 },
  ),
  headerExtensions: fc.array(
    fc.record({
      kind: fc.constantFrom('audio', 'video'),
      uri: extensionUri,
      preferredId: fc.constantFrom(1, 8, 255),
    }),
    { maxLength: 4 },
  ),
})

test('parameters and capabilities of any content are taken or refused, and the worker lives on', async () => {
  let hasDied = false
  await using media = await startMedia(options)
  const room = await media.openRoom(() => {
    hasDied = true
  })
  const receiver = newId.peer()
  await room.addPeer(receiver)
  const reached = { taken: 0, refused: 0, offered: 0, notOffered: 0 }
  await fc.assert(
    fc.asyncProperty(sent, capabilities, async ({ source, given }, seen) => {
      const rtpParameters = RtpParameters.parse(given)
      const sender = newId.peer()
      await room.addPeer(sender)
      const producerId = newId.producer()
      try {
        await room.produce(sender, { producerId, source, rtpParameters, paused: false })
        reached.taken += 1
        const offer = await room.consume(receiver, producerId, media.router.capabilities, {
          paused: false,
        })
        // What the protocol's own schema does not take, the server must not send.
        expect(
          RtpParameters.parse(offer?.rtpParameters).codecs[0]?.mimeType.startsWith(kindOf(source)),
        ).toBe(true)
        const other = newId.peer()
        await room.addPeer(other)
        const byOther = await room.consume(other, producerId, RtpCapabilities.parse(seen), {
          paused: true,
        })
        reached[byOther === null ? 'notOffered' : 'offered'] += 1
        const tap = await room.tap(producerId, { ip: '127.0.0.1', port: 9, rtcpMux: true })
        await tap.resume()
        await tap.close()
        room.removePeer(other)
      } catch (error) {
        if (!(error instanceof CallError)) throw error
        expect(error.code).toBe('MEDIA_REFUSED')
        reached.refused += 1
      } finally {
        room.removePeer(sender)
      }
      expect(hasDied).toBe(false)
    }),
    { numRuns: 400 },
  )
  for (const [what, times] of Object.entries(reached)) expect.soft(times, what).toBeGreaterThan(0)
  await room.produce(receiver, {
    producerId: newId.producer(),
    source: 'microphone',
    rtpParameters: { mid: '0', ...opus(1) },
    paused: false,
  })
  expect(room.producers()).toHaveLength(1)
})
