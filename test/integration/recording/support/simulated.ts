import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BufferSource, EncodedPacketSink, Input, MATROSKA } from 'mediabunny'
import { newId, Sha256, type PersonId, type Source } from '#protocol'
import {
  openTrack,
  readRecording,
  unsealWith,
  type ManifestTrack,
  type StoredRecording,
} from '#recording'
import { disk as realDisk, type Disk } from '../../../../src/recording/disk.ts'
import { startFolder } from '../../../../src/recording/folder.ts'
import { completeFolder } from '../../../../src/recording/manifest.ts'
import { SenderClock } from '../../../../src/recording/recorder/sender-clock.ts'
import { codecOf } from '../../../../src/recording/recorder/codec.ts'
import type { Packet } from '../../../../src/recording/recorder/rtp-order.ts'
import { TrackRecorder } from '../../../../src/recording/recorder/track.ts'
import { sealTo } from '../../../../src/recording/seal.ts'
import { newReader, noticeFor, type Reader } from './call.ts'

/** The recorder's inner half with a clock that the test turns: real codecs, real sealing, a real disk. */
export interface Simulation extends AsyncDisposable {
  readonly folder: string
  readonly startedAt: number
  readonly reader: Reader
  track(options: {
    person?: PersonId
    source: Source
    mimeType: string
    notBefore?: number
  }): SimulatedTrack
  /** Completes the folder and reads it back with a reader's identity. */
  read(): Promise<{ recording: StoredRecording; tracks: readonly ReadTrack[] }>
}

export interface SimulatedTrack {
  readonly recorder: TrackRecorder
  readonly keyFramesAsked: number
}

export interface ReadTrack {
  readonly about: ManifestTrack
  /** The Matroska file. */
  readonly file: Uint8Array
  readonly packets: readonly {
    readonly atMs: number
    readonly isKey: boolean
    readonly data: Buffer
  }[]
}

export async function simulate({ disk = realDisk }: { disk?: Disk } = {}): Promise<Simulation> {
  const scratch = await mkdtemp(join(tmpdir(), 'assent-track-'))
  const folder = join(scratch, 'recording')
  const startedAt = 1_700_000_000_000
  const reader = await newReader(scratch, 'archive')
  const requestId = newId.request()
  const notice = noticeFor(requestId)
  const noticeSha256 = Sha256.parse(createHash('sha256').update(notice).digest('hex'))
  await startFolder({
    folder,
    requestId,
    session: newId.session(),
    notice,
    noticeSha256,
    readers: [reader.about],
    startedAt,
  })
  const sealer = sealTo([reader.about.recipient])
  const senders = new Map<PersonId, SenderClock>()
  const someone = newId.person()
  let number = 0

  return {
    folder,
    startedAt,
    reader,
    track({ person = someone, source, mimeType, notBefore = startedAt }) {
      const sender = senders.get(person) ?? new SenderClock()
      senders.set(person, sender)
      const codec = codecOf({ mimeType, channels: 2, sprop: '' })
      if (codec === null) throw new Error(`no codec ${mimeType}`)
      const asked = { count: 0 }
      const recorder = new TrackRecorder({
        folder,
        person,
        source,
        codec,
        sender,
        sealer,
        disk,
        notBefore,
        startedAt,
        rate: codec.kind === 'audio' ? 48_000 : 90_000,
        nextNumber: () => number++,
        askForKeyFrame: () => asked.count++,
      })
      return {
        recorder,
        get keyFramesAsked() {
          return asked.count
        },
      }
    },
    async read() {
      await completeFolder(folder, { state: 'finished', log: { origin: null, indexes: [] } })
      const recording = await readRecording(folder)
      const unsealer = unsealWith(await readFile(reader.identityFile, 'utf8'))
      const tracks = await Promise.all(
        recording.manifest.tracks.map(async (about) => {
          const file = Buffer.concat(await Array.fromAsync(openTrack(recording, about, unsealer)))
          return { about, file, packets: await packetsOf(file) }
        }),
      )
      return { recording, tracks }
    },
    async [Symbol.asyncDispose]() {
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

/** What a player would find in a Matroska file. */
export async function packetsOf(file: Uint8Array): Promise<ReadTrack['packets']> {
  const input = new Input({ source: new BufferSource(file), formats: [MATROSKA] })
  const [track] = await input.getTracks()
  if (track === undefined) return []
  const packets = await Array.fromAsync(new EncodedPacketSink(track).packets())
  return packets.map(({ timestamp, type, data }) => ({
    atMs: Math.round(timestamp * 1000),
    isKey: type === 'key',
    data: Buffer.from(data),
  }))
}

/** An Opus packet of 20 ms that carries its number; no decoder looks into it here. */
export const sound = (number: number, arrivedAt: number): Packet => ({
  sequence: number & 0xffff,
  timestamp: (number * 960) % 2 ** 32,
  marker: false,
  arrivedAt,
  payload: Buffer.of(0xf8, number >> 16, (number >> 8) & 0xff, number & 0xff),
})

export const numberIn = (data: Buffer): number => data.readUIntBE(1, 3)

/** A VP8 frame in one packet: 33 ms, with its number at the end. */
export const picture = (
  number: number,
  arrivedAt: number,
  { isKey = false, width = 320, height = 240 } = {},
): Packet => {
  const size = Buffer.alloc(4)
  size.writeUInt16LE(width, 0)
  size.writeUInt16LE(height, 2)
  const frame = isKey
    ? Buffer.concat([Buffer.from('1002009d012a', 'hex'), size])
    : Buffer.from('110200', 'hex')
  return {
    sequence: number & 0xffff,
    timestamp: (number * 2970) % 2 ** 32,
    marker: true,
    arrivedAt,
    payload: Buffer.concat([Buffer.of(0x10), frame, Buffer.of(number >> 8, number & 0xff)]),
  }
}

export const pictureIn = (data: Buffer): number => data.readUInt16BE(data.length - 2)
