import { createHash } from 'node:crypto'
import { ortc, type types } from 'mediasoup'
import {
  CallError,
  kindOf,
  RtpCapabilities,
  Sha256,
  type RtpParameters,
  type Source,
} from '#protocol'

/** In order of preference: browsers send with the first that they share. */
export const routerCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    // Constrained baseline, which every browser has to speak (RFC 7742 §6.2).
    parameters: {
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
      'level-asymmetry-allowed': 1,
    },
  },
]

// abs-capture-time is left out on purpose: with it, receivers of VP8 simulcast never change their layer.
const extensions: readonly string[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  'urn:3gpp:video-orientation',
] satisfies types.RtpHeaderExtensionUri[]

const isOurs = (uri: string): uri is types.RtpHeaderExtensionUri => extensions.includes(uri)

/** What clients are told of the router, and the hash under which they keep it. */
export function describeRouter(): { capabilities: RtpCapabilities; sha256: Sha256 } {
  const { codecs, headerExtensions = [] } = ortc.generateRouterRtpCapabilities(routerCodecs)
  const capabilities = RtpCapabilities.parse({
    codecs,
    headerExtensions: headerExtensions.filter(({ uri }) => isOurs(uri)),
  })
  const hash = createHash('sha256').update(JSON.stringify(capabilities)).digest('hex')
  return { capabilities, sha256: Sha256.parse(hash) }
}

/** A client's parameters as mediasoup takes them, without header extensions that we do not offer. Throws MEDIA_REFUSED. */
export function acceptable(source: Source, rtpParameters: RtpParameters): types.RtpParameters {
  const kind = kindOf(source)
  const { headerExtensions = [], ...rest } = present(rtpParameters)
  if (rest.codecs.some(({ mimeType }) => !mimeType.toLowerCase().startsWith(`${kind}/`))) {
    throw new CallError('MEDIA_REFUSED', `the source ${source} takes ${kind} codecs only`)
  }
  if (kind === 'audio' && (rest.encodings?.length ?? 0) > 1) {
    throw new CallError('MEDIA_REFUSED', 'audio has one encoding')
  }
  return { ...rest, headerExtensions: headerExtensions.flatMap(ours) }
}

/**
 * The few lines of a receiver's capabilities that matter for one stream: the codec in use, its retransmission and the
 * header extensions that it carries. mediasoup copies and walks what it is given at each consume, and browsers list some
 * forty codecs. Null when the receiver has no such codec.
 */
export function trimmed(
  capabilities: RtpCapabilities,
  stream: types.RtpParameters,
): types.RtpCapabilities | null {
  const { codecs, headerExtensions } = present(capabilities)
  const receivable = codecs.flatMap(numbered)
  const codec = receivable.find((each) => canReceive(each, stream))
  if (codec === undefined) return null
  const rtx = receivable.find(
    ({ mimeType, parameters }) =>
      mimeType.toLowerCase() === 'video/rtx' && parameters?.['apt'] === codec.preferredPayloadType,
  )
  return {
    codecs: rtx === undefined ? [codec] : [codec, rtx],
    headerExtensions: headerExtensions
      .flatMap(ours)
      .filter(
        ({ kind, uri, preferredId }) =>
          kind === codec.kind &&
          stream.headerExtensions?.some((each) => each.uri === uri && each.id === preferredId),
      ),
  }
}

/** What the recorder receives of a stream: the codec alone, repaired by key frames only, without header extensions. */
export function bare(stream: types.RtpParameters): types.RtpCapabilities {
  const [codec] = stream.codecs
  if (codec === undefined) return { codecs: [], headerExtensions: [] }
  const { payloadType, rtcpFeedback = [], ...rest } = codec
  return {
    codecs: [
      {
        ...rest,
        kind: codec.mimeType.startsWith('audio/') ? 'audio' : 'video',
        preferredPayloadType: payloadType,
        rtcpFeedback: rtcpFeedback.filter(({ type }) => type === 'nack' || type === 'ccm'),
      },
    ],
    headerExtensions: [],
  }
}

/** What mediasoup made of parameters that the protocol's schema let in: fmtp values are still strings and numbers. */
export const asOffered = (rtpParameters: types.RtpParameters): RtpParameters =>
  rtpParameters as RtpParameters

function canReceive(codec: types.RtpCodecCapability, stream: types.RtpParameters): boolean {
  try {
    return ortc.canConsume(stream, { codecs: [codec], headerExtensions: [] })
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function ours<T extends { uri: string }>(
  extension: T,
): (Omit<T, 'uri'> & { uri: types.RtpHeaderExtensionUri })[] {
  const { uri } = extension
  return isOurs(uri) ? [{ ...extension, uri }] : []
}

function numbered<T extends { preferredPayloadType?: number }>(
  codec: T,
): (T & { preferredPayloadType: number })[] {
  const { preferredPayloadType } = codec
  return preferredPayloadType === undefined ? [] : [{ ...codec, preferredPayloadType }]
}

/** mediasoup's types tell a missing key from one that holds undefined; zod's do not. */
type Present<T> = T extends readonly (infer U)[]
  ? Present<U>[]
  : T extends object
    ? { [K in keyof T]: Present<Exclude<T[K], undefined>> }
    : T

function present<T>(value: T): Present<T> {
  const copy: Present<T> = JSON.parse(JSON.stringify(value))
  return copy
}
