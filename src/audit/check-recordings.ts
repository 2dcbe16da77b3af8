import type { ReadEntry } from './check-openings.ts'
import type { Finding, GrammarCode } from './findings.ts'
import type { GrammarReader } from './grammar.ts'
import type { Stretch } from './run.ts'

/** A recording as its own manifest tells it. Times are ms epoch. */
export type FoundRecording = {
  /** Where it lies. */
  readonly name: string
  readonly requestId: string
  readonly manifestSha256: string
  /** Earlier manifests of it, from before a part was destroyed. */
  readonly replaces: readonly string[]
  readonly tracks: readonly FoundTrack[]
}

type FoundTrack = Omit<Stretch, 'index'> & { readonly name: string; readonly mediaSha512: string }

export type RecordingCode = GrammarCode | 'recording-unlogged' | 'recording-differs'

/**
 * Holds recordings against the log: each is told of there, by the manifest that the log names, and none of it is from a
 * time in which someone whose yes it needed had not said it. `told` has read the whole log.
 */
export function checkRecordings(
  found: readonly FoundRecording[],
  entries: readonly ReadEntry[],
  told: GrammarReader,
): Finding<RecordingCode>[] {
  const logged = loggedIn(entries)
  return found.flatMap((recording): Finding<RecordingCode>[] => {
    const { name, requestId, tracks } = recording
    const media = told.judge(
      requestId,
      tracks.map((track, index) => ({ ...track, index })),
    )
    if (media === undefined)
      return [about(name, 'recording-unlogged', 'no entry tells of this recording')]
    return [
      ...differences(recording, logged.get(requestId)),
      ...media.map(({ code, index, message }) =>
        about(`${name}, ${tracks[index!]!.name}`, code, message),
      ),
    ]
  })
}

type Logged = {
  /** Of one that a crash ended the log names no manifest. */
  readonly manifest: { readonly index: number; readonly sha256: string } | undefined
  readonly stretches: ReadonlySet<string>
  readonly mediaSha512: ReadonlySet<string>
}

/** What the log says was recorded, by recording. */
function loggedIn(entries: readonly ReadEntry[]): ReadonlyMap<string, Logged> {
  const logged = new Map<string, Logged>()
  for (const { index, core } of entries) {
    if (core.type !== 'effect-stopped' || !('tracks' in core)) continue
    const before = logged.get(core.recordingId)
    const stretches = core.tracks.map((track) => stretchOf({ ...track, ref: track.subject.ref }))
    const { manifestSha256: sha256 } = core
    logged.set(core.recordingId, {
      manifest: sha256 === undefined ? before?.manifest : { index, sha256 },
      stretches: new Set([...(before?.stretches ?? []), ...stretches]),
      mediaSha512: new Set([...(before?.mediaSha512 ?? []), ...core.mediaSha512]),
    })
  }
  return logged
}

/** Once a part was destroyed, nothing but the log's own account of each track says that the rest is as it was. */
function differences(
  { name, manifestSha256, replaces, tracks }: FoundRecording,
  logged: Logged | undefined,
): Finding<RecordingCode>[] {
  const named = logged?.manifest
  if (logged === undefined || named === undefined || named.sha256 === manifestSha256) return []
  if (!replaces.includes(named.sha256)) {
    const message = `names the manifest ${named.sha256}, ${name} has ${manifestSha256}`
    return [{ code: 'recording-differs', index: named.index, message }]
  }
  const isLogged = (track: FoundTrack): boolean =>
    logged.stretches.has(stretchOf(track)) && logged.mediaSha512.has(track.mediaSha512)
  return tracks
    .filter((track) => !isLogged(track))
    .map((track) => about(`${name}, ${track.name}`, 'recording-differs', unknown))
}

const unknown = 'is nothing that the log says was recorded'
const stretchOf = ({ ref, startedAt, stoppedAt }: Omit<Stretch, 'index'>): string =>
  `${ref} ${startedAt} ${stoppedAt}`

const about = (what: string, code: RecordingCode, message: string): Finding<RecordingCode> => ({
  code,
  index: null,
  message: `${what}: ${message}`,
})
