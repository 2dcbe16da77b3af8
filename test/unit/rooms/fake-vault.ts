import type { RecordingPermit } from '#consent'
import type { PersonId, ProducerId, RequestId } from '#protocol'
import { Sha256 } from '#protocol'
import type { NewRecording, RecordedTrack, Recording, Vault } from '#recording'

/** A recorder without packets, at its contract: it taps what a permit names and writes down what it was told, in order. */
export class FakeVault implements Vault {
  /** Every call, in order, as in 'apply alice/microphone'. */
  readonly calls: string[]
  readonly recordings: FakeRecording[] = []
  /** Replaced by tests that want tapping to fail or to take its time. */
  beforeApply: () => Promise<void> = async () => undefined
  /** A recorder that breaks its word: it keeps what it should let go. */
  keepsTaps = false
  beforeEnd: () => Promise<void> = async () => undefined
  readonly say: (person: PersonId) => string

  constructor(calls: string[], say: (person: PersonId) => string) {
    this.calls = calls
    this.say = say
  }

  get last(): FakeRecording | undefined {
    return this.recordings.at(-1)
  }

  newRecording(about: NewRecording): FakeRecording {
    this.calls.push('new')
    const recording = new FakeRecording(this, about)
    this.recordings.push(recording)
    return recording
  }

  async destroy(requestId: RequestId, person: PersonId) {
    this.calls.push(`destroy ${this.say(person)}`)
    const tracks = this.recordings
      .filter(({ about }) => about.requestId === requestId)
      .flatMap((recording) => recording.destroy(person))
    return { tracks }
  }

  async erase(): Promise<void> {}

  async list() {
    return []
  }

  async recover() {
    return []
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export class FakeRecording implements Recording {
  readonly about: NewRecording
  readonly taps = new Map<
    ProducerId,
    RecordingPermit['tracks'][number] & { readonly startedAt: number }
  >()
  readonly notices: string[] = []
  readonly #vault: FakeVault
  /** What the newest permit names and nobody has taken back since. */
  #wanted: RecordingPermit['tracks'] = []
  #ended: RecordedTrack[] = []
  #all: RecordedTrack[] = []

  constructor(vault: FakeVault, about: NewRecording) {
    this.#vault = vault
    this.about = about
  }

  async apply({ tracks }: RecordingPermit): Promise<void> {
    const { calls, say } = this.#vault
    calls.push(
      `apply ${tracks.map(({ person, source }) => `${say(person)}/${source}`).join(' ')}`.trimEnd(),
    )
    const named = new Set(tracks.map(({ producerId }) => producerId))
    this.#stop((producerId) => !named.has(producerId))
    this.#wanted = tracks
    await this.#vault.beforeApply()
    for (const track of this.#wanted)
      if (!this.taps.has(track.producerId))
        this.taps.set(track.producerId, { ...track, startedAt: Date.now() })
  }

  async changeNotice(notice: string): Promise<void> {
    this.#vault.calls.push('notice')
    this.notices.push(notice)
  }

  async revoke(person?: PersonId): Promise<{ lastPacketAt: number }> {
    this.#vault.calls.push(
      person === undefined ? 'revoke all' : `revoke ${this.#vault.say(person)}`,
    )
    this.#wanted = this.#wanted.filter((track) => person !== undefined && track.person !== person)
    if (!this.#vault.keepsTaps) this.#stop((_, of) => person === undefined || of === person)
    return { lastPacketAt: Date.now() }
  }

  async endInterval() {
    this.#vault.calls.push('endInterval')
    await this.#vault.beforeEnd()
    this.#stop(() => true)
    const tracks = this.#ended
    this.#ended = []
    return { tracks }
  }

  async finish() {
    this.#vault.calls.push('finish')
    return this.#all.length === 0 ? null : { manifestSha256: Sha256.parse('f'.repeat(64)) }
  }

  tapped(): readonly ProducerId[] {
    return [...this.taps.keys()]
  }

  destroy(person: PersonId) {
    const theirs = this.#all.filter((track) => track.person === person)
    this.#all = this.#all.filter((track) => track.person !== person)
    return theirs.map(({ source }) => ({ source }))
  }

  #stop(isOver: (producerId: ProducerId, person: PersonId) => boolean): void {
    for (const [producerId, { person, source, startedAt }] of this.taps) {
      if (!isOver(producerId, person)) continue
      this.taps.delete(producerId)
      const track: RecordedTrack = {
        person,
        source,
        startedAt,
        stoppedAt: Date.now(),
        kind: 'audio',
        mediaSha512: 'a'.repeat(128),
        segments: 1,
        bytes: 10,
      }
      this.#ended.push(track)
      this.#all.push(track)
    }
  }
}
