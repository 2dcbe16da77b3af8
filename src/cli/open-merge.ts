import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Merged =
  | { readonly state: 'done' | 'absent' }
  | { readonly state: 'failed'; readonly problem: string }

const run = promisify(execFile)

/**
 * One file with all of a person's tracks, by ffmpeg: copied, not encoded anew, each at its own time of the recording's
 * clock. Where a track has nothing, nothing is invented.
 */
export async function merge(
  folder: string,
  files: readonly string[],
  into: string,
): Promise<Merged> {
  // `file:` so that no name is taken for an option or a protocol.
  const inputs = files.flatMap((file) => ['-i', `file:${join(folder, file)}`])
  const maps = files.flatMap((_, i) => ['-map', String(i)])
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-copyts',
    ...inputs,
    ...maps,
    '-c',
    'copy',
    '-n',
    `file:${join(folder, into)}`,
  ]
  try {
    const { stderr } = await run('ffmpeg', args)
    return stderr.trim() === ''
      ? { state: 'done' }
      : { state: 'failed', problem: firstLine(stderr) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { state: 'absent' }
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    return { state: 'failed', problem: firstLine(said) }
  }
}

const firstLine = (text: string): string =>
  `ffmpeg: ${(text.trim().split('\n')[0] ?? '').slice(0, 300)}`
