import { existsSync } from 'node:fs'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CallError, errors } from '#protocol'
import {
  checkRecording,
  openName,
  openNotices,
  openTrack,
  readRecording,
  unsealWith,
  type ManifestTrack,
  type RecordingFinding,
  type StoredRecording,
  type Unsealer,
} from '#recording'
import { merge } from './open-merge.ts'
import { fileNames } from './open-names.ts'
import type { Io } from './command.ts'

/**
 * `assent open`: checks a recording against its manifest, decrypts it with a reader's identity and writes files that
 * every player takes. Nothing of the recording is changed. Returns the exit code: 0 opened and all as the manifest says,
 * 1 something is not (what is whole was opened), 2 it could not be done.
 */
export async function openCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options === null) {
      io.stdout.write(usage)
      return 0
    }
    return await openInto(options, (line) => io.stdout.write(`${line}\n`))
  } catch (error) {
    io.stderr.write(explain(error))
    return 2
  }
}

type Options = { readonly folder: string; readonly identity: string; readonly out: string }
type Say = (line: string) => void

/** Null when help was asked for. */
function parse(args: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      identity: { type: 'string', short: 'i' },
      out: { type: 'string', short: 'o' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return null
  const [folder, ...rest] = positionals
  if (folder === undefined || rest.length > 0) throw misuse('name one recording')
  if (values.identity === undefined) throw misuse('name the key file of a reader with --identity')
  if (values.out === undefined) throw misuse('name a new folder with --out')
  return { folder, identity: values.identity, out: values.out }
}

async function openInto({ folder, identity, out }: Options, say: Say): Promise<number> {
  if (existsSync(out))
    throw new CallError('BAD_REQUEST', `${out} is there already; nothing is overwritten`)
  const recording = await readRecording(folder)
  const unsealer = unsealWith(await readIdentity(identity))
  sayWhat(recording, say)
  const findings = await checkRecording(recording, (track) => say(`Checked   ${label(track)}`))
  const suspect = new Set(findings.map(({ track }) => track))
  const sound = recording.manifest.tracks.filter(
    ({ n, destroyedAt }) => destroyedAt === null && !suspect.has(n),
  )
  await mustOpen(recording, sound, unsealer)
  const notices = await openNotices(recording, unsealer)
  await mkdir(out, { recursive: true, mode: 0o700 })
  await writeFile(join(out, 'manifest.json'), await readFile(join(folder, 'manifest.json')), {
    flag: 'wx',
    mode: 0o600,
  })
  for (const [i, text] of notices.texts.entries()) {
    const name = i === 0 ? 'notice.json' : `notice-${i + 1}.json`
    if (text !== null) await writeFile(join(out, name), text, { flag: 'wx', mode: 0o600 })
  }
  const unmerged = await writeTracks(recording, sound, unsealer, out, say)
  const all = [...findings, ...notices.findings, ...unmerged]
  for (const line of verdict(all, recording)) say(line)
  return all.length === 0 ? 0 : 1
}

/** One file for each track, and one for each person that holds them all. Returns what went wrong with the latter. */
async function writeTracks(
  recording: StoredRecording,
  tracks: readonly ManifestTrack[],
  unsealer: Unsealer,
  out: string,
  say: Say,
): Promise<RecordingFinding[]> {
  const people = new Map<ManifestTrack['person'], string | null>()
  for (const { person } of tracks) {
    if (!people.has(person)) people.set(person, await openName(recording, person, unsealer))
  }
  const names = fileNames(people)
  const problems: RecordingFinding[] = []
  for (const [person, name] of names) {
    await mkdir(join(out, name), { mode: 0o700 })
    const files: string[] = []
    for (const track of tracks.filter((each) => each.person === person)) {
      const file = join(name, `${track.source}-${track.n}.mkv`)
      await writeTrack(openTrack(recording, track, unsealer), join(out, file))
      say(`Wrote     ${file}  ${seconds(track.stoppedAt - track.startedAt)}${lost(track)}`)
      files.push(file)
    }
    const merged = join(name, `${name}.mkv`)
    const result = await merge(out, files, merged)
    if (result.state === 'absent') say('Skipped   one file per person: ffmpeg is not installed')
    else say(`Merged    ${merged}`)
    if (result.state === 'failed')
      problems.push({ file: merged, problem: result.problem, track: null })
  }
  return problems
}

async function writeTrack(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  for await (const piece of pieces) await file.writeFile(piece)
}

/** A sound file that does not open was sealed to someone else. */
async function mustOpen(
  recording: StoredRecording,
  [first]: readonly ManifestTrack[],
  unsealer: Unsealer,
): Promise<void> {
  if (first === undefined) return
  try {
    await openTrack(recording, first, unsealer).next()
  } catch (cause) {
    const readers = recording.manifest.readers.map(({ readerId }) => readerId).join(', ')
    throw new CallError(
      'BAD_REQUEST',
      `the identity opens nothing of this recording; its readers are: ${readers}`,
      { cause },
    )
  }
}

async function readIdentity(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new CallError('NOT_FOUND', `the identity file ${path} cannot be read`, { cause })
  }
}

