import type { Media, RoomMedia, RoomMediaEvent } from '#media'
import {
  CallError,
  ConsumerId,
  kindOf,
  Sha256,
  type ConsumerOffer,
  type PeerId,
  type ProducerId,
  type RtpCapabilities,
  type RtpParameters,
  type Source,
  type TransportOffers,
} from '#protocol'

export const capabilities: RtpCapabilities = { codecs: [], headerExtensions: [] }
export const rtpParameters: RtpParameters = {
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
}
export const routerSha256 = Sha256.parse('9'.repeat(64))

type Live = {
  readonly producerId: ProducerId
  readonly peer: PeerId
  readonly source: Source
  paused: boolean
}
type Receiving = ConsumerOffer & { readonly to: PeerId; paused: boolean }

/** A room's media without packets, at its contract. Tests hold it up, make it fail, or kill its worker. */
export class FakeRoomMedia implements RoomMedia {
  readonly received: Receiving[] = []
  readonly #peers = new Map<PeerId, TransportOffers>()
  readonly #producers = new Map<ProducerId, Live>()
  readonly #listeners: ((event: RoomMediaEvent) => void)[] = []
  /** How many are being set up now, and how many were at most. */
  consuming = 0
  mostConsuming = 0
  isClosed = false
  /** Replaced by tests that want setting up to take its time, or to fail. */
  beforeTransports: () => Promise<void> = async () => undefined
  beforeConsume: () => Promise<void> = async () => undefined
  readonly name: string
  #count = 0

  constructor(name: string) {
    this.name = name
  }

