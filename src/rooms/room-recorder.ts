import type { RecordingPermit } from '#consent'
import type { PersonId, ProducerId, RequestId, Sha256 } from '#protocol'
import type { Destroyed, IntervalSummary, Recording } from '#recording'
import type { DeskWorld } from './desk-world.ts'

/** The room's recordings: at most one runs; of those that are over it knows whose parts are kept. */
export class RoomRecorder {
  #running: {
    readonly requestId: RequestId
    readonly recording: Recording
    notice: Sha256
  } | null = null
  /** What the newest permit names; whatever else reaches the recorder is a breach. */
  #permitted: ReadonlyMap<ProducerId, PersonId> = new Map()
  readonly #kept = new Map<RequestId, Set<PersonId>>()
  readonly #world: DeskWorld
  readonly #onFailed: (requestId: RequestId) => void

  constructor(world: DeskWorld, onFailed: (requestId: RequestId) => void) {
    this.#world = world
    this.#onFailed = onFailed
  }

  isKept(requestId: RequestId, person: PersonId): boolean {
    return this.#kept.get(requestId)?.has(person) ?? false
  }

  /** What the permit names and the recorder does not have yet. */
  missing({ tracks }: RecordingPermit): RecordingPermit['tracks'] {
    const tapped = new Set(this.#running?.recording.tapped())
    return tracks.filter(({ producerId }) => !tapped.has(producerId))
  }

  /** Lets the recorder have what the permit names, and nothing else. Resolves once that is being consumed. */
  async apply(
    permit: RecordingPermit,
    notice: { text: string; sha256: Sha256; readers: readonly string[] },
  ): Promise<void> {
    const { requestId } = permit
    if (this.#running === null && permit.tracks.length === 0) return
    this.#running ??= {
      requestId,
      recording: this.#open(requestId, notice),
      notice: notice.sha256,
    }
    const { recording } = this.#running
    this.#permitted = new Map(permit.tracks.map(({ producerId, person }) => [producerId, person]))
    const kept = this.#kept.get(requestId) ?? new Set()
    for (const { person } of permit.tracks) kept.add(person)
    this.#kept.set(requestId, kept)
    if (this.#running.notice !== notice.sha256) {
      this.#running.notice = notice.sha256
      await recording.changeNotice(notice.text, notice.sha256)
    }
    await recording.apply(permit)
    this.#count()
  }

  /** Now, whatever else is going on. Resolves when not one packet can enter any more. */
  async revoke(person?: PersonId): Promise<void> {
    if (this.#running === null) return
    const startedAt = performance.now()
    this.#permitted = new Map(
      [...this.#permitted].filter(([, of]) => person !== undefined && of !== person),
    )
    await this.#running.recording.revoke(person)
    this.#world.metrics.gateClosed(performance.now() - startedAt)
    this.#count()
  }

  /** Closes what ran since the gate was opened. Null when nothing did. */
  async endInterval(): Promise<{ requestId: RequestId; summary: IntervalSummary } | null> {
    if (this.#running === null) return null
    const { requestId, recording } = this.#running
    const summary = await recording.endInterval()
    this.#world.metrics.sealed(summary.tracks.reduce((sum, { bytes }) => sum + bytes, 0))
    return { requestId, summary }
  }

  /** Null when nothing was ever recorded; then nothing is kept either. */
  async finish(): Promise<{ requestId: RequestId; manifestSha256: Sha256 } | null> {
    if (this.#running === null) return null
    const { requestId, recording } = this.#running
    this.#running = null
    this.#permitted = new Map()
    const sealed = await recording.finish()
    this.#world.tally.remove(this)
    return sealed === null ? null : { requestId, ...sealed }
  }

  async destroy(requestId: RequestId, person: PersonId): Promise<Destroyed> {
    const destroyed = await this.#world.vault.destroy(requestId, person)
    this.#kept.get(requestId)?.delete(person)
    return destroyed
  }

  /** The figure that must stay 0: streams that reach the recorder though no permit names them. */
  #count(): void {
    const taps = this.#running?.recording.tapped() ?? []
    this.#world.tally.set(this, {
      streams: taps.length,
      withoutPermit: taps.filter((id) => !this.#permitted.has(id)).length,
    })
  }

  #open(
    requestId: RequestId,
    notice: { text: string; sha256: Sha256; readers: readonly string[] },
  ): Recording {
    const { vault, session, media, people, failed } = this.#world
    const { readers } = this.#world.tenant()
    return vault.newRecording({
      requestId,
      session: session.id,
      notice: notice.text,
      noticeSha256: notice.sha256,
      readers: readers.filter(({ readerId }) => notice.readers.includes(readerId)),
      media,
      nameOf: (person) => people().get(person)?.name ?? '',
      onFailed: (why, cause) => {
        failed(cause)
        this.#world.metrics.recorderFailed(why)
        this.#onFailed(requestId)
      },
    })
  }
}
