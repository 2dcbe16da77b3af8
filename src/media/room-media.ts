import type { types } from 'mediasoup'
import {
  CallError,
  kindOf,
  type ConsumerId,
  type ConsumerOffer,
  type DtlsParameters,
  type IceParameters,
  type PeerId,
  type ProducerId,
  type RtpCapabilities,
  type TransportOffers,
} from '#protocol'
import { acceptable } from './codecs.ts'
import { offerOf, receive } from './consume.ts'
import type {
  Direction,
  LiveProducer,
  NewProducer,
  Paused,
  RoomMedia,
  RoomMediaEvent,
  Tap,
  TapTarget,
} from './contract.ts'
import { asking, unavailable } from './failures.ts'
import { observe } from './observe.ts'
import { PeerTransports } from './peer-transports.ts'
import { Seat } from './seat.ts'
import { Sending } from './sending.ts'
import { watchSpeakers } from './speaking.ts'
import { openTap } from './tap.ts'
import type { Turns } from './turns.ts'

export interface RoomParts {
  readonly router: types.Router
  readonly webRtcServer: types.WebRtcServer
  readonly turns: Turns
  readonly tapPorts: types.TransportPortRange
  readonly consumersPerPeer: number
  readonly onCount: (change: { producers?: number; consumers?: number }) => void
  readonly onClosed: () => void
}

/** One router with what the people of one room send and receive through it. Closed by `close()`. */
export class RouterRoom implements RoomMedia {
  readonly #parts: RoomParts
  readonly #seats = new Map<PeerId, Seat>()
  readonly #sendings = new Map<ProducerId, Sending>()
  readonly #listeners: ((event: RoomMediaEvent) => void)[] = []
  readonly #watchLoudness: Promise<(producerId: string) => Promise<void>>
  #isClosed = false

