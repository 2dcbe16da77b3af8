import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
} from 'mediabunny'
import type { CodecConfig } from './codec.ts'

/** One frame with its place in the file. */
export interface TimedFrame {
  readonly data: Uint8Array
  readonly isKey: boolean
  /** Milliseconds since the recording started. Grows from frame to frame. */
  readonly atMs: number
  readonly durationMs: number
}

/**
 * One track as a Matroska file that only grows: what has come out so far is a playable file at any moment. Times are
 * those of the recording, so that files of one recording line up.
 */
export class Muxer {
  readonly #out: Uint8Array[]
  readonly #add: (packet: EncodedPacket) => Promise<void>

  private constructor(out: Uint8Array[], add: (packet: EncodedPacket) => Promise<void>) {
    this.#out = out
    this.#add = add
  }

  static async open(config: CodecConfig): Promise<Muxer> {
    const out: Uint8Array[] = []
    const target = new StreamTarget(
      new WritableStream({ write: ({ data }) => void out.push(data) }),
    )
    const output = new Output({ format: new MkvOutputFormat({ appendOnly: true }), target })
    const add = config.kind === 'audio' ? audioTrack(output, config) : videoTrack(output, config)
    await output.start()
    return new Muxer(out, add)
  }

  /** The bytes that these frames add to the file. One call at a time. */
  async write(frames: readonly TimedFrame[]): Promise<Uint8Array> {
    for (const { data, isKey, atMs, durationMs } of frames) {
      await this.#add(
        new EncodedPacket(data, isKey ? 'key' : 'delta', atMs / 1000, durationMs / 1000),
      )
    }
    return Buffer.concat(this.#out.splice(0))
  }
}

/**
 * Frames of a call come at no fixed rate. Where none is stated, ffmpeg takes the nearest usual one and complains of each
 * frame that does not fit it; this is the highest that it takes at its word, and costs half a millisecond.
 */
const frameRate = 999

function audioTrack(
  output: Output,
  { codec, channels, description }: Extract<CodecConfig, { kind: 'audio' }>,
) {
  const source = new EncodedAudioPacketSource(codec)
  output.addAudioTrack(source)
  const meta = {
    decoderConfig: { codec, numberOfChannels: channels, sampleRate: 48_000, description },
  }
  return (packet: EncodedPacket) => source.add(packet, meta)
}

function videoTrack(output: Output, config: Extract<CodecConfig, { kind: 'video' }>) {
  const { codec, name, width, height, description } = config
  const source = new EncodedVideoPacketSource(codec)
  output.addVideoTrack(source, { frameRate })
  const decoderConfig = {
    codec: name,
    codedWidth: width,
    codedHeight: height,
    ...(description !== null && { description }),
  }
  return (packet: EncodedPacket) => source.add(packet, { decoderConfig })
}
