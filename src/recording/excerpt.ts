import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PersonId } from '#protocol'
import { exists } from './folder.ts'
import { manifestBytes } from './manifest.ts'
import { manifestName, noticeName, personPath, segmentPath } from './names.ts'
import type { StoredRecording } from './opening.ts'

/** One file of a recording, by its path inside the recording's folder. */
export type RecordingFile = { readonly path: string; readonly bytes: Uint8Array }

/**
 * What a recording holds of one person, file by file, as sealed as it lies there: their tracks and name, the notices, and a
 * manifest that leaves the others out and names the whole one among those it comes from. `assent open` takes the folder.
 */
export async function* excerptOf(
  { folder, manifest, manifestSha256 }: StoredRecording,
  person: PersonId,
): AsyncGenerator<RecordingFile> {
  const tracks = manifest.tracks.filter((track) => track.person === person)
  const replaces = [...manifest.replaces, manifestSha256]
  yield { path: manifestName, bytes: manifestBytes({ ...manifest, tracks, replaces }) }
  const notices = [1, ...manifest.laterNotices.map((_, i) => i + 2)].map(noticeName)
  for (const path of [...notices, personPath(person)])
    if (await exists(join(folder, path))) yield { path, bytes: await readFile(join(folder, path)) }
  for (const track of tracks)
    for (const i of track.segments.keys()) {
      const path = segmentPath(track, i)
      yield { path, bytes: await readFile(join(folder, path)) }
    }
}
