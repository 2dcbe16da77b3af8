import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PersonId, RequestId, SessionId, Sha256, Source } from '#protocol'
import { disk, remove } from './disk.ts'
import { Reader, readJournal, type Line, type TrackStart } from './journal.ts'
import { journalName, manifestName, reserveName, segmentPath } from './names.ts'
import {
  absent,
  integer,
  list,
  matching,
  Misfit,
  nullable,
  object,
  oneOf,
  schema,
  text,
  type Of,
} from './shape.ts'

const time = integer()

const Track = object({
  n: integer(),
  person: schema(PersonId),
  source: schema(Source),
  codec: text(64),
  width: nullable(integer()),
  height: nullable(integer()),
  /** What the file holds: from its first frame to the end of its last. */
  startedAt: time,
  stoppedAt: time,
  /** SHA-512 over the sealed segments, one after another. */
  mediaSha512: matching(/^[0-9a-f]{128}$/),
  /** The person had it destroyed: the hash stays, the segments are gone. */
  destroyedAt: nullable(time),
  segments: list(
    object({ bytes: integer(), sha256: schema(Sha256), from: time, to: time }),
    1_000_000,
  ),
  /** Where nothing could be written: packets were lost, or none were sent. */
  gaps: list(object({ from: time, to: time, cause: oneOf('loss', 'silence') }), 1_000_000),
})
export type ManifestTrack = Of<typeof Track>

/** What a recording consists of. Times are ms epoch; the files count from `startedAt`. */
const Manifest = object({
  schema: oneOf('assent/recording/v1'),
  requestId: schema(RequestId),
  session: schema(SessionId),
  noticeSha256: schema(Sha256),
  /** The notices that took its place while it ran, and from when. */
  laterNotices: list(object({ sha256: schema(Sha256), from: time }), 1000),
  startedAt: time,
  /** How long the notice said that it is kept, from the end of its last track. */
  retentionDays: absent(integer()),
  /** `interrupted`: the server died; the last second or so of each track is missing. */
  state: oneOf('finished', 'interrupted'),
  /** Whoever holds the identity of one of these can open it. Who they are stands in the notice. */
  readers: list(Reader, 16),
  /** The consent log's name and the entries there that allowed this. */
  log: object({ origin: nullable(text(500)), indexes: list(integer(), 100_000) }),
  tracks: list(Track, 10_000),
  /** Earlier manifests of this recording, oldest first: one for each time that a part was destroyed. */
  replaces: list(schema(Sha256), 10_000),
})
export type Manifest = Of<typeof Manifest>

/** Throws Misfit. */
export function parseManifest(json: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new Misfit('manifest must be JSON', { cause })
  }
  return Manifest(value, 'manifest')
}

/** As it is written and hashed. */
export const manifestBytes = (manifest: Manifest): Buffer =>
  Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)

/** Durable on return. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<Sha256> {
  const bytes = manifestBytes(manifest)
  await disk.write(join(folder, manifestName), bytes)
  return sha256Of(bytes)
}

/**
 * Completes a folder that nothing writes to any more: the manifest says what the journal says and the disk really holds.
 * Null when nothing was recorded; the folder is gone then.
 */
export async function completeFolder(
  folder: string,
  about: Pick<Manifest, 'state' | 'log'>,
): Promise<Sha256 | null> {
  const lines = await readJournal(join(folder, journalName))
  const [head] = lines
  const tracks = await tracksOf(folder, lines)
  if (head === undefined || tracks.length === 0) {
    await remove(folder)
    return null
  }
  if (head.type !== 'recording') throw new Misfit('line 1 must open a recording')
  // A full disk has room again for the manifest.
  await remove(join(folder, reserveName))
  const { type: _, ...recording } = head
  return writeManifest(folder, {
    schema: 'assent/recording/v1',
    ...recording,
    ...about,
    laterNotices: lines
      .filter((line) => line.type === 'notice')
      .map(({ sha256, at }) => ({ sha256, from: at })),
    tracks,
    replaces: [],
  })
}

/** The tracks of a journal that hold something. */
export async function tracksOf(folder: string, lines: readonly Line[]): Promise<ManifestTrack[]> {
  const byTrack = Map.groupBy(lines, (line) => ('n' in line ? line.n : null))
  const destroyed = new Map(
    lines.filter((line) => line.type === 'destroyed').map(({ person, at }) => [person, at]),
  )
  const tracks: ManifestTrack[] = []
  for (const line of lines) {
    if (line.type !== 'track') continue
    const track = await trackOf(
      folder,
      line,
      byTrack.get(line.n) ?? [],
      destroyed.get(line.person) ?? null,
    )
    if (track !== null) tracks.push(track)
  }
  return tracks
}

export const sha256Of = (bytes: Uint8Array): Sha256 =>
  Sha256.parse(createHash('sha256').update(bytes).digest('hex'))

async function trackOf(
  folder: string,
  line: TrackStart,
  lines: readonly Line[],
  destroyedAt: number | null,
): Promise<ManifestTrack | null> {
  const { type: _, ...start } = line
  const noted = lines.filter((each) => each.type === 'segment')
  const closed = lines.find((each) => each.type === 'closed')
  const gaps = lines.filter((each) => each.type === 'gap')
  // A crash may have come between the journal's line and the file.
  const found =
    closed === undefined && destroyedAt === null
      ? await hashThose(folder, start, noted.length)
      : null
  const kept = found === null ? noted : noted.slice(0, found.count)
  const [first] = kept
  const last = kept.at(-1)
  if (first === undefined || last === undefined) return null
  const isThere = destroyedAt === null
  return {
    ...start,
    startedAt: first.from,
    stoppedAt: last.to,
    mediaSha512: closed?.mediaSha512 ?? found?.sha512 ?? emptySha512,
    destroyedAt,
    segments: isThere
      ? kept.map(({ bytes, sha256, from, to }) => ({ bytes, sha256, from, to }))
      : [],
    gaps: isThere ? gaps.map(({ from, to, cause }) => ({ from, to, cause })) : [],
  }
}

const emptySha512 = createHash('sha512').digest('hex')

async function hashThose(
  folder: string,
  track: Omit<TrackStart, 'type'>,
  count: number,
): Promise<{ count: number; sha512: string }> {
  const media = createHash('sha512')
  for (let i = 0; i < count; i++) {
    try {
      media.update(await readFile(join(folder, segmentPath(track, i))))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      return { count: i, sha512: media.digest('hex') }
    }
  }
  return { count, sha512: media.digest('hex') }
}
