import { createHash } from 'node:crypto'
import { ortc } from 'mediasoup'
import { expect, test } from 'vitest'
import { type RtpCapabilities, type RtpParameters } from '#protocol'
import {
  acceptable,
  bare,
  describeRouter,
  routerCodecs,
  trimmed,
} from '../../../src/media/codecs.ts'

const absCaptureTime = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'

test('a room takes Opus, VP8, VP9 and H264, each video codec with retransmission', () => {
  const {
    capabilities: { codecs },
  } = describeRouter()
  expect(codecs.map(({ mimeType }) => mimeType)).toEqual([
    'audio/opus',
    'video/VP8',
    'video/rtx',
    'video/VP9',
    'video/rtx',
    'video/H264',
    'video/rtx',
  ])
})

test('clients are not told of abs-capture-time', () => {
  const {
    capabilities: { headerExtensions },
  } = describeRouter()
  const uris = headerExtensions.map(({ uri }) => uri)
  expect(uris).not.toContain(absCaptureTime)
  expect(uris).toContain('urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id')
})

test('the hash is over the JSON that clients get, and the same each time', () => {
  const { capabilities, sha256 } = describeRouter()
  expect(sha256).toBe(createHash('sha256').update(JSON.stringify(capabilities)).digest('hex'))
  expect(describeRouter().sha256).toBe(sha256)
})

test('header extensions that we do not offer are taken out of what a client sends', () => {
  const rtpParameters: RtpParameters = {
    ...vp8,
    headerExtensions: [
      { uri: absCaptureTime, id: 10 },
      { uri: 'urn:3gpp:video-orientation', id: 8 },
    ],
  }
  expect(acceptable('camera', rtpParameters).headerExtensions).toEqual([
    { uri: 'urn:3gpp:video-orientation', id: 8 },
  ])
})

test.each([
  ['microphone', 'video/VP8'],
  ['screenAudio', 'video/VP8'],
  ['camera', 'audio/opus'],
  ['screen', 'audio/opus'],
] as const)('%s does not take %s', (source, mimeType) => {
  const codecs = [{ mimeType, payloadType: 96, clockRate: 90_000 }]
  expect(() => acceptable(source, { codecs })).toThrow(
    expect.objectContaining({ code: 'MEDIA_REFUSED' }),
  )
})

test("of a browser's forty codecs the one in use, its retransmission and the extensions in use remain", () => {
  const stream = consumable(vp8)
  expect(trimmed(browser(), stream)).toEqual({
    codecs: [
      expect.objectContaining({ mimeType: 'video/VP8', preferredPayloadType: 101 }),
      expect.objectContaining({ mimeType: 'video/rtx', parameters: { apt: 101 } }),
    ],
    headerExtensions: expect.arrayContaining([
      expect.objectContaining({ kind: 'video', uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }),
    ]),
  })
  expect(trimmed(browser(), stream)?.headerExtensions?.every(({ kind }) => kind === 'video')).toBe(
    true,
  )
})

test('trimming changes nothing about the consumer that comes of it', () => {
  for (const each of [vp8, h264, opus]) {
    const stream = consumable(each)
    const few = trimmed(browser(), stream)
    const enableRtx = each !== opus
    if (few === null) throw new Error('not receivable')
    const full = JSON.parse(JSON.stringify(browser()))
    const withAll = consumerOf(stream, full, enableRtx)
    const withFew = consumerOf(stream, few, enableRtx)
    expect({ ...withFew, encodings: [] }).toEqual({ ...withAll, encodings: [] })
    expect(Object.keys(withFew.encodings?.[0] ?? {})).toEqual(
      Object.keys(withAll.encodings?.[0] ?? {}),
    )
  }
})

test('the H264 profile in use is chosen among those that a browser lists', () => {
  const stream = consumable(h264)
  const [codec] = trimmed(browser(), stream)?.codecs ?? []
  expect(codec?.parameters).toMatchObject({ 'profile-level-id': '42e01f', 'packetization-mode': 1 })
})

test('what cannot be received is null', () => {
  const { codecs, headerExtensions } = browser()
  const without = {
    codecs: codecs.filter(({ mimeType }) => mimeType !== 'video/VP8'),
    headerExtensions,
  }
  expect(trimmed(without, consumable(vp8))).toBeNull()
  expect(trimmed({ codecs: [], headerExtensions: [] }, consumable(opus))).toBeNull()
})

test('capabilities come out of trimming as they went in', () => {
  const capabilities = browser()
  const before = JSON.stringify(capabilities)
  trimmed(capabilities, consumable(vp8))
  expect(JSON.stringify(capabilities)).toBe(before)
})

test('the recorder gets the codec alone: no retransmission, no transport feedback, no extensions', () => {
  const { codecs, headerExtensions } = bare(consumable(vp8))
  expect(headerExtensions).toEqual([])
  expect(codecs?.map(({ mimeType }) => mimeType)).toEqual(['video/VP8'])
  expect(new Set(codecs?.[0]?.rtcpFeedback?.map(({ type }) => type))).toEqual(
    new Set(['nack', 'ccm']),
  )
})

const vp8: RtpParameters = {
  codecs: [
    { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, rtcpFeedback: [] },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }],
  encodings: [{ ssrc: 1, rtx: { ssrc: 2 } }],
}
const h264: RtpParameters = {
  codecs: [
    {
      mimeType: 'video/H264',
      payloadType: 96,
      clockRate: 90_000,
      parameters: {
        'packetization-mode': 1,
        'profile-level-id': '42e01f',
        'level-asymmetry-allowed': 1,
      },
    },
  ],
  encodings: [{ ssrc: 1 }],
}
const opus: RtpParameters = {
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc: 1 }],
}

/** What mediasoup would make consumers from. */
function consumable(rtpParameters: RtpParameters) {
  const caps = ortc.generateRouterRtpCapabilities(routerCodecs)
  const kind = rtpParameters.codecs[0]?.mimeType.startsWith('audio/') ? 'audio' : 'video'
  const params = acceptable(kind === 'audio' ? 'microphone' : 'camera', rtpParameters)
  ortc.validateAndNormalizeRtpParameters(params)
  return ortc.getConsumableRtpParameters(
    kind,
    params,
    caps,
    ortc.getProducerRtpParametersMapping(params, caps),
  )
}

function consumerOf(
  consumableRtpParameters: ReturnType<typeof consumable>,
  remoteRtpCapabilities: Parameters<
    typeof ortc.getConsumerRtpParameters
  >[0]['remoteRtpCapabilities'],
  enableRtx: boolean,
) {
  return ortc.getConsumerRtpParameters({
    consumableRtpParameters,
    remoteRtpCapabilities,
    pipe: false,
    enableRtx,
  })
}

/** The room's own list with what browsers add: other profiles first, and codecs that the room does not have. */
function browser(): RtpCapabilities {
  const { codecs, headerExtensions } = describeRouter().capabilities
  const more = ['640c1f', '4d001f', '42001f'].map((profile, at) => ({
    kind: 'video' as const,
    mimeType: 'video/H264',
    clockRate: 90_000,
    preferredPayloadType: 40 + at,
    parameters: {
      'packetization-mode': 1,
      'profile-level-id': profile,
      'level-asymmetry-allowed': 1,
    },
    rtcpFeedback: [],
  }))
  const others = Array.from({ length: 25 }, (_, at) => ({
    kind: 'video' as const,
    mimeType: `video/X${at}`,
    clockRate: 90_000,
    preferredPayloadType: 50 + at,
  }))
  return { codecs: [...more, ...others, ...codecs], headerExtensions }
}
