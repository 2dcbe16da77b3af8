import { H264 } from './h264.ts'
import { opusDurationMs, opusHead } from './opus.ts'
import { vp8 } from './vp8.ts'
import { vp9 } from './vp9.ts'

/** What a decoder must know before the first frame. A change of it needs a new file. */
export type CodecConfig =
  | {
      readonly kind: 'audio'
      readonly codec: 'opus'
      readonly channels: number
      readonly description: Uint8Array
    }
  | {
      readonly kind: 'video'
      readonly codec: 'vp8' | 'vp9' | 'avc'
      /** As in RFC 6381, for players. */
      readonly name: string
      readonly width: number
      readonly height: number
      readonly description: Uint8Array | null
    }

/** What became of one frame's payloads. */
export interface Joined {
  readonly data: Uint8Array
  readonly isKey: boolean
  readonly config: CodecConfig | null
}

/** One codec's way of putting frames into RTP payloads, undone. */
export interface Codec {
  readonly kind: 'audio' | 'video'
  /** Whether this payload is the first of a frame. */
  startsFrame(payload: Uint8Array): boolean
  /** The payloads of one frame, in order and complete; null for what is none. */
  join(payloads: readonly Uint8Array[]): Joined | null
  /** How long a frame plays, where the frame itself says so. */
  durationMs(frame: Uint8Array): number | null
}

/** How a stream is encoded, as the SFU describes it. */
export interface StreamFormat {
  readonly mimeType: string
  readonly channels: number
  /** H.264's sprop-parameter-sets, where the fmtp line has them. */
  readonly sprop: string
}

/** Null for a codec that cannot be recorded. */
export function codecOf({ mimeType, channels, sprop }: StreamFormat): Codec | null {
  switch (mimeType.toLowerCase()) {
    case 'audio/opus':
      return opus(channels)
    case 'video/vp8':
      return vp8
    case 'video/vp9':
      return vp9
    case 'video/h264':
      return new H264(sprop)
    default:
      return null
  }
}

function opus(channels: number): Codec {
  const config: CodecConfig = {
    kind: 'audio',
    codec: 'opus',
    channels,
    description: opusHead(channels),
  }
  return {
    kind: 'audio',
    startsFrame: () => true,
    join: ([payload]) => (payload === undefined ? null : { data: payload, isKey: true, config }),
    durationMs: opusDurationMs,
  }
}
