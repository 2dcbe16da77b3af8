import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** What happens to one operation of a process, by its number among those of its kind, as faults.c has it. */
export type Fault = {
  /** Kill the process there; `lose`: after the operation failed. Or let it fail, or do half of a write. */
  readonly act: 'before' | 'after' | 'half' | 'lose' | 'EIO' | 'ENOSPC' | 'short'
  readonly kind: Kind
  /** From 1. */
  readonly at: number
  /** It happens to each one after it too. */
  readonly isLasting?: boolean
}
/** `folder`: the sync of one, `sync`: of a file; `change`: one is made, cut, renamed or deleted. */
export type Kind = 'sync' | 'folder' | 'write' | 'change'

/** What faults.c reads from CRASH_FAULT. */
export const faultText = ({ act, kind, at, isLasting = false }: Fault): string =>
  `${act} ${kind} ${at}${isLasting ? ' ever' : ''}`

/** Compiles faults.c into the folder; returns the path of the library. Throws when there is no compiler. */
export function compileShim(folder: string): string {
  const library = join(folder, 'faults.so')
  const source = join(import.meta.dirname, 'faults.c')
  const flags = ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-pthread']
  const { error, status, stderr } = spawnSync('gcc', [...flags, '-o', library, source, '-ldl'])
  if (error !== undefined)
    throw new Error('there is no C compiler; run apt-get install gcc libc6-dev', { cause: error })
  if (status !== 0) throw new Error(`faults.c cannot be compiled: ${stderr.toString()}`)
  return library
}
