import { readFile } from 'node:fs/promises'
import { openTrack, readRecording, unsealWith } from '#recording'
import type { Reader, Sent } from './call.ts'
import { numberIn, packetsOf } from './simulated.ts'

/** Sends numbered Opus packets through the SFU, one every 20 ms, until it is stopped. */
export class NumberedSound implements Disposable {
  readonly #sent: Sent
  readonly #timer: NodeJS.Timeout
  readonly #waiting: { number: number; resolve: () => void }[] = []
  /** How many have been sent. */
  count = 0

  constructor(sent: Sent) {
    this.#sent = sent
    this.#timer = setInterval(() => this.#send(), 20)
  }

  /** Resolves when `more` further packets have left. */
  async after(more: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ number: this.count + more, resolve })
    await promise
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #send(): void {
    const number = this.count++
    const packet = Buffer.alloc(16)
    packet.writeUInt8(0x80, 0)
    packet.writeUInt8(111, 1)
    packet.writeUInt16BE(number & 0xffff, 2)
    packet.writeUInt32BE((number * 960) % 2 ** 32, 4)
    packet.writeUInt32BE(this.#sent.ssrc, 8)
    packet.writeUInt8(0xf8, 12)
    packet.writeUIntBE(number, 13, 3)
    this.#sent.peer.socket.send(packet, this.#sent.peer.send.tuple.localPort, '127.0.0.1')
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.number <= this.count) waiting.resolve()
      else this.#waiting.push(waiting)
    }
  }
}

/** The numbers of the packets that a finished recording holds of a person, in order. */
export async function recordedNumbers(
  folder: string,
  person: string,
  reader: Reader,
): Promise<number[]> {
  const recording = await readRecording(folder)
  const unsealer = unsealWith(await readFile(reader.identityFile, 'utf8'))
  const numbers: number[] = []
  for (const track of recording.manifest.tracks.filter(
    (each) => each.person === person && each.destroyedAt === null,
  )) {
    const file = Buffer.concat(await Array.fromAsync(openTrack(recording, track, unsealer)))
    numbers.push(...(await packetsOf(file)).map(({ data }) => numberIn(data)))
  }
  return numbers
}
