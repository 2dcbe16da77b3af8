import type { types } from 'mediasoup-client'
import { Source, type ConsumerId, type ConsumerOffer, type PeerId } from '#protocol'
import { toConsumerOptions } from './codec.ts'
import { asCallError } from './errors.ts'
import type { Streams } from './state.ts'
import type { Path, Surroundings } from './transport.ts'

/** One stream that is offered; `consumer` follows when the browser is ready to play it. */
interface Received {
  readonly offer: ConsumerOffer
  consumer: types.Consumer | null
  /** Whether the server lets it flow; null when that is not known. */
  flows: boolean | null
}

export interface Visible {
  readonly cameras: ReadonlySet<PeerId> | 'all'
  readonly screens: ReadonlySet<PeerId> | 'all'
}

const maxIdsInOne = 512

/** The streams of the others: plays what is offered, and has halted what nobody looks at. */
export class Receiver {
  readonly #around: Surroundings
  readonly #received = new Map<ConsumerId, Received>()
  #streams: ReadonlyMap<PeerId, Streams> = new Map()
  #visible: Visible = { cameras: 'all', screens: 'all' }
  #path: Path | null = null

  constructor(around: Surroundings) {
    this.#around = around
  }

  get streams(): ReadonlyMap<PeerId, Streams> {
    return this.#streams
  }

  get consumers(): readonly { offer: ConsumerOffer; consumer: types.Consumer }[] {
    return [...this.#received.values()].flatMap(({ offer, consumer }) =>
      consumer ? [{ offer, consumer }] : [],
    )
  }

  /** Through this path from now on. Who is offered again keeps the same MediaStream, with a new track. */
  use(path: Path, offers: readonly ConsumerOffer[], flows: boolean | null): void {
    this.#path = path
    for (const { consumer } of this.#received.values()) consumer?.close()
    this.#received.clear()
    this.reconcile(offers, flows)
  }

  /** `offers` is all there is now: what is missing is over, what is new is played. */
  reconcile(offers: readonly ConsumerOffer[], flows: boolean | null): void {
    const offered = new Set(offers.map(({ consumerId }) => consumerId))
    this.drop([...this.#received.keys()].filter((consumerId) => !offered.has(consumerId)))
    for (const each of this.#received.values()) each.flows = flows
    void this.receive(offers, flows)
    this.#forgetUnoffered(offers)
  }

  /** Plays new streams. All are readied in one go, then the server is told once to let the visible ones flow. */
  async receive(offers: readonly ConsumerOffer[], flows: boolean | null): Promise<void> {
    const path = this.#path
    if (path === null) return
    const fresh = offers
      .filter(({ consumerId }) => !this.#received.has(consumerId))
      .map((offer): Received => {
        const received: Received = { offer, consumer: null, flows }
        this.#received.set(offer.consumerId, received)
        return received
      })
    await Promise.all(fresh.map((received) => this.#play(received, path)))
    this.#steer()
  }

  drop(consumerIds: readonly ConsumerId[]): void {
    for (const consumerId of consumerIds) {
      const received = this.#received.get(consumerId)
      if (received === undefined) continue
      const { offer, consumer } = received
      this.#received.delete(consumerId)
      consumer?.close()
      // A newer one of the same source may have taken its place before this one was over.
      if (consumer !== null && this.#plays(offer, consumer.track))
        this.#remove(offer.peerId, offer.source)
    }
  }

  dropPerson(gone: PeerId): void {
    const theirs = [...this.#received.values()].filter(({ offer }) => offer.peerId === gone)
    this.drop(theirs.map(({ offer }) => offer.consumerId))
  }

  show(visible: Visible): void {
    this.#visible = visible
    this.#steer()
  }

  end(): void {
    this.reconcile([], null)
    this.#path = null
  }

  async #play(received: Received, path: Path): Promise<void> {
    const { offer } = received
    // One group for what must play in step: a face and its voice, a screen and its sound.
    const group = offer.source === 'screen' || offer.source === 'screenAudio' ? 'screen' : 'person'
    try {
      const consumer = await path.transport.consume(
        toConsumerOptions(offer, `${offer.peerId}-${group}`),
      )
      if (this.#received.get(offer.consumerId) !== received) return consumer.close() // Over before it began.
      received.consumer = consumer
      this.#add(offer, consumer.track)
    } catch {
      // This browser cannot play it, or the path is gone. The rest of the call goes on.
      if (this.#received.get(offer.consumerId) === received) received.flows = null
    }
  }

  /** Tells the server what shall flow and what not, where that differs from what it does. */
  #steer(): void {
    const ready = [...this.#received.values()].filter(({ consumer }) => consumer !== null)
    this.#tell(
      'media.watch',
      ready.filter((each) => each.flows !== true && this.#isWanted(each.offer)),
    )
    this.#tell(
      'media.unwatch',
      ready.filter((each) => each.flows !== false && !this.#isWanted(each.offer)),
    )
  }

  #isWanted({ source, peerId }: ConsumerOffer): boolean {
    if (source === 'microphone' || source === 'screenAudio') return true
    const shown = source === 'camera' ? this.#visible.cameras : this.#visible.screens
    return shown === 'all' || shown.has(peerId)
  }

  #tell(method: 'media.watch' | 'media.unwatch', all: readonly Received[]): void {
    for (let from = 0; from < all.length; from += maxIdsInOne) {
      const some = all.slice(from, from + maxIdsInOne)
      for (const each of some) each.flows = method === 'media.watch'
      this.#around
        .ask(method, { consumerIds: some.map(({ offer }) => offer.consumerId) })
        .catch((cause: unknown) => {
          if (asCallError(cause).code === 'NOT_FOUND') this.#tellRest(method, some)
        })
    }
  }

  /** One of them was over before the server read this; the others still wait. */
  #tellRest(method: 'media.watch' | 'media.unwatch', some: readonly Received[]): void {
    const rest = some.filter((each) => this.#received.get(each.offer.consumerId) === each)
    if (rest.length < some.length) this.#tell(method, rest)
  }

  #add({ peerId, source }: ConsumerOffer, track: MediaStreamTrack): void {
    const before = this.#streams.get(peerId)
    const stream = before?.[source] ?? new MediaStream()
    for (const old of stream.getTracks()) stream.removeTrack(old)
    stream.addTrack(track)
    this.#streams = new Map(this.#streams).set(peerId, { ...before, [source]: stream })
    this.#around.changed()
  }

  #plays({ peerId, source }: ConsumerOffer, track: MediaStreamTrack): boolean {
    return this.#streams.get(peerId)?.[source]?.getTracks().includes(track) ?? false
  }

  #remove(peerId: PeerId, source: Source): void {
    const { [source]: _gone, ...rest } = this.#streams.get(peerId) ?? {}
    const streams = new Map(this.#streams)
    if (Object.keys(rest).length > 0) streams.set(peerId, rest)
    else streams.delete(peerId)
    this.#streams = streams
    this.#around.changed()
  }

  /** After a new path: a stream that was not offered again has no track that could ever play. */
  #forgetUnoffered(offers: readonly ConsumerOffer[]): void {
    const offered = new Set(offers.map(({ peerId, source }) => `${peerId} ${source}`))
    for (const [peerId, streams] of this.#streams) {
      for (const source of Source.options) {
        if (streams[source] !== undefined && !offered.has(`${peerId} ${source}`))
          this.#remove(peerId, source)
      }
    }
  }
}
