import { z } from './zod.ts'
import { ConsumerId, PeerId, ProducerId } from './ids.ts'

/** What a stream shows or plays. `screenAudio` is the sound of a shared screen. */
export const Source = z.enum(['microphone', 'camera', 'screen', 'screenAudio'])
export type Source = z.infer<typeof Source>

export const kindOf = (source: Source): 'audio' | 'video' =>
  source === 'camera' || source === 'screen' ? 'video' : 'audio'

const Uint32 = z.int().min(0).max(0xffff_ffff)
const short = z.string().max(255)
const parameters = z.record(
  z.string().max(64),
  z.union([z.string().max(1024), z.number(), z.null()]),
)

const RtcpFeedback = z.strictObject({ type: short, parameter: short.optional() })

const CodecCapability = z.strictObject({
  kind: z.enum(['audio', 'video']),
  mimeType: short,
  preferredPayloadType: z.int().min(0).max(127).optional(),
  clockRate: Uint32,
  channels: z.int().min(1).max(8).optional(),
  parameters: parameters.optional(),
  rtcpFeedback: z.array(RtcpFeedback).max(16).optional(),
})

const HeaderExtension = z.strictObject({
  kind: z.enum(['audio', 'video']),
  uri: short,
  preferredId: z.int().min(1).max(255),
  preferredEncrypt: z.boolean().optional(),
  direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
})

/** What a browser or a router can receive (ORTC RTCRtpCapabilities, as mediasoup writes them). */
export const RtpCapabilities = z.strictObject({
  codecs: z.array(CodecCapability).max(64),
  headerExtensions: z.array(HeaderExtension).max(64),
})
export type RtpCapabilities = z.infer<typeof RtpCapabilities>

/** What one stream consists of (ORTC RTCRtpParameters, as mediasoup writes them). */
export const RtpParameters = z.strictObject({
  mid: z.string().max(16).optional(),
  msid: z.string().max(128).optional(),
  codecs: z
    .array(
      z.strictObject({
        mimeType: short,
        payloadType: z.int().min(0).max(127),
        clockRate: Uint32,
        channels: z.int().min(1).max(8).optional(),
        parameters: parameters.optional(),
        rtcpFeedback: z.array(RtcpFeedback).max(16).optional(),
      }),
    )
    .min(1)
    .max(8),
  headerExtensions: z
    .array(
      z.strictObject({
        uri: short,
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: parameters.optional(),
      }),
    )
    .max(32)
    .optional(),
  encodings: z
    .array(
      z.strictObject({
        ssrc: Uint32.optional(),
        rid: z.string().max(32).optional(),
        active: z.boolean().optional(),
        codecPayloadType: z.int().min(0).max(127).optional(),
        rtx: z.strictObject({ ssrc: Uint32 }).optional(),
        dtx: z.boolean().optional(),
        scalabilityMode: z.string().max(32).optional(),
        scaleResolutionDownBy: z.number().positive().optional(),
        maxBitrate: Uint32.optional(),
        maxFramerate: z.number().positive().optional(),
        adaptivePtime: z.boolean().optional(),
        priority: z.enum(['very-low', 'low', 'medium', 'high']).optional(),
        networkPriority: z.enum(['very-low', 'low', 'medium', 'high']).optional(),
      }),
    )
    .min(1)
    .max(4)
    .optional(),
  rtcp: z
    .strictObject({
      cname: z.string().max(128).optional(),
      reducedSize: z.boolean().optional(),
      mux: z.boolean().optional(),
    })
    .optional(),
})
export type RtpParameters = z.infer<typeof RtpParameters>

const Fingerprint = z.strictObject({
  algorithm: z.enum(['sha-256', 'sha-384', 'sha-512']),
  value: z.string().regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){31,63}$/),
})
export const DtlsParameters = z.strictObject({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z.array(Fingerprint).min(1).max(4),
})
export type DtlsParameters = z.infer<typeof DtlsParameters>

export const IceParameters = z.strictObject({
  usernameFragment: z.string(),
  password: z.string(),
  iceLite: z.boolean().optional(),
})
export type IceParameters = z.infer<typeof IceParameters>

const IceCandidate = z.strictObject({
  foundation: z.string(),
  priority: Uint32,
  ip: z.string(),
  address: z.string(),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int().min(1).max(65535),
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  tcpType: z.enum(['passive']).optional(),
})

/** The server's end of one WebRTC transport. */
export const TransportOffer = z.strictObject({
  id: z.string(),
  iceParameters: IceParameters,
  iceCandidates: z.array(IceCandidate),
  dtlsParameters: z.strictObject({
    role: z.enum(['auto', 'client', 'server']).optional(),
    fingerprints: z.array(z.strictObject({ algorithm: z.string(), value: z.string() })),
  }),
})
export type TransportOffer = z.infer<typeof TransportOffer>

export const TransportOffers = z.strictObject({ send: TransportOffer, recv: TransportOffer })
export type TransportOffers = z.infer<typeof TransportOffers>

export const IceServer = z.strictObject({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
})
export type IceServer = z.infer<typeof IceServer>

/** One stream that the server sends to a peer. */
export const ConsumerOffer = z.strictObject({
  consumerId: ConsumerId,
  producerId: ProducerId,
  peerId: PeerId,
  source: Source,
  kind: z.enum(['audio', 'video']),
  rtpParameters: RtpParameters,
  /** The sender has paused it (muted microphone, covered camera). */
  producerPaused: z.boolean(),
})
export type ConsumerOffer = z.infer<typeof ConsumerOffer>
