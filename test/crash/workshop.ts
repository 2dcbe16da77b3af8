import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileShim } from './shim.ts'
import { foldersIn } from './subject.ts'

/** Where crashes are made: one temporary folder. */
export type Workshop = Disposable & {
  /** The compiled faults.c. */
  readonly library: string
  /** A place for one log: a copy of what is in `from`, or else the log's empty folders. */
  newRoot(from?: string): string
}

/** Throws when there is no compiler. The caller disposes of it, and so of every place in it. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'assent-crash-'))
  // A process that is being killed may write a last time.
  const remove = (): void => rmSync(folder, { recursive: true, maxRetries: 5 })
  // Half of all the time goes into starting the log's thread; every one inherits this.
  process.env['NODE_COMPILE_CACHE'] ??= join(folder, 'cache')
  let roots = 0
  try {
    return {
      library: compileShim(folder),
      newRoot(from) {
        const root = join(folder, String(roots++))
        if (from !== undefined) cpSync(from, root, { recursive: true })
        else for (const folder of foldersIn(root)) mkdirSync(folder, { recursive: true })
        return root
      },
      [Symbol.dispose]: remove,
    }
  } catch (error) {
    remove()
    throw error
  }
}
