import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PersonId, Sha256 } from '#protocol'
import type { Destroyed } from './contract.ts'
import { disk, remove } from './disk.ts'
import { exists } from './folder.ts'
import { lineOf, readJournal } from './journal.ts'
import { parseManifest, sha256Of, writeManifest } from './manifest.ts'
import { journalName, manifestName, personPath, trackFolder } from './names.ts'

/**
 * Deletes one person's media and name from a recording, then says so in its journal or manifest: a crash in between
 * leaves less, never more. Nothing else changes. `now`: ms epoch.
 */
export async function destroyIn(folder: string, person: PersonId, now: number): Promise<Destroyed> {
  return (await exists(join(folder, manifestName)))
    ? destroyFinished(folder, person, now)
    : destroyUnfinished(folder, person, now)
}

async function destroyFinished(folder: string, person: PersonId, now: number): Promise<Destroyed> {
  const bytes = await readFile(join(folder, manifestName))
  const manifest = parseManifest(bytes.toString())
  const theirs = manifest.tracks.filter(
    (track) => track.person === person && track.destroyedAt === null,
  )
  if (theirs.length === 0) return { tracks: [] }
  await removeAll(folder, person, theirs)
  const replaced: Sha256 = sha256Of(bytes)
  await writeManifest(folder, {
    ...manifest,
    tracks: manifest.tracks.map((track) =>
      theirs.includes(track) ? { ...track, destroyedAt: now, segments: [], gaps: [] } : track,
    ),
    replaces: [...manifest.replaces, replaced],
  })
  return { tracks: theirs.map(({ source }) => ({ source })) }
}

async function destroyUnfinished(
  folder: string,
  person: PersonId,
  now: number,
): Promise<Destroyed> {
  const lines = await readJournal(join(folder, journalName))
  if (lines.some((line) => line.type === 'destroyed' && line.person === person))
    return { tracks: [] }
  const theirs = lines
    .filter((line) => line.type === 'track')
    .filter((track) => track.person === person)
  if (theirs.length === 0) return { tracks: [] }
  await removeAll(folder, person, theirs)
  await disk.append(join(folder, journalName), lineOf({ type: 'destroyed', person, at: now }))
  return { tracks: theirs.map(({ source }) => ({ source })) }
}

async function removeAll(
  folder: string,
  person: PersonId,
  tracks: readonly Parameters<typeof trackFolder>[0][],
): Promise<void> {
  for (const track of tracks) await remove(join(folder, trackFolder(track)))
  await remove(join(folder, personPath(person)))
}
