import { join } from 'node:path'
import type { PermittedTrack, RecordingPermit } from '#consent'
import { CallError, kindOf, type PersonId, type ProducerId, type Sha256 } from '#protocol'
import type {
  Destroyed,
  IntervalSummary,
  NewRecording,
  Recording,
  RecordingFailure,
} from './contract.ts'
import { addNotice, sealPerson, startFolder } from './folder.ts'
import type { FromRecorder } from './ipc.ts'
import { mendJournal, readJournal } from './journal.ts'
import { LiveTap } from './live-tap.ts'
import { completeFolder, tracksOf, type ManifestTrack } from './manifest.ts'
import { journalName } from './names.ts'
import { RecorderProcess } from './recorder-process.ts'
import { destroyIn } from './removal.ts'

export interface RecordingParts extends NewRecording {
  /** Of this recording alone; it comes to be with the first permit. */
  readonly folder: string
  readonly logOrigin: string | null
}

/** Owns the recorder process and the consumers that feed it. Ended by `finish` or `abandon`. */
export class RunningRecording implements Recording {
  readonly #parts: RecordingParts
  readonly #taps = new Map<number, LiveTap>()
  readonly #gates = new Set<number>()
  readonly #revokedAt = new Map<PersonId, number>()
  readonly #named = new Map<PersonId, Promise<void>>()
  readonly #summarised = new Set<number>()
  readonly #ready = Promise.withResolvers<void>()
  /** Rejects when the recording fails, so that nothing waits for an answer that cannot come. */
  readonly #broken = Promise.withResolvers<never>()
  #wanted: ReadonlyMap<ProducerId, PermittedTrack> = new Map()
  #opening: Promise<RecorderProcess> | null = null
  #process: RecorderProcess | null = null
  #hasFolder = false
  #failure: CallError | null = null
  #count = 0
  #notice: Pick<NewRecording, 'notice' | 'noticeSha256'>
  #notices = 1

  constructor(parts: RecordingParts) {
    this.#parts = parts
    this.#notice = parts
    this.#broken.promise.catch(() => undefined)
  }