  async addPeer(peer: PeerId): Promise<TransportOffers> {
    if (this.isClosed) throw new CallError('MEDIA_UNAVAILABLE', 'the worker has died')
    const offers = this.#peers.get(peer) ?? { send: this.#transport(), recv: this.#transport() }
    this.#peers.set(peer, offers)
    await this.beforeTransports()
    if (this.isClosed) throw new CallError('MEDIA_UNAVAILABLE', 'the worker has died')
    if (!this.#peers.has(peer)) throw new CallError('NOT_FOUND', 'the peer has left')
    return offers
  }

  removePeer(peer: PeerId): void {
    if (!this.#peers.delete(peer)) return
    for (const live of this.#producers.values())
      if (live.peer === peer) this.closeProducer(live.producerId)
    this.#drop(({ to }) => to === peer)
  }

  hasPeer(peer: PeerId): boolean {
    return this.#peers.has(peer)
  }

  async connect(): Promise<void> {}

  async restartIce() {
    return { usernameFragment: 'new', password: 'new' }
  }

  async produce(
    peer: PeerId,
    { producerId, source, paused }: { producerId: ProducerId; source: Source; paused: boolean },
  ): Promise<void> {
    if (!this.#peers.has(peer)) throw new CallError('NOT_FOUND', 'the peer has left')
    const others = [...this.#producers.values()]
    if (others.some((live) => live.peer === peer && live.source === source))
      throw new CallError('TOO_MANY', 'one of each')
    if (this.#producers.has(producerId)) throw new CallError('MEDIA_REFUSED', 'in use')
    this.#producers.set(producerId, { producerId, peer, source, paused })
  }

  async pauseProducer(producerId: ProducerId): Promise<void> {
    this.#producer(producerId).paused = true
  }

  async resumeProducer(producerId: ProducerId): Promise<void> {
    this.#producer(producerId).paused = false
  }

  closeProducer(producerId: ProducerId): void {
    const live = this.#producers.get(producerId)
    if (live === undefined) return
    this.#producers.delete(producerId)
    this.#tell({ type: 'producerClosed', peer: live.peer, producerId })
    this.#drop((one) => one.producerId === producerId)
  }

  async consumeAll(
    peer: PeerId,
    _: RtpCapabilities,
    options: { paused: boolean },
  ): Promise<ConsumerOffer[]> {
    const others = [...this.#producers.values()].filter((live) => live.peer !== peer)
    return Promise.all(
      others.map((live) => this.consume(peer, live.producerId, capabilities, options)),
    )
  }

  async consume(
    to: PeerId,
    producerId: ProducerId,
    _: RtpCapabilities,
    { paused }: { paused: boolean },
  ): Promise<ConsumerOffer> {
    const { peer: peerId, source, paused: producerPaused } = this.#producer(producerId)
    this.mostConsuming = Math.max(this.mostConsuming, ++this.consuming)
    await this.beforeConsume().finally(() => {
      this.consuming--
    })
    const known = this.received.find((one) => one.to === to && one.producerId === producerId)
    const offer = {
      consumerId: known?.consumerId ?? ConsumerId.parse(`cons-${++this.#count}`),
      producerId,
      peerId,
      source,
      kind: kindOf(source),
      rtpParameters,
      producerPaused,
    }
    if (known === undefined) this.received.push({ ...offer, to, paused })
    return offer
  }

  async watch(peer: PeerId, consumerIds: readonly ConsumerId[]): Promise<void> {
    this.#set(peer, consumerIds, false)
  }

  async unwatch(peer: PeerId, consumerIds: readonly ConsumerId[]): Promise<void> {
    this.#set(peer, consumerIds, true)
  }

  producers() {
    return [...this.#producers.values()].map((live) => ({ ...live }))
  }

  onEvent(listener: (event: RoomMediaEvent) => void): void {
    this.#listeners.push(listener)
  }

  tap(): never {
    throw new Error('the vault of these tests taps nothing')
  }

  close(): void {
    this.isClosed = true
    this.#listeners.length = 0
    this.#producers.clear()
    this.#peers.clear()
  }

  speak(peers: readonly PeerId[]): void {
    this.#tell({ type: 'speaking', peers })
  }

  #producer(producerId: ProducerId): Live {
    const live = this.#producers.get(producerId)
    if (live === undefined) throw new CallError('NOT_FOUND', 'no such producer')
    return live
  }

  #set(peer: PeerId, consumerIds: readonly ConsumerId[], paused: boolean): void {
    const own = this.received.filter(
      (one) => one.to === peer && consumerIds.includes(one.consumerId),
    )
    for (const one of own) one.paused = paused
    if (own.length < consumerIds.length) throw new CallError('NOT_FOUND', 'not yours')
  }

  #drop(isOver: (one: Receiving) => boolean): void {
    const over = this.received.filter(isOver)
    for (const one of over) this.received.splice(this.received.indexOf(one), 1)
    for (const peer of new Set(over.map(({ to }) => to))) {
      if (!this.#peers.has(peer)) continue
      const consumerIds = over.filter(({ to }) => to === peer).map(({ consumerId }) => consumerId)
      this.#tell({ type: 'consumersClosed', peer, consumerIds })
    }
  }

  #tell(event: RoomMediaEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #transport() {
    const id = `${this.name}-${++this.#count}`
    return {
      id,
      iceParameters: { usernameFragment: id, password: 'secret' },
      iceCandidates: [],
      dtlsParameters: { fingerprints: [] },
    }
  }
}

/** All rooms' media. `lose` kills the worker of one room. */
export class FakeMedia implements Media {
  readonly isUp = true
  readonly router = { capabilities, sha256: routerSha256 }
  readonly iceServers = []
  readonly rooms: FakeRoomMedia[] = []
  beforeOpen: () => Promise<void> = async () => undefined
  readonly #onLost = new Map<FakeRoomMedia, () => void>()

  async openRoom(onLost: () => void): Promise<FakeRoomMedia> {
    await this.beforeOpen()
    const room = new FakeRoomMedia(`media${this.rooms.length + 1}`)
    this.prepare(room)
    this.rooms.push(room)
    this.#onLost.set(room, onLost)
    return room
  }

  /** Replaced by tests that want a room held up from its first moment. */
  prepare: (room: FakeRoomMedia) => void = () => undefined

  get last(): FakeRoomMedia {
    const room = this.rooms.at(-1)
    if (room === undefined) throw new Error('no room was opened')
    return room
  }

  lose(room: FakeRoomMedia): void {
    room.close()
    this.#onLost.get(room)?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
