import type { types } from 'mediasoup'
import { ConsumerId, type ProducerId, type Source } from '#protocol'
import type { PeerTransports } from './peer-transports.ts'
import type { Sending } from './sending.ts'

/** One peer's place in the room: its transports, what it sends and what it receives. */
export class Seat {
  readonly transports: Promise<PeerTransports>
  /** Taken from the moment a producer is asked for. */
  readonly sources = new Map<Source, ProducerId>()
  /** Taken from the moment a consumer is asked for. Not by id: a peer may use one again when its stream is over. */
  readonly receiving = new Map<Sending, Promise<types.Consumer | null>>()
  readonly #consumers = new Map<ConsumerId, types.Consumer>()
  readonly #consumerOf = new Map<Sending, ConsumerId>()
  #isGone = false

  constructor(transports: Promise<PeerTransports>) {
    this.transports = transports
    // Who asked for them hears of a failure; it must not count as unhandled here.
    this.transports.catch(() => undefined)
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get consumers(): ReadonlyMap<ConsumerId, types.Consumer> {
    return this.#consumers
  }

  hold(sending: Sending, consumer: types.Consumer): void {
    const consumerId = ConsumerId.parse(consumer.id)
    this.#consumers.set(consumerId, consumer)
    this.#consumerOf.set(sending, consumerId)
  }

  /** Drops what it received of a producer that is over. The id of that consumer, if there was one. */
  drop(sending: Sending): ConsumerId | undefined {
    const consumerId = this.#consumerOf.get(sending)
    this.receiving.delete(sending)
    this.#consumerOf.delete(sending)
    if (consumerId !== undefined) this.#consumers.delete(consumerId)
    return consumerId
  }

  leave(): void {
    this.#isGone = true
    this.transports.then(
      (open) => open.close(),
      () => undefined,
    )
  }
}
