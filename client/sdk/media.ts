import {
  CallError,
  type ConsumerOffer,
  type IceServer,
  type PeerId,
  type Snapshot,
  type Source,
  type TransportOffers,
} from '#protocol'
import type { MediaEffect } from './session-effects.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import type { Own, Streams } from './state.ts'
import { measure, type Quality } from './stats.ts'
import { Path, type Surroundings } from './transport.ts'

/** All media of one call: two paths to the server, what is sent and what is received. Closed by `endMedia`. */
export class CallMedia {
  readonly sender: Sender
  readonly receiver: Receiver
  readonly #around: Surroundings
  #iceServers: readonly IceServer[] = []
  #paths: { readonly send: Path; readonly recv: Path } | null = null
  #own: Own

  constructor(around: Surroundings, muted: boolean) {
    const changed = () => {
      this.#own = this.#readOwn()
      around.changed()
    }
    this.#around = { ...around, changed }
    this.sender = new Sender(this.#around, muted)
    this.receiver = new Receiver(this.#around)
    this.#own = this.#readOwn()
  }

  get own(): Own {
    return this.#own
  }

  get streams(): ReadonlyMap<PeerId, Streams> {
    return this.receiver.streams
  }

  perform(effect: MediaEffect): void {
    switch (effect.type) {
      case 'startMedia':
        return this.#start(effect.snapshot)
      case 'restartMedia':
        return this.#build(effect.transports, effect.consumers, false)
      case 'receive':
        return void this.receiver.receive(effect.consumers, false)
      case 'drop':
        return this.receiver.drop(effect.consumerIds)
      case 'dropPerson':
        return this.receiver.dropPerson(effect.peerId)
      case 'stopSending':
        return this.sender.refuse(effect.producerId, effect.code)
      case 'endMedia':
        return this.#end()
    }
  }

  /** After a change of network. */
  restartIce(): void {
    this.#paths?.send.restartIce()
    this.#paths?.recv.restartIce()
  }

  /** Rejects as getDisplayMedia does when the person chooses nothing. The tracks are ours, so we stop them. */
  async shareScreen(): Promise<void> {
    const screen = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { max: 30 } },
      audio: true,
    })
    const [video] = screen.getVideoTracks()
    const [audio] = screen.getAudioTracks()
    if (video === undefined) throw new CallError('MEDIA_REFUSED', 'the browser gave no screen')
    this.#stopScreenTracks()
    video.contentHint = 'detail'
    // A browser ends the picture with its own button, and leaves the sound running.
    video.addEventListener('ended', () => {
      if (this.sender.track('screen') === video) this.stopSharing()
    })
    try {
      await Promise.all([
        this.sender.set('screen', video),
        this.sender.set('screenAudio', audio ?? null),
      ])
    } catch (cause) {
      for (const track of screen.getTracks()) track.stop()
      this.stopSharing()
      throw cause
    }
  }

  stopSharing(): void {
    this.#stopScreenTracks()
    // Taking a stream away cannot be refused.
    void this.sender.set('screen', null)
    void this.sender.set('screenAudio', null)
  }

  async stats(): Promise<Quality> {
    const { send, recv } = this.#paths ?? {}
    return measure({
      send: send?.transport,
      recv: recv?.transport,
      producers: this.sender.producers,
      consumers: this.receiver.consumers,
    })
  }

  #start({ you, transports, iceServers, peers, consumers }: Snapshot): void {
    this.#iceServers = iceServers
    const sending = peers.find(({ peerId }) => peerId === you)?.sending ?? []
    const { send, recv } = this.#paths ?? {}
    if (send?.transport.id === transports.send.id && recv?.transport.id === transports.recv.id) {
      send.resume(iceServers)
      recv.resume(iceServers)
      this.sender.reconcile(sending)
      this.receiver.reconcile(consumers, null)
      return
    }
    // Left over from a page of yours that was loaded anew; nothing flows in them.
    for (const { producerId } of sending) {
      this.#around.ask('media.close', { producerId }).catch(() => undefined)
    }
    this.#build(transports, consumers, true)
  }

  /** `flows`: the server lets `consumers` flow already. */
  #build(transports: TransportOffers, consumers: readonly ConsumerOffer[], flows: boolean): void {
    this.#paths?.send.close()
    this.#paths?.recv.close()
    const send = new Path('send', transports.send, this.#iceServers, this.#around)
    const recv = new Path('recv', transports.recv, this.#iceServers, this.#around)
    this.#paths = { send, recv }
    this.sender.use(send)
    this.receiver.use(recv, consumers, flows)
  }

  #end(): void {
    this.#stopScreenTracks()
    this.#paths?.send.close()
    this.#paths?.recv.close()
    this.#paths = null
    this.sender.end()
    this.receiver.end()
    this.#around.changed()
  }

  #stopScreenTracks(): void {
    this.sender.track('screen')?.stop()
    this.sender.track('screenAudio')?.stop()
  }

  #readOwn(): Own {
    const own = (source: Source) => this.sender.own(source)
    return {
      microphone: own('microphone'),
      camera: own('camera'),
      screen: own('screen'),
      media: this.#worst(),
    }
  }

  #worst(): Own['media'] {
    const states = new Set([this.#paths?.send.state, this.#paths?.recv.state])
    return (
      (['failed', 'disconnected', 'connecting', 'connected'] as const).find((state) =>
        states.has(state),
      ) ?? 'new'
    )
  }
}
