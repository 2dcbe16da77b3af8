import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Sha256 } from '#protocol'
import type { Disk } from '../disk.ts'
import { lineOf, type Gap, type Line, type TrackStart } from '../journal.ts'
import type { Sealer } from '../seal.ts'
import { journalName, segmentName, trackFolder } from '../names.ts'

export interface SealedFileParts {
  readonly folder: string
  readonly track: TrackStart
  readonly sealer: Sealer
  readonly disk: Disk
}

/**
 * One track on the disk: segments, each sealed for itself, and what the journal says of them. Plaintext exists only in
 * the caller's memory. Calls come one after another; a failed one leaves everything before it whole.
 */
export class SealedFile {
  readonly #parts: SealedFileParts
  readonly #media = createHash('sha512')
  #count = 0

  private constructor(parts: SealedFileParts) {
    this.#parts = parts
  }

  static async create(parts: SealedFileParts): Promise<SealedFile> {
    const file = new SealedFile(parts)
    await parts.disk.folder(file.#folder)
    await file.#journal(parts.track)
    return file
  }

  /** Durable on return. `from`, `to`: ms epoch. */
  async append(plaintext: Uint8Array, from: number, to: number): Promise<void> {
    const sealed = await this.#parts.sealer.seal(plaintext)
    const i = this.#count++
    const sha256 = Sha256.parse(createHash('sha256').update(sealed).digest('hex'))
    await this.#journal({
      type: 'segment',
      n: this.#parts.track.n,
      i,
      bytes: sealed.length,
      sha256,
      from,
      to,
    })
    await this.#parts.disk.write(join(this.#folder, segmentName(i)), sealed)
    this.#media.update(sealed)
  }

  async gap(from: number, to: number, cause: Gap['cause']): Promise<void> {
    await this.#journal({ type: 'gap', n: this.#parts.track.n, from, to, cause })
  }

  /** Nothing comes after it. */
  async close(): Promise<void> {
    await this.#journal({
      type: 'closed',
      n: this.#parts.track.n,
      mediaSha512: this.#media.digest('hex'),
    })
  }

  get #folder(): string {
    return join(this.#parts.folder, trackFolder(this.#parts.track))
  }

  async #journal(line: Line): Promise<void> {
    await this.#parts.disk.append(join(this.#parts.folder, journalName), lineOf(line))
  }
}
