import type { RoomMedia } from '#media'
import type { ConsumerOffer, ProducerId } from '#protocol'
import type { Peer } from './peer.ts'

/** How many streams are being set up at once: more blocks the process for everyone else. */
const inFlight = 12

/** Brings new streams to everyone who may have them: what came together reaches each page in one message. */
export class Fanout {
  #waiting: ProducerId[] = []
  #isRunning = false
  readonly #media: RoomMedia
  readonly #peers: () => Iterable<Peer>
  readonly #failed: (cause: unknown) => void

  constructor(media: RoomMedia, peers: () => Iterable<Peer>, failed: (cause: unknown) => void) {
    this.#media = media
    this.#peers = peers
    this.#failed = failed
  }

  add(producerId: ProducerId): void {
    this.#waiting.push(producerId)
    if (this.#isRunning) return
    this.#isRunning = true
    // After this turn, so that a microphone and a camera sent together travel together.
    setImmediate(() => void this.#run().catch(this.#failed))
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const producers = this.#waiting
        this.#waiting = []
        const peers = [...this.#peers()].filter(
          ({ connected, principal }) => connected && principal.grants.subscribe,
        )
        const next = peers.values()
        await Promise.all(
          Array.from({ length: Math.min(inFlight, peers.length) }, async () => {
            for (const peer of next) await this.#offer(peer, producers)
          }),
        )
      }
    } finally {
      this.#isRunning = false
    }
  }

  async #offer(peer: Peer, producers: readonly ProducerId[]): Promise<void> {
    const own = new Set(
      this.#media
        .producers()
        .filter((live) => live.peer === peer.peerId)
        .map(({ producerId }) => producerId),
    )
    const offers: ConsumerOffer[] = []
    for (const producerId of producers) {
      if (own.has(producerId)) continue
      // A page that is entering gets it with its snapshot, flowing; the others say when they are ready to play it.
      const offer = await this.#media
        .consume(peer.peerId, producerId, peer.capabilities, { paused: !peer.entering })
        .catch((cause: unknown) => this.#failed(cause))
      if (offer) offers.push(offer)
    }
    if (offers.length > 0) peer.send({ event: 'media.consumers', params: { consumers: offers } })
  }
}
