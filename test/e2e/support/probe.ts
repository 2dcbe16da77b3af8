import { execFileSync, spawnSync } from 'node:child_process'
import { barCode, readBarCode } from './clock-camera.ts'

/** One decoded picture: where it stands in the file, and what its bar code says. `pts` in milliseconds. */
export type Shot = { readonly pts: number; readonly time: number; readonly person: number }

/** Every picture of a video file whose bar code can be read. */
export function shotsOf(file: string): { shots: Shot[]; frames: number } {
  const times = ffprobe([
    '-select_streams',
    'v',
    '-show_entries',
    'frame=pts_time',
    '-of',
    'csv=p=0',
    file,
  ])
    .split('\n')
    .map((line) => line.replace(',', '').trim())
    .filter((line) => line !== '')
    .map((line) => Number(line) * 1000)
  const cells = barCode.columns * barCode.rows
  // The middle of each cell decides: its edges are blurred by the codec.
  const pixels = execFileSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-copyts',
      '-i',
      file,
      '-vsync',
      'passthrough',
      '-vf',
      `scale=${barCode.columns}:${barCode.rows}:flags=area,format=gray`,
      '-f',
      'rawvideo',
      '-',
    ],
    { maxBuffer: 1 << 28 },
  )
  const shots = times.flatMap((pts, frame) => {
    const read = readBarCode(pixels.subarray(frame * cells, (frame + 1) * cells))
    return read === null ? [] : [{ pts, ...read }]
  })
  return { shots, frames: times.length }
}

/** Where the marks of the full seconds begin in an audio file, in milliseconds of its own time. */
export function marksOf(file: string): number[] {
  const start =
    Number(ffprobe(['-show_entries', 'stream=start_time', '-of', 'csv=p=0', file]).trim()) * 1000
  const pcm = execFileSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      file,
      '-af',
      'aresample=async=1:min_comp=0.001:min_hard_comp=0.005',
      '-ac',
      '1',
      '-ar',
      '48000',
      '-f',
      's16le',
      '-',
    ],
    { maxBuffer: 1 << 28 },
  )
  const window = 96
  const loud: boolean[] = []
  for (let at = 0; at + window * 2 <= pcm.length; at += window * 2) {
    let peak = 0
    for (let sample = 0; sample < window; sample++)
      peak = Math.max(peak, Math.abs(pcm.readInt16LE(at + sample * 2)))
    loud.push(peak > 6000)
  }
  // A mark begins where it is loud after at least 0.3 s of quiet.
  return loud.flatMap((is, place) => {
    const before = loud.slice(Math.max(0, place - 150), place)
    return is && before.length === 150 && !before.includes(true)
      ? [start + (place * window) / 48]
      : []
  })
}

/** What ffmpeg complains about when it decodes everything; empty for a clean file. */
export function complaintsOf(file: string): string {
  const { stderr, stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], {
    encoding: 'utf8',
  })
  return `${stderr}${stdout}`.trim()
}

export const durationOf = (file: string): number =>
  Number(ffprobe(['-show_entries', 'format=duration', '-of', 'csv=p=0', file]).trim()) * 1000

const ffprobe = (args: readonly string[]): string =>
  execFileSync('ffprobe', ['-v', 'error', ...args], { encoding: 'utf8' })
