import { createHash } from 'node:crypto'
import { Sha256, type RtpCapabilities } from '#protocol'

const maxSets = 256

/**
 * What browsers can receive, by the hash of its JSON. There are as many sets as browser versions,
 * so a page that names a hash in its upgrade is let in without a message. Forgets the longest
 * unused; what is forgotten is sent again anyway.
 */
export class CapabilitySets {
  readonly #sets = new Map<Sha256, RtpCapabilities>()

  remember(capabilities: RtpCapabilities): void {
    this.#use(
      Sha256.parse(createHash('sha256').update(JSON.stringify(capabilities)).digest('hex')),
      capabilities,
    )
    const [oldest] = this.#sets.keys()
    if (this.#sets.size > maxSets && oldest !== undefined) this.#sets.delete(oldest)
  }

  find(sha256: Sha256): RtpCapabilities | null {
    const known = this.#sets.get(sha256)
    if (known === undefined) return null
    this.#use(sha256, known)
    return known
  }

  #use(sha256: Sha256, capabilities: RtpCapabilities): void {
    this.#sets.delete(sha256)
    this.#sets.set(sha256, capabilities)
  }
}
