import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { openCommand } from '../../../../src/cli/open.ts'

const run = promisify(execFile)

export interface Opened {
  readonly code: number
  readonly said: string
  readonly complained: string
}

/** `assent open`, with what it wrote to its two streams. */
export async function assentOpen(...args: readonly string[]): Promise<Opened> {
  const said: string[] = []
  const complained: string[] = []
  const code = await openCommand(args, {
    stdout: { write: (text) => said.push(text) },
    stderr: { write: (text) => complained.push(text) },
  })
  return { code, said: said.join(''), complained: complained.join('') }
}

/** All Matroska files below a folder, by their path in it. */
export async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith('.mkv')).toSorted()
}

/** What ffmpeg complains of when it decodes the whole file; empty when all is well. */
export async function decode(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-nostdin', '-i', file, '-f', 'null', '-'])
  return stderr
}

/** Codec and start of each stream, as ffprobe sees them, and how many packets there are. */
export async function probe(
  file: string,
): Promise<{ codec: string; startMs: number; packets: number }[]> {
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-count_packets',
    '-show_entries',
    'stream=codec_name,start_time,nb_read_packets',
    '-of',
    'json',
    file,
  ])
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_name: string; start_time: string; nb_read_packets: string }[]
  }
  return streams.map((stream) => ({
    codec: stream.codec_name,
    startMs: Math.round(Number(stream.start_time) * 1000),
    packets: Number(stream.nb_read_packets),
  }))
}
