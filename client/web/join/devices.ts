import { remember, remembered } from '../entry/remembered.ts'

export type Kind = 'microphone' | 'camera'

/** What became of one input. `blocked`: the person or the browser refused it. `busy`: another program holds it. */
export type Input =
  | { readonly state: 'off' | 'opening' | 'blocked' | 'missing' | 'busy' }
  | {
      readonly state: 'on'
      readonly track: MediaStreamTrack
      readonly stream: MediaStream
      readonly deviceId: string
    }

export interface DevicesState {
  readonly microphone: Input
  readonly camera: Input
  readonly choices: {
    readonly [K in Kind]: readonly { readonly deviceId: string; readonly label: string }[]
  }
}

const deviceKind = { microphone: 'audioinput', camera: 'videoinput' } as const

/** The camera and microphone of this device, for as long as the page lives. Owns the tracks it opened; `release` stops them. */
export class Devices {
  #state: DevicesState = {
    microphone: { state: 'off' },
    camera: { state: 'off' },
    choices: { microphone: [], camera: [] },
  }
  readonly #listeners = new Set<() => void>()

  constructor() {
    // Absent where the page has no secure origin; then nothing can be opened either.
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#list())
  }

  get state(): DevicesState {
    return this.#state
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Opens what was not switched off last time. One question of the browser where it can be one. */
  async openRemembered(): Promise<void> {
    const kinds = (['microphone', 'camera'] as const).filter(
      (kind) => remembered(`${kind}Off`) === null,
    )
    if (kinds.length === 2 && (await this.#openBoth())) return
    // One at a time: a refused or missing camera must not take the microphone along.
    for (const kind of kinds) await this.open(kind)
  }

  /** Resolves with the track, or null where there is none to have; the reason is in `state`. */
  async open(
    kind: Kind,
    deviceId: string | null = remembered(kind),
  ): Promise<MediaStreamTrack | null> {
    this.#set(kind, { state: 'opening' })
    try {
      const wish = constraints(kind, deviceId)
      this.#opened(
        kind,
        await navigator.mediaDevices.getUserMedia({
          [kind === 'microphone' ? 'audio' : 'video']: wish,
        }),
      )
    } catch (refusal) {
      this.#set(kind, { state: reasonOf(refusal) })
    }
    await this.#list()
    const input = this.#state[kind]
    return input.state === 'on' ? input.track : null
  }

  async choose(kind: Kind, deviceId: string): Promise<MediaStreamTrack | null> {
    remember(kind, deviceId)
    return this.open(kind, deviceId)
  }

  /** Stops the track, so that the device's own light goes out. */
  off(kind: Kind): void {
    remember(`${kind}Off`, '1')
    this.#set(kind, { state: 'off' })
  }

  /** After the call: nothing stays open, and the choice for next time stays as it was. */
  release(): void {
    this.drop('microphone')
    this.drop('camera')
  }

  /** Stops one input that is of no use in this call; nothing of it is remembered. */
  drop(kind: Kind): void {
    this.#set(kind, { state: 'off' })
  }

  async #openBoth(): Promise<boolean> {
    this.#set('microphone', { state: 'opening' })
    this.#set('camera', { state: 'opening' })
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: constraints('microphone', remembered('microphone')),
        video: constraints('camera', remembered('camera')),
      })
      this.#opened('microphone', new MediaStream(stream.getAudioTracks()))
      this.#opened('camera', new MediaStream(stream.getVideoTracks()))
    } catch {
      // One of the two cannot be had; asking for each tells which and why.
      return false
    }
    await this.#list()
    return true
  }

  #opened(kind: Kind, stream: MediaStream): void {
    const [track] = stream.getTracks()
    if (track === undefined) return this.#set(kind, { state: 'missing' })
    remember(`${kind}Off`, null)
    track.addEventListener('ended', () => this.#unplugged(kind, track))
    this.#set(kind, { state: 'on', track, stream, deviceId: track.getSettings().deviceId ?? '' })
  }

  #unplugged(kind: Kind, track: MediaStreamTrack): void {
    const input = this.#state[kind]
    if (input.state === 'on' && input.track === track) this.#set(kind, { state: 'missing' })
  }

  /** Labels are there only once a device was allowed. */
  async #list(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
    const of = (kind: Kind) =>
      all
        .filter((one) => one.kind === deviceKind[kind] && one.deviceId !== '')
        .map(({ deviceId, label }) => ({ deviceId, label }))
    this.#change({
      ...this.#state,
      choices: { microphone: of('microphone'), camera: of('camera') },
    })
  }

  #set(kind: Kind, input: Input): void {
    const before = this.#state[kind]
    if (before.state === 'on' && (input.state !== 'on' || input.track !== before.track))
      before.track.stop()
    this.#change({ ...this.#state, [kind]: input })
  }

  #change(state: DevicesState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

function constraints(kind: Kind, deviceId: string | null): MediaTrackConstraints {
  // ideal, not exact: a device that is gone gives way to another one.
  const device: MediaTrackConstraints = deviceId === null ? {} : { deviceId: { ideal: deviceId } }
  return kind === 'microphone'
    ? { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    : {
        ...device,
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
      }
}

function reasonOf(refusal: unknown): 'blocked' | 'missing' | 'busy' {
  const name = refusal instanceof DOMException ? refusal.name : ''
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'blocked'
}
