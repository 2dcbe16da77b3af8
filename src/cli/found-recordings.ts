import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FoundRecording } from '#audit'
import { CallError } from '#protocol'
import { readRecording } from '#recording'

/** Every recording below a folder that is complete, as its manifest tells it. Throws NOT_FOUND for one that cannot be read. */
export async function recordingsIn(folder: string): Promise<FoundRecording[]> {
  if (!existsSync(folder)) throw new CallError('NOT_FOUND', `there is no folder ${folder}`)
  const names = (await readdir(folder)).filter((name) =>
    existsSync(join(folder, name, 'manifest.json')),
  )
  return Promise.all(names.toSorted().map((name) => found(folder, name)))
}

async function found(folder: string, name: string): Promise<FoundRecording> {
  const { manifest, manifestSha256 } = await read(join(folder, name))
  return {
    name,
    requestId: manifest.requestId,
    manifestSha256,
    replaces: manifest.replaces,
    tracks: manifest.tracks.map(({ n, source, person, ...track }) => ({
      name: `tracks/${n}-${source}`,
      ref: person,
      startedAt: track.startedAt,
      stoppedAt: track.stoppedAt,
      mediaSha512: track.mediaSha512,
    })),
  }
}

async function read(path: string): ReturnType<typeof readRecording> {
  try {
    return await readRecording(path)
  } catch (cause) {
    if (!(cause instanceof CallError)) throw cause
    throw new CallError('NOT_FOUND', `${path}: ${cause.message}`, { cause })
  }
}
