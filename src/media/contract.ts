import type {
  CallError,
  ConsumerId,
  ConsumerOffer,
  DtlsParameters,
  IceParameters,
  IceServer,
  PeerId,
  ProducerId,
  RtpCapabilities,
  RtpParameters,
  Sha256,
  Source,
  TransportOffers,
} from '#protocol'

export interface MediaOptions {
  /** How many worker processes: as many as there are cores. */
  readonly workers: number
  /** Where browsers reach the workers, over UDP and TCP on one port; several for IPv4 and IPv6. */
  readonly listen: readonly {
    readonly ip: string
    readonly announcedAddress?: string | undefined
  }[]
  /** Worker k listens on `firstPort + k`. 0: each address and protocol takes any free port of `rtcPorts`. */
  readonly firstPort: number
  /** For taps on loopback. */
  readonly rtcPorts: { readonly min: number; readonly max: number }
  /** The mediasoup-worker executable; mediasoup's own when absent. */
  readonly workerBin?: string
  readonly iceServers: readonly IceServer[]
  /** The most streams that one peer receives. 512 unless told. */
  readonly consumersPerPeer?: number
  readonly observe?: MediaMeasures
  /** Between two readings of the workers' CPU time, in milliseconds. 5,000 unless told. */
  readonly measureEveryMs?: number
  readonly log: (event: Record<string, unknown>, message: string) => void
}

/** Called at every change; each must be cheap and must not throw. */
export interface MediaMeasures {
  /** CPU time that the worker in this place used since the last call, in seconds. */
  workerCpu(workerIndex: number, seconds: number): void
  /** How many there are now, over all rooms. Taps are not counted. */
  producers(count: number): void
  consumers(count: number): void
  workerDied(): void
}

export interface Media extends AsyncDisposable {
  /** What every room of this server can receive, and its hash. Never changes while the process runs. */
  readonly router: { readonly capabilities: RtpCapabilities; readonly sha256: Sha256 }
  readonly iceServers: readonly IceServer[]
  /** At least one worker runs. */
  readonly isUp: boolean
  /**
   * A room on the least loaded live worker; waits up to 10 s for one. Close it with `close()`. `onLost` is called once
   * when the room's worker has died: open another then. Throws MEDIA_UNAVAILABLE.
   */
  openRoom(onLost: () => void): Promise<RoomMedia>
}

export interface NewProducer {
  readonly producerId: ProducerId
  readonly source: Source
  readonly rtpParameters: RtpParameters
  readonly paused: boolean
}

export interface LiveProducer {
  readonly producerId: ProducerId
  readonly peer: PeerId
  readonly source: Source
  readonly paused: boolean
}

/**
 * The packets of one room. Every promise may reject with MEDIA_UNAVAILABLE when the worker has died, with NOT_FOUND for
 * a peer, producer or consumer that is not (or no longer) here. Who may do what is the caller's question.
 */
export interface RoomMedia {
  /** Both transports of a peer, ready for it to connect. Called again for the same peer: the same transports. */
  addPeer(peer: PeerId): Promise<TransportOffers>
  /** Closes all that the peer sends and receives. */
  removePeer(peer: PeerId): void
  /** Once per transport. MEDIA_REFUSED for a second time or a fingerprint that cannot be. */
  connect(peer: PeerId, direction: Direction, dtlsParameters: DtlsParameters): Promise<void>
  restartIce(peer: PeerId, direction: Direction): Promise<IceParameters>
  /** TOO_MANY: one producer per source and peer. MEDIA_REFUSED: an id in use, parameters that do not fit the source. */
  produce(peer: PeerId, producer: NewProducer): Promise<void>
  pauseProducer(producerId: ProducerId): Promise<void>
  resumeProducer(producerId: ProducerId): Promise<void>
  closeProducer(producerId: ProducerId): void
  /**
   * One consumer of every live producer of the others; those the peer has already are offered again as they are.
   * Producers that the capabilities cannot receive are left out, and so is what exceeds `consumersPerPeer`.
   * Give the same capabilities object for the same set: what is derived from it is kept with it.
   */
  consumeAll(peer: PeerId, capabilities: RtpCapabilities, options: Paused): Promise<ConsumerOffer[]>
  /** Null when the capabilities cannot receive it. TOO_MANY beyond `consumersPerPeer`. */
  consume(
    peer: PeerId,
    producerId: ProducerId,
    capabilities: RtpCapabilities,
    options: Paused,
  ): Promise<ConsumerOffer | null>
  /** Lets streams flow. Acts on all it knows; then NOT_FOUND if one of them is not this peer's. */
  watch(peer: PeerId, consumerIds: readonly ConsumerId[]): Promise<void>
  /** Halts streams; as `watch`. */
  unwatch(peer: PeerId, consumerIds: readonly ConsumerId[]): Promise<void>
  producers(): readonly LiveProducer[]
  /** Events come in order, some of them within the call that caused them. None comes after close or loss. */
  onEvent(listener: (event: RoomMediaEvent) => void): void
  /**
   * A copy of one producer for the recorder's socket on loopback, halted until `resume()`. Only recording may call it,
   * with a producer that a permit names.
   */
  tap(producerId: ProducerId, to: TapTarget): Promise<Tap>
  /** Closes the room with all that is in it. */
  close(): void
}

export type Direction = 'send' | 'recv'

export interface Paused {
  readonly paused: boolean
}

export interface TapTarget {
  readonly ip: '127.0.0.1'
  readonly port: number
  readonly rtcpMux: true
}

export type RoomMediaEvent =
  | { readonly type: 'producerClosed'; readonly peer: PeerId; readonly producerId: ProducerId }
  /** One for each receiver, however many of its streams ended together. */
  | {
      readonly type: 'consumersClosed'
      readonly peer: PeerId
      readonly consumerIds: readonly ConsumerId[]
    }
  /** Who is speaking, loudest first. Sent at changes. */
  | { readonly type: 'speaking'; readonly peers: readonly PeerId[] }
  | {
      readonly type: 'transportState'
      readonly peer: PeerId
      readonly direction: Direction
      readonly ice: 'new' | 'connected' | 'completed' | 'disconnected' | 'closed'
      readonly dtls: 'new' | 'connecting' | 'connected' | 'failed' | 'closed'
    }

export interface Tap {
  readonly rtp: {
    readonly ssrc: number
    readonly payloadType: number
    readonly mimeType: string
    readonly clockRate: number
    readonly channels?: number
    readonly fmtp: Record<string, unknown>
  }
  /** Whence the packets come; RTCP of the receiver may go there. */
  readonly localPort: number
  /** Lets packets flow and asks the sender for a key frame. */
  resume(): Promise<void>
  requestKeyFrame(): Promise<void>
  /** Resolves when the worker has confirmed the halt: it sends no packet after that. Never rejects. */
  close(): Promise<void>
  /**
   * The original sender's reports on the stream whose clock these packets follow: the newest at once, then each as it
   * comes. A camera sent in several sizes has a clock for each, so there is none before its first packet.
   */
  onSenderReport(listener: (report: SenderReport) => void): void
  /** Called once when the producer or the room ended by itself; at once when that has happened already. */
  onClosed(listener: (why: CallError) => void): void
}

/** At `ntpMs` of the sender's clock (milliseconds since 1970) its stream `ssrc` stood at `rtp` (RFC 3550 §6.4.1). */
export interface SenderReport {
  readonly ssrc: number
  readonly ntpMs: number
  readonly rtp: number
}
