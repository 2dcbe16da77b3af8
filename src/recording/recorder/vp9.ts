import { Vp9RtpPayload } from 'werift-rtp'
import { Bits } from './bits.ts'
import type { Codec, CodecConfig, Joined } from './codec.ts'
import { descriptorOf } from './descriptor.ts'

/**
 * VP9 (RFC 9628). With several spatial layers the layers of one picture are joined as they come, which decoders take
 * for the picture of the first layer; browsers send one layer unless asked for more.
 */
export const vp9: Codec = {
  kind: 'video',
  startsFrame(payload) {
    const descriptor = read(payload)
    return descriptor?.bBit === 1 && (descriptor.lBit === 0 || descriptor.sid === 0)
  },
  join(payloads) {
    const parts = payloads.map(read)
    if (parts.includes(null)) return null
    const data = Buffer.concat(parts.flatMap((part) => (part === null ? [] : [part.payload])))
    return data.length === 0 ? null : described(data)
  },
  durationMs: () => null,
}

const read = (payload: Uint8Array): Vp9RtpPayload | null =>
  descriptorOf(payload, (bytes) => Vp9RtpPayload.deSerialize(bytes))

/** The uncompressed header of VP9 bitstream specification §6.2, as far as the size of a key frame. */
function described(data: Uint8Array): Joined | null {
  const bits = new Bits(data)
  if (bits.read(2) !== 0b10) return null
  const profile = bits.read(1) | (bits.read(1) << 1)
  if (profile === 3) bits.read(1)
  const showsExisting = bits.read(1) === 1
  if (showsExisting || bits.read(1) === 1) return { data, isKey: false, config: null }
  bits.read(2)
  if (bits.read(24) !== 0x498342) return null
  const config = sequenceOf(bits, profile)
  return config === null ? null : { data, isKey: true, config }
}

function sequenceOf(bits: Bits, profile: number): CodecConfig | null {
  const depth = profile >= 2 ? (bits.read(1) === 1 ? 12 : 10) : 8
  const isRgb = bits.read(3) === 7
  if (!isRgb) bits.read(1)
  // Odd profiles also say how colour is subsampled, and keep a reserved bit.
  if (profile === 1 || profile === 3) bits.read(isRgb ? 1 : 3)
  const width = bits.read(16) + 1
  const height = bits.read(16) + 1
  if (bits.isOver) return null
  const name = `vp09.0${profile}.10.${String(depth).padStart(2, '0')}`
  return { kind: 'video', codec: 'vp9', name, width, height, description: null }
}
