import type { Codec, CodecConfig, Joined } from './codec.ts'
import { readSps } from './h264-sps.ts'

/**
 * H.264 (RFC 6184) in packetization mode 0 or 1: single NAL units, STAP-A and FU-A. Frames come out length-prefixed with
 * the parameter sets apart, as Matroska and MP4 keep them (ISO/IEC 14496-15 §5.3).
 */
export class H264 implements Codec {
  readonly kind = 'video'
  #sps: Uint8Array | null = null
  #pps: Uint8Array | null = null

  /** `sprop`: parameter sets from the fmtp line (RFC 6184 §8.1), for senders that do not repeat them in the stream. */
  constructor(sprop: string) {
    for (const set of sprop.split(',')) this.#keep(Buffer.from(set, 'base64'))
  }

  startsFrame(payload: Uint8Array): boolean {
    const [indicator = 0, header = 0] = payload
    return (indicator & 0x1f) !== fuA || (header & 0x80) !== 0
  }

  join(payloads: readonly Uint8Array[]): Joined | null {
    const units = unitsOf(payloads)
    if (units === null) return null
    for (const unit of units) this.#keep(unit)
    const pictures = units.filter((unit) => !isApart(typeOf(unit)))
    if (!startsPicture(pictures[0])) return null
    const isKey = pictures.some((unit) => typeOf(unit) === idr)
    const config = isKey ? this.#config() : null
    if (isKey && config === null) return null
    return {
      data: Buffer.concat(pictures.flatMap((unit) => [lengthOf(unit), unit])),
      isKey,
      config,
    }
  }

  durationMs(): null {
    return null
  }

  #keep(unit: Uint8Array): void {
    if (typeOf(unit) === sps) this.#sps = Uint8Array.from(unit)
    if (typeOf(unit) === pps) this.#pps = Uint8Array.from(unit)
  }

  /** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) with one set of each. */
  #config(): CodecConfig | null {
    if (this.#sps === null || this.#pps === null) return null
    const size = readSps(this.#sps)
    if (size === null) return null
    const profile = this.#sps.subarray(1, 4)
    const description = Buffer.concat([
      Buffer.from([1, ...profile, 0xff, 0xe1]),
      lengthOf(this.#sps).subarray(2),
      this.#sps,
      Buffer.from([1]),
      lengthOf(this.#pps).subarray(2),
      this.#pps,
    ])
    return {
      kind: 'video',
      codec: 'avc',
      name: `avc1.${Buffer.from(profile).toString('hex')}`,
      ...size,
      description,
    }
  }
}

const idr = 5
const sps = 7
const pps = 8
const stapA = 24
const fuA = 28

const typeOf = (unit: Uint8Array): number => (unit[0] ?? 0) & 0x1f

/** Parameter sets are kept in the configuration; delimiters and filler mean nothing in a file. */
const isApart = (type: number): boolean => type === sps || type === pps || type === 9 || type === 12

/** §7.3.3: first_mb_in_slice 0 is a single 1 bit. Without it the beginning of the picture was lost. */
function startsPicture(unit: Uint8Array | undefined): boolean {
  if (unit === undefined) return false
  const type = typeOf(unit)
  return (type !== 1 && type !== idr) || ((unit[1] ?? 0) & 0x80) !== 0
}

function lengthOf(unit: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(unit.length)
  return length
}

function unitsOf(payloads: readonly Uint8Array[]): Uint8Array[] | null {
  const units: Uint8Array[] = []
  let fragments: Uint8Array[] | null = null
  for (const payload of payloads) {
    const type = typeOf(payload)
    if (type === fuA) {
      const [indicator = 0, header = 0] = payload
      if ((header & 0x80) !== 0) fragments = [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])]
      if (fragments === null) return null
      fragments.push(payload.subarray(2))
      if ((header & 0x40) === 0) continue
      units.push(Buffer.concat(fragments))
      fragments = null
    } else if (type === stapA) {
      const parts = aggregated(payload)
      if (parts === null) return null
      units.push(...parts)
    } else if (type > 0 && type < stapA) {
      units.push(payload)
    } else {
      return null
    }
  }
  return fragments === null ? units : null
}

function aggregated(payload: Uint8Array): Uint8Array[] | null {
  const units: Uint8Array[] = []
  for (let at = 1; at < payload.length; ) {
    const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0)
    if (size === 0 || at + 2 + size > payload.length) return null
    units.push(payload.subarray(at + 2, at + 2 + size))
    at += 2 + size
  }
  return units
}
