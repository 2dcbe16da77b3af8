import type { RecordingPermit } from '#consent'
import type { RoomMedia } from '#media'
import type {
  PersonId,
  ProducerId,
  ReaderId,
  RequestId,
  SessionId,
  Sha256,
  Source,
} from '#protocol'

/** The folder that holds the recordings. Sealed media and hashes lie in it, and no key that opens anything. */
export interface Vault extends AsyncDisposable {
  /** Nothing comes to be, no process, no file and no folder, before the first permit is applied. */
  newRecording(about: NewRecording): Recording
  /**
   * Deletes what was recorded of one person, durably on return; the others' parts stay as they are. Again for the same
   * person: nothing is left to do. Throws NOT_FOUND for an unknown recording, RECORDER_FAILED when the disk refuses.
   */
  destroy(requestId: RequestId, person: PersonId): Promise<Destroyed>
  /**
   * Deletes a whole recording, durably on return. `said`: called once nothing of it can be opened any more, while its
   * manifest still tells what it was; when that fails, or the server dies, erasing again does the rest. Throws NOT_FOUND,
   * or BAD_REQUEST while it is running.
   */
  erase(requestId: RequestId, said?: () => Promise<unknown>): Promise<void>
  /** What lies there, finished or not, except what is running. */
  list(): Promise<readonly RequestId[]>
  /**
   * At start: completes what a crash of the server interrupted, so that it can be opened. Never goes on recording. A
   * folder that cannot be completed stays as it is and hinders no other.
   */
  recover(): Promise<readonly Recovered[]>
}

/** `empty`: nothing had been sealed yet, and the folder is removed. */
export type Recovered =
  | { readonly requestId: RequestId; readonly state: 'completed'; readonly manifestSha256: Sha256 }
  | { readonly requestId: RequestId; readonly state: 'empty' }
  | { readonly requestId: RequestId; readonly state: 'failed'; readonly cause: unknown }

export interface Destroyed {
  readonly tracks: readonly { readonly source: Source }[]
}

/** One stretch of one stream in one file. Times are ms epoch. */
export interface RecordedTrack {
  readonly person: PersonId
  readonly source: Source
  readonly kind: 'audio' | 'video'
  readonly startedAt: number
  readonly stoppedAt: number
  /** Over the sealed segments, one after another; lower-case hex. */
  readonly mediaSha512: string
  readonly segments: number
  readonly bytes: number
}

export interface IntervalSummary {
  readonly tracks: readonly RecordedTrack[]
}

export interface NewRecording {
  readonly requestId: RequestId
  readonly session: SessionId
  /** The exact bytes that were shown and hashed. Kept sealed with the recording. */
  readonly notice: string
  readonly noticeSha256: Sha256
  /** `recipient`: an age public key. */
  readonly readers: readonly {
    readonly readerId: ReaderId
    readonly name: string
    readonly recipient: string
  }[]
  /** Asked anew for each stream: after the loss of a worker the room has another one. */
  readonly media: () => RoomMedia
  /** What the readers shall see the person called; sealed at once, and nowhere else. */
  readonly nameOf: (person: PersonId) => string
  /** Called once. Nothing is recorded any more; what is sealed stays readable, and `finish` still writes the manifest. */
  readonly onFailed: (why: RecordingFailure, cause: Error) => void
}

/** `died`: the process; `disk`: full or broken; `media`: the SFU or a codec. */
export type RecordingFailure = 'died' | 'disk' | 'media'

export interface Recording {
  /**
   * Level-triggered: starts what the permit names and does not yet run, stops what it no longer names. Resolves when
   * the newly named streams are being consumed. The first call starts the recorder process. Throws RECORDER_FAILED.
   */
  apply(permit: RecordingPermit): Promise<void>
  /** People have agreed to other bytes: the readers get them too. Before the first `apply` they take the place of the first. */
  changeNotice(notice: string, noticeSha256: Sha256): Promise<void>
  /**
   * Ahead of everything, never queued behind `apply`: ends what is recorded of `person`, or of all. Resolves at the
   * worker's word, with the time of it (ms epoch); not one packet enters after that. Never rejects.
   */
  revoke(person?: PersonId): Promise<{ lastPacketAt: number }>
  /** Ends all streams. Everything recorded is durable on return; tells what is new since the last call. */
  endInterval(): Promise<IntervalSummary>
  /**
   * Writes the manifest and ends the process. `logIndexes`: entries that authorise the recording besides the gates of
   * the permits. Null when nothing was recorded; then nothing is on the disk either.
   */
  finish(logIndexes?: readonly number[]): Promise<{ manifestSha256: Sha256 } | null>
  /** The streams that the SFU holds a consumer for at this moment; each must be covered by the current permit. */
  tapped(): readonly ProducerId[]
}
