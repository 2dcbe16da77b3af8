import { open, readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PersonId, ReaderId, RequestId, SessionId, Sha256, Source } from '#protocol'
import {
  absent,
  byType,
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

const sha512 = matching(/^[0-9a-f]{128}$/)
export const Segment = object({
  type: oneOf('segment'),
  /** The track, by its number. */
  n: integer(),
  /** Counted from 0 in each track; names the file. */
  i: integer(),
  bytes: integer(),
  sha256: schema(Sha256),
  /** When its first frame begins and its last one ends: ms epoch. */
  from: integer(),
  to: integer(),
})
export type Segment = Of<typeof Segment>

export const Reader = object({
  readerId: schema(ReaderId),
  recipient: matching(/^age1[a-z0-9]{1,4096}$/),
})
export type Reader = Of<typeof Reader>

export const TrackStart = object({
  type: oneOf('track'),
  n: integer(),
  person: schema(PersonId),
  source: schema(Source),
  codec: text(64),
  width: nullable(integer()),
  height: nullable(integer()),
})
export type TrackStart = Of<typeof TrackStart>

export const Gap = object({
  type: oneOf('gap'),
  n: integer(),
  from: integer(),
  to: integer(),
  cause: oneOf('loss', 'silence'),
})
export type Gap = Of<typeof Gap>

const line = byType({
  /** The first line. `startedAt`: ms epoch, the zero of every file's time. */
  recording: object({
    type: oneOf('recording'),
    requestId: schema(RequestId),
    session: schema(SessionId),
    noticeSha256: schema(Sha256),
    startedAt: integer(),
    /** How long the notice said that it is kept, from its end. */
    retentionDays: absent(integer()),
    readers: list(Reader, 16),
  }),
  /** Other bytes were shown, and agreed to, before anything more was recorded. */
  notice: object({ type: oneOf('notice'), sha256: schema(Sha256), at: integer() }),
  track: TrackStart,
  /** Stands here before the file gets its name, so that every file is accounted for. */
  segment: Segment,
  gap: Gap,
  closed: object({ type: oneOf('closed'), n: integer(), mediaSha512: sha512 }),
  /** One person's part was destroyed on their demand. */
  destroyed: object({ type: oneOf('destroyed'), person: schema(PersonId), at: integer() }),
})
export type Line = Of<typeof line>

/** The journal so far as it is whole, without what a crash tore off at its end. Throws Misfit when it is no journal. */
export async function readJournal(path: string): Promise<Line[]> {
  const texts = (await readFile(path, 'utf8')).split('\n')
  // The last piece is empty, or a line that was never finished.
  texts.pop()
  const lines: Line[] = []
  for (const [i, text] of texts.entries()) {
    lines.push(parseLine(text, i))
    // Hours of many people are a hundred thousand lines, and calls go on meanwhile.
    if (i % 500 === 499) await nextTurn()
  }
  return lines
}

/** After a crash or a full disk: cuts off a line that was never finished, so that more can be written. */
export async function mendJournal(path: string): Promise<void> {
  const bytes = await readFile(path)
  const whole = bytes.lastIndexOf('\n') + 1
  if (whole === bytes.length) return
  await using file = await open(path, 'r+')
  await file.truncate(whole)
  await file.sync()
}

export const lineOf = (entry: Line): string => `${JSON.stringify(entry)}\n`

/** Throws Misfit. */
export function parseLine(json: string, i: number): Line {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new Misfit(`line ${i + 1} must be JSON`, { cause })
  }
  return line(value, `line ${i + 1}`)
}
