import type { types } from 'mediasoup-client'
import {
  CallError,
  errors,
  newId,
  ProducerId,
  RtpParameters,
  Source,
  type ErrorCode,
  type Peer,
} from '#protocol'
import { encodingOf } from './encoding.ts'
import { asCallError } from './errors.ts'
import type { OwnStream } from './state.ts'
import type { Path, Surroundings } from './transport.ts'

/** One source of yours: what is wanted, and what is so. */
interface Slot {
  readonly source: Source
  track: MediaStreamTrack | null
  muted: boolean
  /** Set as soon as the server is told of it; `producer` follows when the browser is done. */
  producerId: ProducerId | null
  producer: types.Producer | null
  /** Whether the server believes it muted. */
  toldMuted: boolean
  refused: ErrorCode | null
  /** Changes of one source happen one after another. */
  last: Promise<void>
}

/** Your own streams: keeps what is sent as it is wanted, across lost connections and restarted workers. */
export class Sender {
  readonly #around: Surroundings
  readonly #slots: Record<Source, Slot>
  #path: Path | null = null

  constructor(around: Surroundings, muted: boolean) {
    this.#around = around
    this.#slots = {
      microphone: emptySlot('microphone', muted),
      camera: emptySlot('camera', false),
      screen: emptySlot('screen', false),
      screenAudio: emptySlot('screenAudio', false),
    }
  }

  own(source: Source): OwnStream {
    const { producer, muted, refused } = this.#slots[source]
    return { sending: producer !== null, muted, refused }
  }

  track(source: Source): MediaStreamTrack | null {
    return this.#slots[source].track
  }

  get producers(): readonly { source: Source; producer: types.Producer }[] {
    return Object.values(this.#slots).flatMap(({ source, producer }) =>
      producer ? [{ source, producer }] : [],
    )
  }

  /** Through this path from now on: all that is wanted is sent anew. */
  use(path: Path): void {
    this.#path = path
    path.transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      try {
        const slot = this.#slots[Source.parse(appData['source'])]
        const producerId = ProducerId.parse(appData['producerId'])
        this.#announce(slot, producerId, RtpParameters.parse(rtpParameters))
        done({ id: producerId }) // The id is ours, so there is nothing to wait for.
      } catch (cause) {
        failed(
          new CallError('MEDIA_REFUSED', 'the browser describes its stream in an unknown way', {
            cause,
          }),
        )
      }
    })
    for (const slot of Object.values(this.#slots)) {
      forget(slot)
      void this.#inLine(slot)
    }
  }

  /** After signaling has come back over the same path; `sending` is what the server has of yours. */
  reconcile(sending: Peer['sending']): void {
    const held = new Map(sending.map((each) => [each.producerId, each]))
    for (const slot of Object.values(this.#slots)) {
      const there = slot.producerId === null ? undefined : held.get(slot.producerId)
      if (there === undefined) {
        forget(slot)
        void this.#inLine(slot)
        continue
      }
      held.delete(there.producerId)
      slot.toldMuted = there.paused
      this.#tellMuted(slot)
    }
    for (const producerId of held.keys()) this.#tell('media.close', producerId)
  }

  /** Resolves when it is sent in place of the former one, or no longer sent; rejects with why it cannot be. */
  async set(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const slot = this.#slots[source]
    slot.track = track
    slot.refused = null
    if (track !== null) track.enabled = !slot.muted
    await this.#inLine(slot)
    if (slot.refused !== null) throw new CallError(slot.refused, `the ${source} is not sent`)
  }

  setMuted(source: Source, muted: boolean): void {
    const slot = this.#slots[source]
    slot.muted = muted
    // Silent from this very instant, whatever the server says and whether or not it can be reached.
    if (slot.track !== null) slot.track.enabled = !muted
    this.#tellMuted(slot)
    this.#around.changed()
  }

  /** The server does not take this stream, or no longer. While a worker restarts, it stays wanted. */
  refuse(producerId: ProducerId, code: string): void {
    const slot = Object.values(this.#slots).find((each) => each.producerId === producerId)
    if (slot === undefined) return
    forget(slot)
    if (code !== 'MEDIA_UNAVAILABLE')
      giveUp(slot, Object.hasOwn(errors, code) ? (code as ErrorCode) : 'INTERNAL')
    this.#around.changed()
  }

  /** Nothing is wanted any more; the tracks stay as they are. */
  end(): void {
    this.#path = null
    for (const slot of Object.values(this.#slots)) {
      slot.track = null
      forget(slot)
    }
  }

  /** Never rejects: what went wrong stands in the slot. */
  #inLine(slot: Slot): Promise<void> {
    slot.last = slot.last
      .then(() => this.#bringInLine(slot))
      .catch((cause: unknown) => {
        forget(slot)
        giveUp(slot, asCallError(cause).code)
      })
      .then(this.#around.changed)
    return slot.last
  }

  async #bringInLine(slot: Slot): Promise<void> {
    const { track, producer, producerId } = slot
    if (this.#path === null) return
    if (track === null) {
      if (producerId !== null) this.#tell('media.close', producerId)
      return forget(slot)
    }
    if (producer === null) return this.#produce(slot, track, this.#path)
    if (producer.track !== track) await producer.replaceTrack({ track })
  }

  async #produce(slot: Slot, track: MediaStreamTrack, path: Path): Promise<void> {
    const producerId = newId.producer()
    slot.producerId = producerId
    try {
      const producer = await path.transport.produce({
        track,
        ...encodingOf(slot.source, this.#around.device),
        stopTracks: false, // Whoever opened a track stops it.
        disableTrackOnPause: false,
        appData: { source: slot.source, producerId },
      })
      if (slot.producerId !== producerId) return producer.close() // Refused, or the path has changed, meanwhile.
      slot.producer = producer
      // Unplugged, or ended by the browser's own button.
      producer.on('trackended', () => void this.set(slot.source, null))
      this.#tellMuted(slot)
    } catch (cause) {
      if (path === this.#path) throw cause // On another path it is already being sent anew.
    }
  }

  #announce(slot: Slot, producerId: ProducerId, rtpParameters: RtpParameters): void {
    const { source, muted } = slot
    slot.toldMuted = muted
    const announced = this.#around.ask('media.produce', {
      producerId,
      source,
      rtpParameters,
      paused: muted,
    })
    announced.catch((cause: unknown) => {
      const { code } = asCallError(cause)
      if (code !== 'CONNECTION_LOST') this.refuse(producerId, code) // A lost one is found missing on return.
    })
  }

  #tellMuted(slot: Slot): void {
    const { producer, producerId, muted } = slot
    if (producer === null || producerId === null || slot.toldMuted === muted) return
    slot.toldMuted = muted
    this.#tell(muted ? 'media.pause' : 'media.resume', producerId)
  }

  #tell(method: 'media.close' | 'media.pause' | 'media.resume', producerId: ProducerId): void {
    // Lost, it is set right by `reconcile` when signaling comes back.
    this.#around.ask(method, { producerId }).catch(() => undefined)
  }
}

const emptySlot = (source: Source, muted: boolean): Slot => ({
  source,
  track: null,
  muted,
  producerId: null,
  producer: null,
  toldMuted: muted,
  refused: null,
  last: Promise.resolve(),
})

function forget(slot: Slot): void {
  slot.producer?.close()
  slot.producer = null
  slot.producerId = null
}

function giveUp(slot: Slot, code: ErrorCode): void {
  slot.track = null
  slot.refused = code
}
