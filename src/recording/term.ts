import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionId } from '#protocol'
import { exists } from './folder.ts'
import { parseLine, readJournal, type Line } from './journal.ts'
import { journalName } from './names.ts'
import { readRecording } from './opening.ts'
import { Misfit } from './shape.ts'

/** From when on a recording is kept, and how long. Times are ms epoch. */
export interface Term {
  /** Null for a folder that can not be read any more. */
  readonly session: SessionId | null
  /** When its last track ended. */
  readonly endedAt: number
  /** What its notice said; null for a folder of an older version, or one that cannot be read. */
  readonly retentionDays: number | null
}

/**
 * Of a recording that is not running. Reads the ends of its journal alone: a manifest may be large, and this is asked of
 * every recording each day. Null when the folder has gone meanwhile.
 */
export async function readTerm(folder: string): Promise<Term | null> {
  try {
    return (await fromJournal(folder)) ?? (await fromManifest(folder))
  } catch {
    // Nobody can say what it was, which must not hinder the others. Its folder last changed when something was written
    // to it or taken from it; that is never before its end.
    const endedAt = await changedAt(folder)
    return endedAt === null ? null : { session: null, endedAt, retentionDays: null }
  }
}

async function fromJournal(folder: string): Promise<Term | null> {
  const path = join(folder, journalName)
  if (!(await exists(path))) return null
  const ends = await endsOf(path)
  const head = ends[0]
  if (head?.type !== 'recording') throw new Misfit('line 1 must open a recording')
  const { session, startedAt, retentionDays } = head
  const lines = ends.some(isSegment) ? ends : await readJournal(path)
  const endedAt = latest(
    startedAt,
    lines.filter(isSegment).map(({ to }) => to),
  )
  return { session, endedAt, retentionDays }
}

/** Of what was half erased there is no journal any more. */
async function fromManifest(folder: string): Promise<Term> {
  const { manifest } = await readRecording(folder)
  const { session, startedAt, retentionDays, tracks } = manifest
  const endedAt = latest(
    startedAt,
    tracks.map(({ stoppedAt }) => stoppedAt),
  )
  return { session, endedAt, retentionDays }
}

/** The first line, and as many of the last ones as fit; lines come in the order of time. */
async function endsOf(path: string): Promise<Line[]> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  const read = async (from: number): Promise<string[]> => {
    const length = Math.min(endBytes, size - from)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
    return buffer.toString('utf8', 0, bytesRead).split('\n').slice(0, -1)
  }
  const from = Math.max(0, size - endBytes)
  const [first] = await read(0)
  const last = (await read(from)).slice(1)
  return [...(first === undefined ? [] : [first]), ...last].map((line, i) => parseLine(line, i))
}

async function changedAt(folder: string): Promise<number | null> {
  return (await exists(folder)) ? Math.floor((await stat(folder)).mtimeMs) : null
}

/** Not by spreading: hours of many people are more than fit in one call. */
const latest = (start: number, times: readonly number[]): number =>
  times.reduce((max, time) => Math.max(max, time), start)

type Segment = Extract<Line, { type: 'segment' }>
const isSegment = (line: Line): line is Segment => line.type === 'segment'

/** About a hundred lines; the first one alone may have sixteen readers. */
const endBytes = 131_072
