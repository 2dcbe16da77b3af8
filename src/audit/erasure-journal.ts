import { closeSync, existsSync, fsyncSync, readFileSync, writeFileSync } from 'node:fs'
import { CallError } from '#protocol'
import { replaceFile } from './durable-file.ts'
import { erasureReasons } from './leaf.ts'
import type { Tombstone } from './sequencer.ts'

/** What whoever restores an older copy of a log must do again. Numbers of entries and ids of calls; nobody is named. */
export type Erasures = {
  readonly erased: readonly Tombstone[]
  /** The calls that are on hold, all of them. */
  readonly held: readonly string[]
}

/**
 * Remembers erasures and holds outside the databases: a copy of them from before cannot know. Each is noted durably before
 * it is done, and a start does again what is noted: what a crash came between is done then.
 */
export class ErasureJournal implements Disposable {
  readonly #path: string
  readonly #origin: string
  #file: number | undefined

  /** Takes notes only after `renew`. */
  constructor(path: string, origin: string) {
    this.#path = path
    this.#origin = origin
  }

  /** Writes the file anew, synced: all that was ever erased, and what is on hold now. */
  renew({ erased, held }: Erasures): void {
    this[Symbol.dispose]()
    const text = `${header(this.#origin)}\n${erased.map(line).join('')}${heldLine(held)}`
    this.#file = replaceFile(this.#path, text)
  }

  noteErased(tombstones: readonly Tombstone[]): void {
    if (tombstones.length > 0) this.#append(tombstones.map(line).join(''))
  }

  noteHeld(held: readonly string[]): void {
    this.#append(heldLine(held))
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #append(text: string): void {
    if (this.#file === undefined) throw new TypeError('the journal was not renewed')
    // `writeSync` may stop half-way without an error.
    writeFileSync(this.#file, text)
    fsyncSync(this.#file)
  }
}

/** Undefined when there is no such file. Throws LOG_CORRUPT for one that is not this log's. */
export function readErasures(path: string, origin: string): Erasures | undefined {
  if (!existsSync(path)) return undefined
  // A line that a crash tore off is left out: what it tells had not been done.
  const [first, ...lines] = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  if (first !== header(origin))
    throw new CallError('LOG_CORRUPT', `${path} does not tell of the erasures of ${origin}`)
  const erased: Tombstone[] = []
  let held: readonly string[] = []
  for (const text of lines) {
    const [word = '', ...rest] = text.split(' ')
    const reason = erasureReasons.find((one) => one === rest[0])
    if (word === 'held') held = rest
    else if (/^\d{1,15}$/.test(word) && reason !== undefined)
      erased.push({ index: Number(word), reason })
    else throw new CallError('LOG_CORRUPT', `${path} has a line that tells of no erasure`)
  }
  return { erased, held }
}

/** The first that was not noted: nobody who may erase did it. */
export function unnoted(
  pending: readonly Tombstone[],
  { erased }: Erasures,
): Tombstone | undefined {
  const known = new Set(erased.map(line))
  return pending.find((tombstone) => !known.has(line(tombstone)))
}

/** Where a log's thread notes erasures, beside the file that notes its size. */
export const erasuresFile = (guardFile: string): string => `${guardFile}.erasures`

const header = (origin: string): string => `assent-erasures/v1 ${origin}`
const line = ({ index, reason }: Tombstone): string => `${index} ${reason}\n`
const heldLine = (held: readonly string[]): string => `${['held', ...held].join(' ')}\n`
