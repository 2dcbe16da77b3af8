/** A file in an archive. `at`: where its header begins. */
export type Placed = {
  readonly path: Buffer
  readonly crc: number
  readonly size: number
  readonly at: number
}

/** §4.3.7. */
export function localHeader({ path, crc, size }: Placed, time: number): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt32LE(time, 10)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(size, 18)
  header.writeUInt32LE(size, 22)
  header.writeUInt16LE(path.length, 26)
  return Buffer.concat([header, path])
}

/** All that stands behind the files: where each is, and where that is said. `at`: where it begins. */
export function* directory(
  placed: readonly Placed[],
  at: number,
  time: number,
): Generator<Buffer> {
  let size = 0
  for (const file of placed) {
    const header = directoryHeader(file, time)
    yield header
    size += header.length
  }
  yield end({ count: placed.length, size, at })
}

/** §4.3.12; where it begins beyond 4 GiB, §4.5.3. */
function directoryHeader({ path, crc, size, at }: Placed, time: number): Buffer {
  const isFar = at >= max32
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(madeBy, 4)
  header.writeUInt16LE(isFar ? 45 : 20, 6)
  header.writeUInt32LE(time, 12)
  header.writeUInt32LE(crc, 16)
  header.writeUInt32LE(size, 20)
  header.writeUInt32LE(size, 24)
  header.writeUInt16LE(path.length, 28)
  header.writeUInt16LE(isFar ? 12 : 0, 30)
  // A plain file that its owner may read and write.
  header.writeUInt32LE(0o100600 * 0x10000, 38)
  header.writeUInt32LE(isFar ? max32 : at, 42)
  if (!isFar) return Buffer.concat([header, path])
  const far = Buffer.alloc(12)
  far.writeUInt16LE(1, 0)
  far.writeUInt16LE(8, 2)
  far.writeBigUInt64LE(BigInt(at), 4)
  return Buffer.concat([header, path, far])
}

type Directory = { readonly count: number; readonly size: number; readonly at: number }

/** §4.3.16, and before it §4.3.14 and §4.3.15 where a number does not fit. */
function end({ count, size, at }: Directory): Buffer {
  const isLarge = count >= max16 || size >= max32 || at >= max32
  const tail = Buffer.alloc(22)
  tail.writeUInt32LE(0x06054b50, 0)
  tail.writeUInt16LE(isLarge ? max16 : count, 8)
  tail.writeUInt16LE(isLarge ? max16 : count, 10)
  tail.writeUInt32LE(isLarge ? max32 : size, 12)
  tail.writeUInt32LE(isLarge ? max32 : at, 16)
  if (!isLarge) return tail
  const record = Buffer.alloc(56)
  record.writeUInt32LE(0x06064b50, 0)
  record.writeBigUInt64LE(44n, 4)
  record.writeUInt16LE(madeBy, 12)
  record.writeUInt16LE(45, 14)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(size), 40)
  record.writeBigUInt64LE(BigInt(at), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(at + size), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([record, locator, tail])
}

/** §4.4.6, in UTC: time below, date above. It counts from 1980, by two seconds. */
export function dosTime(now: number): number {
  const date = new Date(now)
  const day =
    ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate()
  const time =
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1)
  return day * 0x10000 + time
}

const max16 = 0xffff
export const max32 = 0xffffffff
/** Unix, and version 4.5 of the specification. */
const madeBy = 0x032d
