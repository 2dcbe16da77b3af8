import { join } from 'node:path'
import type { OpenedEntry } from '#audit'
import { CallError, RequestId, type PersonId } from '#protocol'
import { readRecording, type Manifest, type ManifestTrack } from '#recording'
import { destroyedEntry } from './rights-entries.ts'
import type { Part, RightsWorld } from './rights-world.ts'

/** The recordings that a person was asked for, by what the log says of them; whether one ever began is not said. */
export const askedFor = (entries: readonly OpenedEntry[]): RequestId[] => [
  ...new Set(
    entries.flatMap(({ core }) =>
      core?.type === 'request' ? [RequestId.parse(core.requestId)] : [],
    ),
  ),
]

/** Null while it runs, and when there is none, or none any more. */
export async function manifestOf(dir: string, recordingId: RequestId): Promise<Manifest | null> {
  try {
    return (await readRecording(join(dir, recordingId))).manifest
  } catch (cause) {
    if (cause instanceof CallError && cause.code === 'NOT_FOUND') return null
    throw cause
  }
}

export const tracksOf = (manifest: Manifest, person: PersonId): ManifestTrack[] =>
  manifest.tracks.filter((track) => track.person === person)

/**
 * Destroys a person's part of a recording, at once, and says so in the log. Resolves with how many tracks; again: 0.
 * Throws BAD_REQUEST while they are in it, RECORDER_FAILED when the disk refuses, LOG_UNAVAILABLE when it is gone and
 * not yet logged: again, and it is.
 */
export async function destroyPart(
  world: RightsWorld,
  part: Part,
  cause: 'subject-request' | 'erasure',
): Promise<number> {
  const { calls, vault, log, now } = world
  const live = await calls().destroyIn(part.session, part.person, part.recordingId)
  if (live !== null) return live
  const destroyed = await destroyIn(vault, part)
  const sources =
    destroyed.length > 0 ? destroyed : (await isSaid(world, part)) ? [] : await gone(world, part)
  if (sources.length > 0) await log.append(destroyedEntry(part, sources, cause, now()))
  return destroyed.length
}

async function destroyIn(vault: RightsWorld['vault'], { recordingId, person }: Part) {
  try {
    const { tracks } = await vault.destroy(recordingId, person)
    return tracks.map(({ source }) => source)
  } catch (cause) {
    if (cause instanceof CallError && cause.code === 'NOT_FOUND') return []
    throw cause
  }
}

/** What a crash left destroyed without a word. */
async function gone({ recordingsDir }: RightsWorld, { recordingId, person }: Part) {
  const manifest = await manifestOf(recordingsDir, recordingId)
  return manifest === null ? [] : tracksOf(manifest, person).map(({ source }) => source)
}

async function isSaid({ log }: RightsWorld, { recordingId, person }: Part): Promise<boolean> {
  const entries = await log.ask({ what: 'entries', refs: [person] })
  return entries.some(
    ({ core }) => core?.type === 'destroyed' && core.recordingId === recordingId,
  )
}
