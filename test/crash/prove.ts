import { hash } from 'node:crypto'
import { CallError } from '#protocol'
import type { Logged } from '#audit'
import { rootsOf } from './roots.ts'
import type { Story } from './story.ts'
import {
  findingsIn,
  leafOf,
  openingsOf,
  openLog,
  signedIn,
  storedIn,
} from './subject.ts'

/** What is left of a log's promises after a crash. */
export type Proof = {
  /** Entries that are there although nobody was told: normal, and the interesting case. */
  readonly unacknowledged: number
  readonly lost: number
  readonly gaps: number
  readonly wrongRoots: number
  /** Entries that do not open, or open otherwise than before: by what was stored, retried, or given out. */
  readonly otherReceipts: number
  /** 1 when it could not be started, or not appended to. */
  readonly refused: number
  /** What is wrong, with one line for each; none when all is well. */
  readonly complaints: readonly string[]
  /** The story with what was promised here. */
  readonly story: Story
}

/**
 * Starts the log below `root` as its server would, appends one entry, repeats every append that was ever asked for,
 * closes it, and compares what is stored with what was promised.
 */
export async function prove(root: string, story: Story): Promise<Proof> {
  const twice = story.twice.map((key) => `${key} was promised two places`)
  try {
    const { size, placed, vkey, notes, openings } = await repeat(root, story)
    const found = [...placed].filter(([, index]) => index < size)
    const lost = [...story.promised].filter(([key, index]) => placed.get(key) !== index)
    const wrong = await wrongNotes(root, vkey, [...story.notes, ...notes])
    const other = otherReceipts(root, openings, story)
    const gaps = size - new Set(found.map(([, index]) => index)).size
    return {
      unacknowledged: found.filter(([key]) => !story.promised.has(key)).length,
      lost: lost.length,
      gaps,
      wrongRoots: wrong.length,
      otherReceipts: other.length,
      refused: 0,
      complaints: [
        ...twice,
        ...lost.map(([key, index]) => `${key} was ${index}, is ${placed.get(key)}`).slice(0, 3),
        ...(gaps === 0 ? [] : [`${gaps} of ${size} entries are nobody's`]),
        ...wrong.slice(0, 3),
        ...other.slice(0, 3),
        ...(await findingsIn(root, vkey)),
      ],
      story: { ...story, promised: placed, asked: new Set(placed.keys()) },
    }
  } catch (error) {
    const why = error instanceof CallError ? `${error.code}: ${error.message}` : String(error)
    const complaints = [...twice, `refused: ${why}`]
    const none = { unacknowledged: 0, lost: 0, gaps: 0, wrongRoots: 0, otherReceipts: 0 }
    return { ...none, refused: 1, complaints, story }
  }
}

type Repeated = {
  /** How many entries there were. */
  readonly size: number
  readonly placed: ReadonlyMap<string, number>
  /** Checkpoints, each with the highest index that came with it. */
  readonly notes: ReadonlyMap<string, number>
  readonly vkey: string
  /** What opens each entry that there was, before anything was repeated and after. */
  readonly openings: readonly (readonly [before: string | undefined, after: string | undefined])[]
}

async function repeat(root: string, { asked }: Story): Promise<Repeated> {
  const failures: Error[] = []
  const subject = await openLog(root, (cause) => failures.push(cause))
  await using log = subject.log
  const keys = [`probe${asked.size}`, ...asked]
  const append = (key: string): Promise<Logged> => log.append(subject.acts.entryOf(key))
  const first = await append(keys[0]!)
  const indexes = Array.from({ length: first.index }, (_, index) => index)
  const before = await openingsOf(subject, indexes)
  const rest = await Promise.all(keys.slice(1).map(append))
  const after = await openingsOf(subject, indexes)
  if (failures.length > 0) throw failures[0]!
  const logged = [first, ...rest]
  const upwards = logged.toSorted((a, b) => a.index - b.index)
  return {
    size: first.index,
    placed: new Map(logged.map(({ index }, i) => [keys[i]!, index])),
    notes: new Map(upwards.map(({ checkpoint, index }) => [checkpoint, index])),
    vkey: log.vkey,
    openings: indexes.map((index) => [before[index], after[index]] as const),
  }
}

/** Entries that do not open their own leaf, or whose receipt is not the same byte for byte whenever it is asked for. */
function otherReceipts(
  root: string,
  openings: Repeated['openings'],
  { receipts }: Story,
): string[] {
  const { leaves } = storedIn(root)
  return openings.flatMap(([before, after], index) => {
    if (before === undefined) return [`entry ${index} does not open`]
    const leaf = leafOf(before)
    if (leaf === undefined || Buffer.compare(leaf, leaves[index]!) !== 0)
      return [`entry ${index} does not open its leaf`]
    if (after !== before) return [`entry ${index} opens otherwise once it was asked for again`]
    const given = receipts.get(index) ?? hash('sha256', before)
    return given === hash('sha256', before) ? [] : [`entry ${index} has another receipt than it had`]
  })
}

/** Checkpoints that were given out, and leave out what they came with, or are not those of the log as it is stored. */
async function wrongNotes(
  root: string,
  vkey: string,
  notes: Iterable<readonly [note: string, index: number]>,
): Promise<string[]> {
  const stored = storedIn(root)
  const roots = rootsOf(stored.leaves)
  const wrong: string[] = []
  for (const [note, index] of notes) {
    const signed = await signedIn(note, vkey).catch(() => undefined)
    if (signed === undefined) wrong.push(`not signed by this log: ${note}`)
    else if (signed.size <= index) wrong.push(`entry ${index} came with size ${signed.size}`)
    else if (roots[signed.size] !== Buffer.from(signed.root).toString('base64'))
      wrong.push(`another root at size ${signed.size}`)
    // Others may have added their signatures.
    else if (!stored.notes.some((one) => one.startsWith(note)))
      wrong.push(`the checkpoint of size ${signed.size} was not kept`)
  }
  return wrong
}
