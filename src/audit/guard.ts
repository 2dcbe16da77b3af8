import { closeSync, existsSync, fsyncSync, readFileSync, writeFileSync } from 'node:fs'
import { CallError } from '#protocol'
import { fromBase64, toBase64 } from './bytes.ts'
import { replaceFile } from './durable-file.ts'

/** The largest tree this server knows it has had. */
export type Mark = { readonly size: number; readonly root: Uint8Array }

/**
 * Remembers, outside the database, how far the log has come: a database restored from a backup is consistent in itself,
 * and only someone who saw the newer one can tell. Each commit appends a line, which survives the process; the file is
 * synced when it is opened, shortened and closed, so that a decision waits for no third fsync. Best on another volume.
 */
export class GuardFile implements Disposable {
  readonly #path: string
  readonly #origin: string
  #file: number
  #lines = 0

  /** Takes the file over and writes `mark` as its first line, synced. */
  constructor(path: string, origin: string, mark: Mark) {
    this.#path = path
    this.#origin = origin
    this.#file = replaceFile(path, guardText(origin, mark))
  }

  note(mark: Mark): void {
    if (this.#lines < maxLines) {
      writeFileSync(this.#file, line(mark))
      this.#lines += 1
    } else {
      closeSync(this.#file)
      this.#file = replaceFile(this.#path, guardText(this.#origin, mark))
      this.#lines = 0
    }
  }

  [Symbol.dispose](): void {
    fsyncSync(this.#file)
    closeSync(this.#file)
  }
}

/** The last mark, or undefined when there is no such file. Throws LOG_CORRUPT for a file that is not this log's guard. */
export function readGuard(path: string, origin: string): Mark | undefined {
  if (!existsSync(path)) return undefined
  const [first, ...lines] = readFileSync(path, 'utf8').split('\n')
  if (first !== header(origin))
    throw new CallError('LOG_CORRUPT', `${path} is not the guard of ${origin}`)
  // A power cut may tear the last line; the ones before it were whole.
  const last = lines.findLast((one) => mark.test(one))
  const [, size, root] = mark.exec(last ?? '') ?? []
  if (root === undefined) throw new CallError('LOG_CORRUPT', `${path} holds no size and root`)
  return { size: Number(size), root: fromBase64(root) }
}

/** What the file says of one mark; an operator who accepts a log as it stands writes this. */
export const guardText = (origin: string, at: Mark): string => `${header(origin)}\n${line(at)}`

const header = (origin: string): string => `assent-log-guard/v1 ${origin}`
const line = ({ size, root }: Mark): string => `${size} ${toBase64(root)}\n`
const mark = /^(\d{1,15}) ([A-Za-z0-9+/]{43}=)$/
const maxLines = 1024
