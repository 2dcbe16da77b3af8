import type { Line } from './child.ts'
import type { Disk } from './disk.ts'
import { sceneTask } from './scene.ts'
import type { Fault } from './shim.ts'

type What = Pick<Fault, 'act' | 'kind'>

/** What is wrong with how a log took its fault: it must fail, once and for good, before it promises anything more. */
export function conduct({ act }: What, lines: readonly Line[], isHarmless: boolean): string[] {
  const failing = lines.findIndex(({ type }) => !calm.has(type))
  if (act === 'short') return failing < 0 ? [] : ['it failed, though there was no error']
  if (failing >= 0) return manners(act, lines.slice(failing))
  return isHarmless ? [] : ['it went on after an operation had failed']
}

/** Whether a log may live on. `before`: what it had said; `inode`: of the file; the disk as it was then. */
export function isHarmless(
  { act, kind }: What,
  before: readonly Line[],
  inode: bigint,
  disk: Disk,
): boolean {
  // SQLite syncs its folder and does not look at the answer; the log does so itself before it promises anything.
  if (act === 'short' || kind === 'change' || kind === 'folder' || isClosing(before)) return true
  if (kind === 'sync' && !disk.isWaiting(inode)) return true
  // Pages on their way into the database stay in the write-ahead log, and go there again with the next ones.
  return disk.has(`${disk.pathOf(inode)}-wal`)
}

/** All that was asked for had been promised: what is in the write-ahead log by then is moved again at the next start. */
function isClosing(before: readonly Line[]): boolean {
  const closed = before.filter(({ type }) => type === 'closed').length
  const asked = sceneTask.openings.slice(0, closed + 1).reduce((sum, count) => sum + count, 0)
  return before.filter(({ type }) => type === 'promised').length === asked
}

/** What a log says while nothing has failed. */
const calm: ReadonlySet<Line['type']> = new Set(['promised', 'receipt', 'closed'])

/** From the first sign of failure on. Before there is a log, the server refuses with the system's own code. */
function manners(act: Fault['act'], lines: readonly Line[]): string[] {
  const count = (type: Line['type']): number => lines.filter((line) => line.type === type).length
  const codes = lines.flatMap((line) =>
    'code' in line && !(line.type === 'refused' && line.code === act) ? [line.code] : [],
  )
  const later = lines.find((line) => line.type === 'later')
  return [
    ...(count('promised') > 0 ? ['it promised more after it had failed'] : []),
    ...(count('failed') + count('refused') === 1 ? [] : ['it did not say once that it failed']),
    ...codes.filter((code) => code !== 'LOG_UNAVAILABLE').map((code) => `it rejected with ${code}`),
    ...(count('rejected') > 0 && later?.state !== 'failed' ? ['it was not failed for good'] : []),
  ]
}
