import type { Device, types } from 'mediasoup-client'
import type { Source } from '#protocol'

type Encoding = Pick<types.ProducerOptions, 'codec' | 'codecOptions' | 'encodings'>

/** How each source is sent. One encoding each: simulcast would give the recorder several clocks for one picture. */
export function encodingOf(source: Source, device: Device): Encoding {
  switch (source) {
    case 'microphone':
      // Speech: no packets in silence, and each packet carries a coarse copy of the one before.
      return {
        codecOptions: {
          opusDtx: true,
          opusFec: true,
          opusStereo: false,
          opusMaxAverageBitrate: 40_000,
        },
      }
    case 'screenAudio':
      return {
        codecOptions: {
          opusDtx: false,
          opusFec: true,
          opusStereo: true,
          opusMaxAverageBitrate: 96_000,
        },
      }
    case 'camera':
      return {
        ...video(device),
        encodings: [{ maxBitrate: 1_200_000, maxFramerate: 30 }],
        codecOptions: { videoGoogleStartBitrate: 600 },
      }
    case 'screen':
      return {
        ...video(device),
        encodings: [{ maxBitrate: 2_500_000, maxFramerate: 30 }],
        codecOptions: { videoGoogleStartBitrate: 1_000 },
      }
  }
}

/** VP8 where there is a choice: every browser can send and receive it, and encodes it without a licence. */
function video(device: Device): Pick<Encoding, 'codec'> {
  const codec = device.sendRtpCapabilities.codecs?.find(
    ({ mimeType }) => mimeType.toLowerCase() === 'video/vp8',
  )
  return codec === undefined ? {} : { codec }
}
