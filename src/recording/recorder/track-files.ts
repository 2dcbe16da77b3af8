import type { PersonId, Source } from '#protocol'
import type { Disk } from '../disk.ts'
import type { Sealer } from '../seal.ts'
import type { TrackClock } from './clock.ts'
import type { Codec, CodecConfig } from './codec.ts'
import type { Frame } from './frames.ts'
import { Muxer, type TimedFrame } from './mux.ts'
import { SealedFile } from './sealed-file.ts'

export interface TrackFilesOptions {
  readonly folder: string
  readonly person: PersonId
  readonly source: Source
  readonly codec: Codec
  readonly clock: TrackClock
  /** ms epoch: the zero of the files' time. */
  readonly startedAt: number
  readonly sealer: Sealer
  readonly disk: Disk
  /** The number of the next file of this recording. */
  readonly nextNumber: () => number
}

/**
 * The files of one stream: the first, and one more at each change of codec or picture size, which Matroska cannot hold
 * in one. Places frames on the recording's time and leaves gaps where nothing came. Calls come one after another.
 */
export class TrackFiles {
  readonly #options: TrackFilesOptions
  #file: { config: CodecConfig; sealed: SealedFile; muxer: Muxer } | null = null
  #newest: { startMs: number; endMs: number } | null = null

  constructor(options: TrackFilesOptions) {
    this.#options = options
  }

  /** One durable segment, or one for each file when the configuration changes among these frames. */
  async write(frames: readonly Frame[]): Promise<void> {
    for (const run of runsOf(frames, this.#file?.config ?? null)) {
      if (this.#file?.config !== run.config) {
        await this.close()
        this.#file = { config: run.config, ...(await this.#open(run.config)) }
      }
      await this.#append(this.#file, run.frames)
    }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    this.#newest = null
    await file?.sealed.close()
  }

  async #append(
    { sealed, muxer }: { sealed: SealedFile; muxer: Muxer },
    frames: readonly Frame[],
  ): Promise<void> {
    const { startedAt, codec } = this.#options
    const timed: TimedFrame[] = []
    let from: number | null = null
    for (const frame of frames) {
      const startMs = this.#place(frame)
      // More frames than there are milliseconds: nobody can play them, and their times would run ahead.
      if (startMs > frame.lastAt + aheadMs) continue
      const durationMs = Math.round(codec.durationMs(frame.data) ?? 0)
      await this.#noteGap(sealed, frame, startMs)
      timed.push({ data: frame.data, isKey: frame.isKey, atMs: startMs - startedAt, durationMs })
      this.#newest = { startMs, endMs: startMs + durationMs }
      from ??= startMs
    }
    if (from === null || this.#newest === null) return
    // What it holds was captured before it came, whatever the clocks say.
    const cameAt = Math.max(from, ...frames.map(({ lastAt }) => lastAt))
    await sealed.append(await muxer.write(timed), from, Math.min(this.#newest.endMs, cameAt))
  }

  /** ms epoch. The file rounds to about a millisecond, and no two frames of a track may fall into one. */
  #place({ rtp, lastAt }: Frame): number {
    const at = Math.max(
      Math.round(this.#options.clock.timeOf(rtp, lastAt)),
      this.#options.startedAt,
    )
    return this.#newest === null ? at : Math.max(at, this.#newest.startMs + leastMs)
  }

  async #noteGap(sealed: SealedFile, { afterLoss }: Frame, startMs: number): Promise<void> {
    if (this.#newest === null || startMs <= this.#newest.endMs) return
    if (afterLoss) await sealed.gap(this.#newest.endMs, startMs, 'loss')
    else if (startMs - this.#newest.endMs > silenceMs)
      await sealed.gap(this.#newest.endMs, startMs, 'silence')
  }

  async #open(config: CodecConfig): Promise<{ sealed: SealedFile; muxer: Muxer }> {
    const { folder, person, source, sealer, disk, nextNumber } = this.#options
    const [width, height] = config.kind === 'video' ? [config.width, config.height] : [null, null]
    const track = {
      type: 'track',
      n: nextNumber(),
      person,
      source,
      codec: config.codec,
      width,
      height,
    } as const
    return {
      sealed: await SealedFile.create({ folder, track, sealer, disk }),
      muxer: await Muxer.open(config),
    }
  }
}

const silenceMs = 1_000
const leastMs = 2
const aheadMs = 1_000

/** Frames that fit in one file each, in order. */
function runsOf(
  frames: readonly Frame[],
  before: CodecConfig | null,
): { config: CodecConfig; frames: Frame[] }[] {
  const runs: { config: CodecConfig; frames: Frame[] }[] = []
  let config = before
  for (const frame of frames) {
    if (frame.config !== null && (config === null || !isSame(config, frame.config)))
      config = frame.config
    if (config === null) continue
    const run = runs.at(-1)
    if (run?.config === config) run.frames.push(frame)
    else runs.push({ config, frames: [frame] })
  }
  return runs
}

function isSame(a: CodecConfig, b: CodecConfig): boolean {
  const description = (config: CodecConfig): Uint8Array => config.description ?? new Uint8Array()
  const shape = (config: CodecConfig): string =>
    config.kind === 'video'
      ? `${config.codec} ${config.width} ${config.height}`
      : `${config.codec} ${config.channels}`
  return shape(a) === shape(b) && Buffer.compare(description(a), description(b)) === 0
}
