import { crc32 } from 'node:zlib'
import { directory, dosTime, localHeader, max32, type Placed } from './zip-records.ts'

/** One file of an archive. `path`: with slashes, relative, in ASCII. */
export type ZipFile = { readonly path: string; readonly bytes: Uint8Array }

/**
 * A ZIP archive of stored files, piece by piece: no more than one file is ever held (PKWARE APPNOTE 6.3.10). What is in it
 * is encrypted or small, so that nothing is gained by compressing; of any number and total size, by the ZIP64 records.
 * `now`: ms epoch, the time of all files. Throws RangeError for a file over 4 GiB.
 */
export async function* zip(
  files: AsyncIterable<ZipFile> | Iterable<ZipFile>,
  now: number,
): AsyncGenerator<Uint8Array> {
  const time = dosTime(now)
  const placed: Placed[] = []
  let at = 0
  for await (const { path, bytes } of files) {
    if (bytes.length > max32) throw new RangeError('a file over 4 GiB')
    const file = { path: Buffer.from(path), crc: crc32(bytes), size: bytes.length, at }
    const header = localHeader(file, time)
    placed.push(file)
    yield header
    yield bytes
    at += header.length + bytes.length
  }
  yield* directory(placed, at, time)
}
