import type { RtpParameters } from '#protocol'

/** A microphone and a camera as a browser describes them, as short as mediasoup takes it. */
export const opus = (ssrc: number): RtpParameters => ({
  mid: '0',
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc }],
})

export const vp8 = (ssrc: number): RtpParameters => ({
  mid: '1',
  codecs: [
    { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
  ],
  encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
})