  async apply({ requestId, gateIndex, tracks }: RecordingPermit): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    if (requestId !== this.#parts.requestId) {
      throw new CallError('RECORDER_FAILED', 'the permit is for another recording')
    }
    const valid = tracks.filter((track) => !this.#isStale(track))
    this.#wanted = new Map(valid.map((track) => [track.producerId, track]))
    const now = Date.now()
    const leaving = this.#running()
      .filter(({ track }) => !this.#wanted.has(track.producerId))
      .map((tap) => tap.stop(now))
    if (valid.length > 0) {
      this.#gates.add(gateIndex)
      this.#opening ??= this.#open(Math.min(now, ...valid.map(({ notBefore }) => notBefore)))
      const recorder = await this.#opening
      // While that took its time, a withdrawal may have come: `#wanted` is the truth.
      const running = new Set(this.#running().map(({ track }) => track.producerId))
      const fresh = [...this.#wanted.values()].filter(({ producerId }) => !running.has(producerId))
      await Promise.all(fresh.map((track) => this.#start(recorder, track)))
    }
    await Promise.all(leaving)
  }

  async changeNotice(notice: string, noticeSha256: Sha256): Promise<void> {
    this.#notice = { notice, noticeSha256 }
    if (!this.#hasFolder) return
    const { folder, readers } = this.#parts
    try {
      await addNotice(folder, ++this.#notices, { ...this.#notice, readers }, Date.now())
    } catch (error) {
      throw this.#fail('disk', error)
    }
  }

  async revoke(person?: PersonId): Promise<{ lastPacketAt: number }> {
    const at = Date.now()
    const isTheirs = (track: PermittedTrack): boolean =>
      person === undefined || track.person === person
    const ending = [...this.#taps.values()].filter(({ track }) => isTheirs(track))
    for (const track of [...this.#wanted.values(), ...ending.map((tap) => tap.track)]) {
      if (isTheirs(track)) this.#revokedAt.set(track.person, at)
    }
    this.#wanted = new Map([...this.#wanted].filter(([, track]) => !isTheirs(track)))
    await Promise.all(ending.map((tap) => tap.stop(at)))
    return { lastPacketAt: Date.now() }
  }

  async endInterval(): Promise<IntervalSummary> {
    await this.#settle()
    if (!this.#hasFolder) return { tracks: [] }
    const { folder } = this.#parts
    const all = await tracksOf(folder, await readJournal(join(folder, journalName)))
    const fresh = all.filter(({ n }) => !this.#summarised.has(n))
    for (const { n } of fresh) this.#summarised.add(n)
    return { tracks: fresh.map(summaryOf) }
  }

  async finish(logIndexes: readonly number[] = []): Promise<{ manifestSha256: Sha256 } | null> {
    await this.abandon()
    if (!this.#hasFolder) return null
    const indexes = [...new Set([...logIndexes, ...this.#gates])].sort((a, b) => a - b)
    const { folder, logOrigin } = this.#parts
    const manifestSha256 = await completeFolder(folder, {
      state: 'finished',
      log: { origin: logOrigin, indexes },
    })
    return manifestSha256 === null ? null : { manifestSha256 }
  }

  tapped(): readonly ProducerId[] {
    return [...this.#taps.values()]
      .filter(({ isTapped }) => isTapped)
      .map(({ track }) => track.producerId)
  }

  /** Ends everything without a manifest: for a server that stops. The next start finds and completes it. */
  async abandon(): Promise<void> {
    await this.#settle()
    await this.#process?.end()
  }

  /** Destroys one person's part while the others' may still be recorded. */
  async destroy(person: PersonId): Promise<Destroyed> {
    await this.revoke(person)
    await this.#allOver([...this.#taps.values()].filter(({ track }) => track.person === person))
    return this.#hasFolder ? destroyIn(this.#parts.folder, person, Date.now()) : { tracks: [] }
  }

  /** A permit from before its person's withdrawal gives no right; one that rests on a mark shown after it does. */
  #isStale({ person, notBefore }: PermittedTrack): boolean {
    const revokedAt = this.#revokedAt.get(person)
    return revokedAt !== undefined && notBefore < revokedAt
  }

  #running(): LiveTap[] {
    return [...this.#taps.values()].filter((tap) => !tap.isStopped)
  }

  async #open(startedAt: number): Promise<RecorderProcess> {
    const { folder, readers } = this.#parts
    try {
      await startFolder({ ...this.#parts, ...this.#notice, startedAt })
      this.#hasFolder = true
    } catch (error) {
      throw this.#fail('disk', error)
    }
    const recorder = new RecorderProcess({
      message: (message) => this.#hear(message),
      died: (cause) => void this.#fail('died', cause),
    })
    this.#process = recorder
    await this.#watched(this.#ready.promise)
    recorder.send({
      type: 'open',
      folder,
      startedAt,
      recipients: readers.map(({ recipient }) => recipient),
    })
    return recorder
  }

  async #start(recorder: RecorderProcess, track: PermittedTrack): Promise<void> {
    const { media } = this.#parts
    const tap = new LiveTap({
      id: this.#count++,
      track,
      media,
      send: (message) => recorder.send(message),
    })
    this.#taps.set(tap.id, tap)
    void tap.over().then(() => this.#taps.delete(tap.id))
    try {
      await this.#watched(Promise.all([this.#keepName(track.person), tap.start()]))
    } catch (error) {
      if (this.#failure === null && tap.isStopped) return
      throw this.#fail(isErrno(error) ? 'disk' : 'media', error)
    }
  }

  #keepName(person: PersonId): Promise<void> {
    const { folder, readers, nameOf } = this.#parts
    const kept = this.#named.get(person) ?? sealPerson(folder, person, nameOf(person), readers)
    this.#named.set(person, kept)
    return kept
  }

  #hear(message: FromRecorder): void {
    switch (message.type) {
      case 'ready':
        return this.#ready.resolve()
      case 'failed':
        this.#fail(message.why, new Error(message.message))
        return
      case 'bound':
      case 'started':
      case 'keyFrame':
      case 'closed':
        return this.#taps.get(message.tap)?.hear(message)
    }
  }

  /** Stops all streams and waits until what they brought is durable. */
  async #settle(): Promise<void> {
    await this.revoke()
    // A process that is just being started must not outlive this.
    await this.#opening?.catch(() => undefined)
    await this.#allOver([...this.#taps.values()])
    if (this.#failure === null) return
    await this.#process?.kill()
    if (this.#hasFolder) await mendJournal(join(this.#parts.folder, journalName))
  }

  async #allOver(taps: readonly LiveTap[]): Promise<void> {
    try {
      await this.#watched(Promise.all(taps.map((tap) => tap.over())))
    } catch (error) {
      if (error !== this.#failure) throw error
    }
  }

  /** A recorder that does not answer counts as dead. */
  async #watched<T>(answer: Promise<T>): Promise<T> {
    const silence = new Error('the recorder process does not answer')
    const timer = setTimeout(() => void this.#fail('died', silence), patienceMs)
    try {
      return await Promise.race([answer, this.#broken.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #fail(why: RecordingFailure, cause: unknown): CallError {
    if (this.#failure !== null) return this.#failure
    this.#failure = new CallError('RECORDER_FAILED', `recording failed: ${why}`, { cause })
    this.#wanted = new Map()
    for (const tap of this.#taps.values()) tap.lose()
    this.#broken.reject(this.#failure)
    void this.#process?.kill()
    this.#parts.onFailed(why, cause instanceof Error ? cause : new Error(String(cause)))
    return this.#failure
  }
}

const patienceMs = 30_000

const isErrno = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code))

const summaryOf = ({
  person,
  source,
  startedAt,
  stoppedAt,
  mediaSha512,
  segments,
}: ManifestTrack) => ({
  person,
  source,
  kind: kindOf(source),
  startedAt,
  stoppedAt,
  mediaSha512,
  segments: segments.length,
  bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
})