function sayWhat({ manifest, manifestSha256 }: StoredRecording, say: Say): void {
  say(
    `Recording ${manifest.requestId}, begun ${new Date(manifest.startedAt).toISOString()}, ${manifest.state}`,
  )
  say(`Manifest  SHA-256 ${manifestSha256}`)
  if (manifest.replaces.length > 0) say(`Replaces  ${manifest.replaces.join(', ')}`)
  say(
    `Log       ${manifest.log.origin ?? 'not named'}, entries ${manifest.log.indexes.join(', ') || 'not named'}`,
  )
  const destroyed = manifest.tracks.filter(({ destroyedAt }) => destroyedAt !== null)
  if (destroyed.length > 0)
    say(`Destroyed ${destroyed.length} tracks at the request of whom they showed`)
}

function verdict(
  findings: readonly RecordingFinding[],
  { manifest: { state } }: StoredRecording,
): string[] {
  const shown = findings.slice(0, maxShown).map(({ file, problem }) => `  ${file}: ${problem}`)
  const rest = findings.length - shown.length
  if (findings.length > 0) {
    return [
      `NOT VERIFIED. ${findings.length === 1 ? 'One thing is' : `${findings.length} things are`} wrong:`,
      ...shown,
      ...(rest > 0 ? [`  … and ${rest} more`] : []),
      'Tracks that these concern were not opened.',
    ]
  }
  return [
    'VERIFIED. Every file is as the manifest says, and the notice is the one that was consented to.',
    'Whether the manifest is the one of this recording, the consent log says: compare its SHA-256 with',
    'manifestSha256 in the entry effect-stopped, or the later one that tells of a part destroyed.',
    ...(state === 'interrupted'
      ? ['The server died while it recorded: the last second or so of each track is missing.']
      : []),
  ]
}

const label = ({ source, n, segments }: ManifestTrack): string =>
  `tracks/${n}-${source}, ${segments.length} segments`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

function lost({ gaps }: ManifestTrack): string {
  const ms = gaps
    .filter(({ cause }) => cause === 'loss')
    .reduce((sum, { from, to }) => sum + to - from, 0)
  return ms === 0 ? '' : `, ${seconds(ms)} lost on the way`
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof CallError)) return `assent open: ${message}\n\n${usage}`
  const todo =
    error.code === 'BAD_REQUEST' || error.code === 'NOT_FOUND' ? '' : ` ${errors[error.code].todo}`
  return `assent open: ${message}.${todo}\n`
}

/** A mistake in the command itself. */
const misuse = (message: string): Error => new TypeError(message)

const usage = `Usage: assent open RECORDING --identity KEYFILE --out DIR

RECORDING is a recording's folder, KEYFILE the age identity of one of its readers, DIR a folder that does not exist yet.
Checks every file, decrypts them into DIR, and where ffmpeg is installed joins each person's tracks in one file.
Exit code: 0 opened and verified, 1 something is not as the manifest says, 2 it could not be opened.
`

/** More would hide the first. */
const maxShown = 20
