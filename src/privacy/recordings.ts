import { join } from 'node:path'
import { recordHeader, type Entry } from '#audit'
import { CallError, RequestId, type PersonId, type SessionId, type Source } from '#protocol'
import { readRecording, type Manifest } from '#recording'
import { holdsOf, keptRecordings, type KeptWorld } from './kept.ts'
import { dueOf } from './retention.ts'
import type { Shelf } from './shelf.ts'

/** Recordings, each until the end that its own notice promised. */
export function recordingShelf(world: KeptWorld): Shelf {
  const { lives, vault } = world
  return {
    kind: 'recording',
    due: async (now) =>
      dueOf('recording', await keptRecordings(world), { lives, now, holds: await holdsOf(world) }),
    async remove(id) {
      const requestId = RequestId.parse(id)
      const manifest = await manifestOf(join(world.recordingsDir, id))
      await vault.erase(requestId, () => sayDestroyed(world, requestId, manifest))
    },
  }
}

/** Null for a folder that never got one, or whose own cannot be read: nobody can say whose it was. */
async function manifestOf(folder: string): Promise<Manifest | null> {
  try {
    return (await readRecording(folder)).manifest
  } catch (error) {
    if (error instanceof CallError) return null
    throw error
  }
}

/** One entry for each person in it; none for whom the log has forgotten, and whose name it would learn anew. */
async function sayDestroyed(
  { log, now }: KeptWorld,
  requestId: RequestId,
  manifest: Manifest | null,
): Promise<void> {
  if (manifest === null) return
  const entries = await log.ask({ what: 'session', session: manifest.session })
  const cores = entries.flatMap(({ core }) => (core === null ? [] : [core]))
  const isTold =
    cores.some(({ type }) => type === 'session-open') &&
    cores.some((core) => core.type === 'effect-started' && core.recordingId === requestId)
  if (!isTold) return
  const known = new Set(entries.flatMap(({ ref, core }) => (core === null ? [] : [ref])))
  const theirs = Map.groupBy(
    manifest.tracks.filter(({ destroyedAt }) => destroyedAt === null),
    ({ person }) => person,
  )
  const gone = [...theirs].filter(([person]) => known.has(person))
  await Promise.all(
    gone.map(([person, tracks]) =>
      log.append(destroyed(manifest.session, requestId, person, tracks, now())),
    ),
  )
}

const destroyed = (
  session: SessionId,
  requestId: RequestId,
  person: PersonId,
  tracks: readonly { readonly source: Source }[],
  time: number,
): Entry => ({
  key: `${requestId}/retention/${person}`,
  core: {
    ...recordHeader('destroyed', session),
    event: { state: 'destroyed', time, cause: 'retention' },
    recordingId: requestId,
    subject: { ref: person },
    tracks: tracks.map(({ source }) => ({ source })),
  },
})
