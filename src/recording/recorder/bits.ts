/** Reads bits from the highest of the first byte on. Beyond the end it reads zeros and says `isOver`. */
export class Bits {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isOver(): boolean {
    return this.#at > this.#bytes.length * 8
  }

  read(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1)
      this.#at++
    }
    return value
  }

  /** Unsigned Exp-Golomb (ITU-T H.264 §9.1). */
  readUnsigned(): number {
    let zeros = 0
    while (!this.isOver && zeros < 32 && this.read(1) === 0) zeros++
    return 2 ** zeros - 1 + this.read(zeros)
  }

  /** Signed Exp-Golomb (ITU-T H.264 §9.1.1). */
  readSigned(): number {
    const code = this.readUnsigned()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}
