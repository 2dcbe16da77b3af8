import { Buffer } from 'node:buffer'

/** A file as it goes into an archive. `size` bytes are taken from `bytes`; it throws when there are fewer. */
export type Packed = {
  readonly name: string
  readonly size: number
  readonly bytes: AsyncIterable<Uint8Array>
}
export type Unpacked = { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> }

/** POSIX ustar (IEEE 1003.1 pax §ustar interchange format), of plain files alone: every tar can list and unpack it. */
export async function* tar(files: AsyncIterable<Packed>): AsyncGenerator<Uint8Array> {
  for await (const { name, size, bytes } of files) {
    yield header(name, size)
    let left = size
    for await (const chunk of bytes) {
      const piece = chunk.subarray(0, left)
      left -= piece.length
      if (piece.length > 0) yield piece
    }
    if (left > 0) throw new RangeError(`${name} became shorter while it was read`)
    if (size % block > 0) yield new Uint8Array(block - (size % block))
  }
  yield new Uint8Array(2 * block)
}

/**
 * The files of such an archive, one after another; each must be read to its end before the next. Throws RangeError for
 * anything that `tar` does not write, and for an archive that ends too early.
 */
export async function* untar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Unpacked> {
  const source = new Source(archive)
  for (;;) {
    const head = await source.exactly(block)
    if (head.every((byte) => byte === 0)) return
    const { name, size } = readHeader(head)
    yield { name, bytes: source.next(size) }
    await source.exactly(-size & (block - 1))
  }
}

function header(name: string, size: number): Buffer {
  // Digits, slashes and random ids: a name that does not fit is a mistake of ours.
  if (!/^[\w./-]{1,100}$/.test(name)) throw new RangeError(`${name} does not fit a tar header`)
  const head = Buffer.alloc(block)
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  head.write(name, 0, 'latin1')
  head.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1')
  head.write(`${octal(size, 11)}\0${octal(0, 11)}\0`, 124, 'latin1')
  head.write('        0', 148, 'latin1')
  head.write('ustar\x0000', 257, 'latin1')
  head.write(`${octal(sum(head), 6)}\0 `, 148, 'latin1')
  return head
}

function readHeader(head: Buffer): { name: string; size: number } {
  const text = (from: number, to: number): string =>
    head.toString('latin1', from, to).replace(/[\0 ]+$/, '')
  const checked = Buffer.from(head)
  checked.fill(0x20, 148, 156)
  const isOurs = text(257, 263) === 'ustar' && text(156, 157) === '0'
  if (!isOurs || Number.parseInt(text(148, 154), 8) !== sum(checked))
    throw new RangeError('this archive was not made by assent backup, or is damaged')
  return { name: text(0, 100), size: Number.parseInt(text(124, 136), 8) }
}

const sum = (head: Buffer): number => head.reduce((total, byte) => total + byte, 0)

/** Bytes as they are asked for, whatever the pieces they arrive in. */
class Source {
  readonly #pieces: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  async exactly(length: number): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.next(length)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  async *next(length: number): AsyncGenerator<Uint8Array> {
    let left = length
    while (left > 0) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#pieces.next()
        if (done === true) throw new RangeError('the archive ends too early')
        this.#rest = value
      }
      const piece = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }
}

const block = 512
