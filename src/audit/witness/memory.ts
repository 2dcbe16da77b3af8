import { dirname } from 'node:path'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { CallError } from '#protocol'
import { blob, checkpointWal, integer, openDurable, text, transaction } from '../database.ts'
import { syncFolder } from '../durable-file.ts'
import type { Seen } from '../witness.ts'

/** What a witness keeps of a log: what it has seen, and the checkpoint that it cosigned then. */
export type Kept = Seen & { readonly note: string }

/** What a witness has seen of each log. A file of its own: whoever loses it has lost the witness's word. */
export class WitnessMemory implements Disposable {
  readonly #database: DatabaseSync
  readonly #sql

  /** Throws LOG_UNAVAILABLE when the file cannot be opened, is of another kind, or does not keep what it promises. */
  constructor(path: string) {
    const database = open(path)
    this.#database = database
    this.#sql = {
      of: database.prepare('SELECT size, root, time_s, note FROM seen WHERE origin = ?'),
      keep: database.prepare(`INSERT INTO seen VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(origin)
        DO UPDATE SET size = ?2, root = ?3, time_s = ?4, note = ?5`),
    }
  }

  of(origin: string): Kept | undefined {
    const row = this.#sql.of.get(origin)
    return row && read(row)
  }

  /**
   * Looks, lets `decide`, and keeps what it wants kept, with nothing in between, in this process or another. On the disk
   * when it returns; whoever sees it throw must stop, since it may have kept it all the same.
   */
  update<Answer>(
    origin: string,
    decide: (seen: Kept | undefined) => { readonly answer: Answer; readonly keep?: Kept },
  ): Answer {
    let decided: ReturnType<typeof decide> | undefined
    transaction(this.#database, () => {
      decided = decide(this.of(origin))
      const { keep } = decided
      if (keep !== undefined)
        this.#sql.keep.run(origin, keep.size, keep.root, keep.timeS, keep.note)
    })
    return decided!.answer
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }
}

function open(path: string): DatabaseSync {
  using opened = new DisposableStack()
  try {
    const database = opened.adopt(openDurable(path, schema, false), (one) => one.close())
    // A new file is durable only with its folder.
    syncFolder(dirname(path))
    // What an earlier process could not sync, this one must not believe from the page cache alone.
    checkpointWal(database)
    opened.move()
    return database
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CallError('LOG_UNAVAILABLE', `the witness's memory ${path} cannot be used: ${why}`, {
      cause,
    })
  }
}

const read = ({ size, root, time_s: timeS, note }: Record<string, SQLOutputValue>): Kept => ({
  size: integer(size),
  root: blob(root),
  timeS: integer(timeS),
  note: text(note),
})

/** A tree that was seen never shrinks, and is never forgotten: the triggers stop mistakes. */
const schema = [
  `CREATE TABLE seen(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
    time_s INTEGER NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TRIGGER seen_update BEFORE UPDATE ON seen WHEN NEW.size < OLD.size OR NEW.time_s < OLD.time_s
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root) BEGIN SELECT RAISE(ABORT, 'seen: never goes back'); END`,
  `CREATE TRIGGER seen_delete BEFORE DELETE ON seen BEGIN SELECT RAISE(ABORT, 'seen: never forgets'); END`,
]
