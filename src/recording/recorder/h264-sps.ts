import { Bits } from './bits.ts'

/** Width and height in pixels from a sequence parameter set (ITU-T H.264 §7.3.2.1.1); null for one that is broken. */
export function readSps(unit: Uint8Array): { width: number; height: number } | null {
  const bits = new Bits(withoutEmulation(unit.subarray(1)))
  const profile = bits.read(8)
  bits.read(16)
  bits.readUnsigned()
  const chroma = highProfiles.has(profile) ? readHigh(bits) : 1
  bits.readUnsigned()
  skipOrderCount(bits)
  bits.readUnsigned()
  bits.read(1)
  const widthInBlocks = bits.readUnsigned() + 1
  const heightInUnits = bits.readUnsigned() + 1
  const hasFramesOnly = bits.read(1)
  if (hasFramesOnly === 0) bits.read(1)
  bits.read(1)
  const crop = bits.read(1) === 1 ? Array.from({ length: 4 }, () => bits.readUnsigned()) : []
  const [left = 0, right = 0, top = 0, bottom = 0] = crop
  // §7.4.2.1.1: cropping counts in chroma samples, and in pairs of lines when fields are allowed.
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1
  const cropY = (chroma === 1 ? 2 : 1) * (2 - hasFramesOnly)
  const width = widthInBlocks * 16 - (left + right) * cropX
  const height = heightInUnits * 16 * (2 - hasFramesOnly) - (top + bottom) * cropY
  const isSound = !bits.isOver && width > 0 && height > 0 && width <= 16_384 && height <= 16_384
  return isSound ? { width, height } : null
}

const highProfiles: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128])

/** The part that only high profiles have; returns chroma_format_idc. */
function readHigh(bits: Bits): number {
  const chroma = bits.readUnsigned()
  if (chroma === 3) bits.read(1)
  bits.readUnsigned()
  bits.readUnsigned()
  bits.read(1)
  if (bits.read(1) === 0) return chroma
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
    if (bits.read(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64)
  }
  return chroma
}

function skipScalingList(bits: Bits, size: number): void {
  let last = 8
  let next = 8
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.readSigned() + 256) % 256
    last = next === 0 ? last : next
  }
}

function skipOrderCount(bits: Bits): void {
  const type = bits.readUnsigned()
  if (type === 0) bits.readUnsigned()
  if (type !== 1) return
  bits.read(1)
  bits.readSigned()
  bits.readSigned()
  const cycle = bits.readUnsigned()
  for (let i = 0; i < Math.min(cycle, 255); i++) bits.readSigned()
}

/** §7.4.1.1: a 3 after two zeros is there only so that no start code appears. */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter(
    (byte, i) => !(byte === 3 && i >= 2 && bytes[i - 1] === 0 && bytes[i - 2] === 0),
  )
}