  constructor(parts: RoomParts) {
    this.#parts = parts
    this.#watchLoudness = watchSpeakers(parts.router, (producerIds) =>
      this.#tellSpeaking(producerIds),
    )
    // Who produces hears of a failure; it must not count as unhandled here.
    this.#watchLoudness.catch(() => undefined)
  }

  get peerCount(): number {
    return this.#seats.size
  }

  async addPeer(peer: PeerId): Promise<TransportOffers> {
    if (this.#isClosed) throw unavailable()
    const known = this.#seats.get(peer)
    if (known !== undefined) return (await known.transports).offers
    const { router, webRtcServer } = this.#parts
    const seat = new Seat(
      PeerTransports.open(router, webRtcServer, (state) => {
        if (!seat.isGone) this.#tell({ type: 'transportState', peer, ...state })
      }),
    )
    this.#seats.set(peer, seat)
    try {
      const { offers } = await seat.transports
      if (seat.isGone) throw new CallError('NOT_FOUND', 'the peer has left')
      return offers
    } catch (error) {
      if (this.#seats.get(peer) === seat) this.#seats.delete(peer)
      throw error
    }
  }

  removePeer(peer: PeerId): void {
    const seat = this.#seats.get(peer)
    if (seat === undefined) return
    this.#seats.delete(peer)
    this.#parts.onCount({ consumers: -seat.consumers.size })
    this.#close([...this.#sendings.values()].filter((each) => each.peer === peer))
    seat.leave()
  }

  async connect(peer: PeerId, direction: Direction, dtlsParameters: DtlsParameters): Promise<void> {
    const transports = await this.#seat(peer).transports
    await transports.connect(direction, dtlsParameters)
  }

  async restartIce(peer: PeerId, direction: Direction): Promise<IceParameters> {
    const transports = await this.#seat(peer).transports
    return transports.restartIce(direction)
  }

  async produce(
    peer: PeerId,
    { producerId, source, rtpParameters, paused }: NewProducer,
  ): Promise<void> {
    const seat = this.#seat(peer)
    if (seat.sources.has(source)) throw new CallError('TOO_MANY', `one ${source} for each peer`)
    if (this.#sendings.has(producerId))
      throw new CallError('MEDIA_REFUSED', 'this producer id is in use')
    const accepted = acceptable(source, rtpParameters)
    seat.sources.set(source, producerId)
    try {
      const { send } = await seat.transports
      // The worker refuses an id that another peer has just asked for.
      const producer = await asking(
        'MEDIA_REFUSED',
        'a codec, encoding or id that the room does not take',
        () =>
          send.produce({ id: producerId, kind: kindOf(source), rtpParameters: accepted, paused }),
      )
      const reports = await observe(producer, source, this.#watchLoudness)
      if (seat.isGone) throw new CallError('NOT_FOUND', 'the peer has left')
      this.#sendings.set(producerId, new Sending({ peer, source, producerId }, producer, reports))
      this.#parts.onCount({ producers: 1 })
    } catch (error) {
      seat.sources.delete(source)
      throw error
    }
  }

  async pauseProducer(producerId: ProducerId): Promise<void> {
    const { producer } = this.#sending(producerId)
    await asking('NOT_FOUND', 'this producer has ended', () => producer.pause())
  }

  async resumeProducer(producerId: ProducerId): Promise<void> {
    const { producer } = this.#sending(producerId)
    await asking('NOT_FOUND', 'this producer has ended', () => producer.resume())
  }

  closeProducer(producerId: ProducerId): void {
    this.#close([this.#sending(producerId)])
  }

  async consumeAll(
    peer: PeerId,
    capabilities: RtpCapabilities,
    { paused }: Paused,
  ): Promise<ConsumerOffer[]> {
    const seat = this.#seat(peer)
    const others = [...this.#sendings.values()].filter((each) => each.peer !== peer)
    const offers = await this.#parts.turns.each(
      others.map((sending) => async () => {
        try {
          return await this.#receive(seat, sending, capabilities, paused)
        } catch (error) {
          // A full seat is no reason to be without the rest.
          if (error instanceof CallError && error.code === 'TOO_MANY') return null
          throw error
        }
      }),
    )
    return offers.filter((offer) => offer !== null)
  }

  async consume(
    peer: PeerId,
    producerId: ProducerId,
    capabilities: RtpCapabilities,
    { paused }: Paused,
  ): Promise<ConsumerOffer | null> {
    const seat = this.#seat(peer)
    const sending = this.#sending(producerId)
    const [offer = null] = await this.#parts.turns.each([
      () => this.#receive(seat, sending, capabilities, paused),
    ])
    return offer
  }

  async watch(peer: PeerId, consumerIds: readonly ConsumerId[]): Promise<void> {
    await this.#eachConsumer(peer, consumerIds, (consumer) => consumer.resume())
  }

  async unwatch(peer: PeerId, consumerIds: readonly ConsumerId[]): Promise<void> {
    await this.#eachConsumer(peer, consumerIds, (consumer) => consumer.pause())
  }

  producers(): readonly LiveProducer[] {
    return Array.from(this.#sendings.values(), ({ producerId, peer, source, producer }) => ({
      producerId,
      peer,
      source,
      paused: producer.paused,
    }))
  }

  onEvent(listener: (event: RoomMediaEvent) => void): void {
    this.#listeners.push(listener)
  }

  async tap(producerId: ProducerId, to: TapTarget): Promise<Tap> {
    const sending = this.#sending(producerId)
    return openTap(this.#parts.router, this.#parts.tapPorts, sending, to)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const consumers = Array.from(this.#seats.values(), (seat) => seat.consumers.size).reduce(
      (sum, each) => sum + each,
      0,
    )
    this.#parts.onCount({ producers: -this.#sendings.size, consumers: -consumers })
    for (const seat of this.#seats.values()) seat.leave()
    this.#parts.router.close()
    this.#seats.clear()
    this.#sendings.clear()
    this.#parts.onClosed()
  }

  async #receive(
    seat: Seat,
    sending: Sending,
    capabilities: RtpCapabilities,
    paused: boolean,
  ): Promise<ConsumerOffer | null> {
    const { consumersPerPeer: limit, onCount } = this.#parts
    const consumer = await receive(seat, sending, capabilities, {
      paused,
      limit,
      onNew: () => onCount({ consumers: 1 }),
    })
    return consumer === null ? null : offerOf(consumer, sending)
  }

  async #eachConsumer(
    peer: PeerId,
    consumerIds: readonly ConsumerId[],
    act: (consumer: types.Consumer) => Promise<void>,
  ): Promise<void> {
    const { consumers } = this.#seat(peer)
    const known = consumerIds.map((id) => consumers.get(id)).filter((each) => each !== undefined)
    await asking('NOT_FOUND', 'a stream ended meanwhile', () => Promise.all(known.map(act)))
    if (known.length < consumerIds.length)
      throw new CallError('NOT_FOUND', 'not all of these are streams of yours')
  }

  /** One event for each producer, then one for each peer that received any of them. */
  #close(sendings: readonly Sending[]): void {
    const lost = new Map<PeerId, ConsumerId[]>()
    for (const sending of sendings) {
      this.#sendings.delete(sending.producerId)
      this.#seats.get(sending.peer)?.sources.delete(sending.source)
      for (const [receiver, seat] of this.#seats) {
        const consumerId = seat.drop(sending)
        if (consumerId !== undefined)
          lost.set(receiver, [...(lost.get(receiver) ?? []), consumerId])
      }
    }
    const consumers = [...lost.values()].reduce((sum, ids) => sum + ids.length, 0)
    this.#parts.onCount({ producers: -sendings.length, consumers: -consumers })
    for (const { producer } of sendings) producer.close()
    for (const { peer, producerId } of sendings)
      this.#tell({ type: 'producerClosed', peer, producerId })
    for (const [peer, consumerIds] of lost)
      this.#tell({ type: 'consumersClosed', peer, consumerIds })
  }

  #tellSpeaking(producerIds: readonly string[]): void {
    const all = [...this.#sendings.values()]
    const peers = producerIds
      .map((id) => all.find(({ producerId }) => producerId === id)?.peer)
      .filter((peer) => peer !== undefined)
    this.#tell({ type: 'speaking', peers })
  }

  #tell(event: RoomMediaEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #seat(peer: PeerId): Seat {
    if (this.#isClosed) throw unavailable()
    const seat = this.#seats.get(peer)
    if (seat === undefined) throw new CallError('NOT_FOUND', 'no such peer in this room')
    return seat
  }

  #sending(producerId: ProducerId): Sending {
    if (this.#isClosed) throw unavailable()
    const sending = this.#sendings.get(producerId)
    if (sending === undefined) throw new CallError('NOT_FOUND', 'no such producer in this room')
    return sending
  }
}
