import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CallError, type PersonId, type Sha256 } from '#protocol'
import { exists } from './folder.ts'
import { parseManifest, sha256Of, type Manifest, type ManifestTrack } from './manifest.ts'
import {
  journalName,
  manifestName,
  noticeName,
  personPath,
  segmentPath,
  trackFolder,
} from './names.ts'
import { Misfit } from './shape.ts'
import type { Unsealer } from './unseal.ts'

/** Something that is not as the manifest says. `track`: which one cannot be trusted because of it, by number. */
export interface RecordingFinding {
  readonly file: string
  readonly problem: string
  readonly track: number | null
}

/** A recording on disk, for someone who wants to check and open it. It is read, never changed. */
export interface StoredRecording {
  readonly folder: string
  readonly manifest: Manifest
  /** Of the manifest's exact bytes: what the consent log holds. */
  readonly manifestSha256: Sha256
}

/** Throws NOT_FOUND without a manifest, BAD_REQUEST for one that is none. */
export async function readRecording(folder: string): Promise<StoredRecording> {
  if (!(await exists(join(folder, manifestName)))) throw await withoutManifest(folder)
  const bytes = await readFile(join(folder, manifestName))
  try {
    return { folder, manifest: parseManifest(bytes.toString()), manifestSha256: sha256Of(bytes) }
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw new CallError('BAD_REQUEST', `${manifestName} cannot be read: ${cause.message}`, {
      cause,
    })
  }
}

/** Every hash that the manifest holds, against the disk. Needs no identity. `onTrack`: called after each track. */
export async function checkRecording(
  { folder, manifest }: StoredRecording,
  onTrack: (track: ManifestTrack) => void,
): Promise<RecordingFinding[]> {
  const findings: RecordingFinding[] = []
  for (const track of manifest.tracks) {
    findings.push(...(await checkTrack(folder, track)))
    onTrack(track)
  }
  const folders = new Set(
    manifest.tracks.filter(({ destroyedAt }) => destroyedAt === null).map(trackFolder),
  )
  const found = (await exists(join(folder, 'tracks'))) ? await readdir(join(folder, 'tracks')) : []
  for (const name of found.map((each) => `tracks/${each}`)) {
    if (!folders.has(name))
      findings.push({ file: name, problem: 'not in the manifest', track: null })
  }
  return findings
}

/**
 * The notices that people were shown, in order. Null for one that cannot be opened; a finding when it is not the one
 * consented to.
 */
export async function openNotices(
  { folder, manifest: { noticeSha256, laterNotices } }: StoredRecording,
  unsealer: Unsealer,
): Promise<{ texts: readonly (string | null)[]; findings: RecordingFinding[] }> {
  const opened = await Promise.all(
    [noticeSha256, ...laterNotices.map(({ sha256 }) => sha256)].map((sha256, i) =>
      openNotice(folder, noticeName(i + 1), sha256, unsealer),
    ),
  )
  return {
    texts: opened.map(({ text }) => text),
    findings: opened.flatMap(({ finding }) => finding ?? []),
  }
}

async function openNotice(
  folder: string,
  file: string,
  expected: Sha256,
  unsealer: Unsealer,
): Promise<{ text: string | null; finding: RecordingFinding | null }> {
  const problem = (what: string) => ({ text: null, finding: { file, problem: what, track: null } })
  const sealed = await readIfThere(join(folder, file))
  if (sealed === null) return problem('missing')
  const notice = await unsealer.open(sealed)
  if (notice === null) return problem('cannot be opened')
  const actual = sha256Of(notice)
  return actual === expected
    ? { text: Buffer.from(notice).toString(), finding: null }
    : { text: null, finding: differs(file, 'SHA-256', expected, actual, null) }
}

/** What the person is called; null when nothing is kept of them or it cannot be opened. */
export async function openName(
  { folder }: StoredRecording,
  person: PersonId,
  unsealer: Unsealer,
): Promise<string | null> {
  const sealed = await readIfThere(join(folder, personPath(person)))
  const opened = sealed === null ? null : await unsealer.open(sealed)
  if (opened === null) return null
  // Anyone can seal something to a reader: what it says is nobody's word.
  return nameIn(Buffer.from(opened).toString())
}

/** The Matroska file of one checked track, piece by piece. Throws BAD_REQUEST when the identity opens it not. */
export async function* openTrack(
  { folder }: StoredRecording,
  track: ManifestTrack,
  unsealer: Unsealer,
): AsyncGenerator<Uint8Array> {
  for (const [i] of track.segments.entries()) {
    const path = segmentPath(track, i)
    const opened = await unsealer.open(await readFile(join(folder, path)))
    if (opened === null)
      throw new CallError('BAD_REQUEST', `${path} was not sealed to this identity`)
    yield opened
  }
}

function nameIn(json: string): string | null {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
  if (typeof value !== 'object' || value === null || !('name' in value)) return null
  return typeof value.name === 'string' ? value.name : null
}

async function checkTrack(folder: string, track: ManifestTrack): Promise<RecordingFinding[]> {
  if (track.destroyedAt !== null) return []
  const findings: RecordingFinding[] = []
  const media = createHash('sha512')
  const expected = new Set<string>()
  for (const [i, { bytes, sha256 }] of track.segments.entries()) {
    const file = segmentPath(track, i)
    expected.add(file)
    const sealed = await readIfThere(join(folder, file))
    if (sealed === null) {
      findings.push({ file, problem: 'missing', track: track.n })
      continue
    }
    media.update(sealed)
    const actual = sha256Of(sealed)
    if (sealed.length !== bytes)
      findings.push(differs(file, 'length', String(bytes), String(sealed.length), track.n))
    else if (actual !== sha256) findings.push(differs(file, 'SHA-256', sha256, actual, track.n))
  }
  const whole = trackFolder(track)
  const actual = media.digest('hex')
  if (actual !== track.mediaSha512)
    findings.push(differs(whole, 'SHA-512', track.mediaSha512, actual, track.n))
  return [...findings, ...(await strangers(folder, track, expected))]
}

async function strangers(
  folder: string,
  track: ManifestTrack,
  expected: ReadonlySet<string>,
): Promise<RecordingFinding[]> {
  const whole = trackFolder(track)
  const names = (await exists(join(folder, whole))) ? await readdir(join(folder, whole)) : []
  return names
    .map((name) => `${whole}/${name}`)
    .filter((file) => !expected.has(file))
    .map((file) => ({ file, problem: 'not in the manifest', track: null }))
}

const differs = (
  file: string,
  what: string,
  expected: string,
  actual: string,
  track: number | null,
): RecordingFinding => ({
  file,
  problem: `${what} is ${actual}, the manifest says ${expected}`,
  track,
})

async function readIfThere(path: string): Promise<Buffer | null> {
  return (await exists(path)) ? readFile(path) : null
}

async function withoutManifest(folder: string): Promise<CallError> {
  if (await exists(join(folder, journalName))) {
    const why = 'it is still running, or the server died and completes it when it starts again'
    return new CallError('NOT_FOUND', `${folder} has no ${manifestName} yet: ${why}`)
  }
  return new CallError('NOT_FOUND', `${folder} is no recording: it has no ${manifestName}`)
}
