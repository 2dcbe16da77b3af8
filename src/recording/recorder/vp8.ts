import { Vp8RtpPayload } from 'werift-rtp'
import type { Codec, Joined } from './codec.ts'
import { descriptorOf } from './descriptor.ts'

/** VP8 (RFC 7741): a descriptor of one to six bytes before each payload. */
export const vp8: Codec = {
  kind: 'video',
  startsFrame(payload) {
    const descriptor = read(payload)
    return descriptor?.sBit === 1 && descriptor.pid === 0
  },
  join(payloads) {
    const parts = payloads.map(read)
    if (parts.includes(null)) return null
    const data = Buffer.concat(parts.flatMap((part) => (part === null ? [] : [part.payload])))
    return data.length < 3 ? null : described(data)
  },
  durationMs: () => null,
}

const read = (payload: Uint8Array): Vp8RtpPayload | null =>
  descriptorOf(payload, (bytes) => Vp8RtpPayload.deSerialize(bytes))

/** RFC 6386 §9.1: bit 0 of the frame tag is 0 for key frames, which go on with a start code and 14 bits for each side. */
function described(data: Buffer): Joined | null {
  const isKey = (data.readUInt8(0) & 1) === 0
  if (!isKey) return { data, isKey, config: null }
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d012a) return null
  const width = data.readUInt16LE(6) & 0x3fff
  const height = data.readUInt16LE(8) & 0x3fff
  if (width === 0 || height === 0) return null
  return {
    data,
    isKey,
    config: { kind: 'video', codec: 'vp8', name: 'vp8', width, height, description: null },
  }
}
