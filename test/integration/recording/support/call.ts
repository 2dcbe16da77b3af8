import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { RecordingPermit } from '#consent'
import {
  newId,
  Notice,
  ReaderId,
  Sha256,
  type PersonId,
  type ProducerId,
  type RequestId,
  type RtpParameters,
  type Source,
} from '#protocol'
import {
  openVault,
  type NewRecording,
  type Recording,
  type RecordingFailure,
  type Vault,
} from '#recording'
import { openPlainRoom, type PlainPeer, type PlainRoom } from '../../media/plain-room.ts'

export interface Reader {
  readonly identityFile: string
  readonly about: NewRecording['readers'][number]
}

export interface Recorded {
  readonly requestId: RequestId
  readonly folder: string
  readonly recording: Recording
  readonly failures: RecordingFailure[]
  /** Resolves with the first failure. */
  readonly failed: Promise<RecordingFailure>
}

/** A call with real media workers, a vault on a real disk, and readers whose identities the test holds. */
export interface RecordedCall extends AsyncDisposable {
  readonly room: PlainRoom
  readonly vault: Vault
  readonly vaultFolder: string
  readonly removedFile: string
  readonly scratch: string
  readonly readers: readonly Reader[]
  newRecording(names?: ReadonlyMap<PersonId, string>): Recorded
}

export async function openCall({
  vaultFolder,
}: {
  vaultFolder?: string
} = {}): Promise<RecordedCall> {
  const scratch = await mkdtemp(join(tmpdir(), 'assent-recording-'))
  const room = await openPlainRoom()
  const folder = vaultFolder ?? join(scratch, 'recordings')
  const removedFile = join(scratch, 'removed')
  const vault = openVault({ folder, logOrigin: 'log.example/consent/2026', removedFile })
  const readers = await Promise.all(['archive', 'lawyer'].map((name) => newReader(scratch, name)))

  function newRecording(names: ReadonlyMap<PersonId, string> = new Map()): Recorded {
    const requestId = newId.request()
    const notice = noticeFor(requestId)
    const failures: RecordingFailure[] = []
    const { promise: failed, resolve } = Promise.withResolvers<RecordingFailure>()
    const recording = vault.newRecording({
      requestId,
      notice,
      session: newId.session(),
      media: () => room.room,
      noticeSha256: Sha256.parse(createHash('sha256').update(notice).digest('hex')),
      readers: readers.map(({ about }) => about),
      nameOf: (person) => names.get(person) ?? '',
      onFailed(why) {
        failures.push(why)
        resolve(why)
      },
    })
    return { requestId, folder: join(folder, requestId), recording, failures, failed }
  }

  return {
    room,
    vault,
    vaultFolder: folder,
    removedFile,
    scratch,
    readers,
    newRecording,
    async [Symbol.asyncDispose]() {
      await vault[Symbol.asyncDispose]()
      await room[Symbol.asyncDispose]()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

export async function newReader(folder: string, name: string): Promise<Reader> {
  const identity = await generateX25519Identity()
  const identityFile = join(folder, `${name}.key`)
  await writeFile(identityFile, `# a reader's key\n${identity}\n`, { mode: 0o600 })
  return {
    identityFile,
    about: { readerId: ReaderId.parse(name), name, recipient: await identityToRecipient(identity) },
  }
}

/** A stream of a peer of its own. */
export interface Sent {
  readonly producerId: ProducerId
  readonly person: PersonId
  readonly source: Source
  readonly peer: PlainPeer
  readonly ssrc: number
}

const codecs: Record<string, RtpParameters['codecs'][number]> = {
  opus: { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 },
  vp8: {
    mimeType: 'video/VP8',
    payloadType: 96,
    clockRate: 90_000,
    rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
  },
  vp9: {
    mimeType: 'video/VP9',
    payloadType: 98,
    clockRate: 90_000,
    parameters: { 'profile-id': 0 },
    rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
  },
  h264: {
    mimeType: 'video/H264',
    payloadType: 102,
    clockRate: 90_000,
    rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
    parameters: {
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
      'level-asymmetry-allowed': 1,
    },
  },
}

let ssrcs = 1000

export async function produce(
  { room }: RecordedCall,
  person: PersonId,
  source: Source,
  codec: string,
): Promise<Sent> {
  const peer = await room.addPeer()
  const ssrc = ssrcs++
  const producerId = newId.producer()
  const rtpParameters: RtpParameters = { codecs: [codecs[codec]!], encodings: [{ ssrc }] }
  await room.room.produce(peer.peer, { producerId, source, rtpParameters, paused: false })
  return { producerId, person, source, peer, ssrc }
}

const encoders: Record<string, readonly string[]> = {
  opus: [
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:sample_rate=48000',
    '-c:a',
    'libopus',
    '-ac',
    '2',
    '-b:a',
    '32k',
    '-payload_type',
    '111',
  ],
  vp8: [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x240:rate=30',
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-g',
    '15',
    '-b:v',
    '400k',
    '-payload_type',
    '96',
  ],
  vp9: [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x240:rate=30',
    '-c:v',
    'libvpx-vp9',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-g',
    '15',
    '-b:v',
    '400k',
    '-strict',
    'experimental',
    '-payload_type',
    '98',
  ],
  h264: [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x240:rate=30',
    '-c:v',
    'libx264',
    '-profile:v',
    'baseline',
    '-pix_fmt',
    'yuv420p',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '15',
    '-bsf:v',
    'dump_extra',
    '-b:v',
    '400k',
    '-payload_type',
    '102',
  ],
}

/**
 * ffmpeg as the sender of one stream, in real time, by way of a socket of ours: RTP and RTCP leave it from one port, and
 * `passes` can lose packets. Ended by its disposer.
 */
export async function sendWithFfmpeg(
  { room }: RecordedCall,
  { peer, ssrc }: Sent,
  codec: string,
  passes: (packet: Buffer) => boolean = () => true,
): Promise<AsyncDisposable> {
  const relay = await room.openSocket()
  relay.on('message', (packet) => {
    if (passes(packet)) peer.socket.send(packet, peer.send.tuple.localPort, '127.0.0.1')
  })
  const { port } = relay.address()
  const child: ChildProcess = spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-re',
      ...encoders[codec]!,
      '-ssrc',
      String(ssrc),
      '-f',
      'rtp',
      `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`,
    ],
    { stdio: 'ignore' },
  )
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** A permit for these streams, as the consent machine would give it. */
export function permit(
  requestId: RequestId,
  sent: readonly Sent[],
  notBefore: number,
  gateIndex = 4,
): RecordingPermit {
  const tracks = sent.map(({ producerId, person, source }) => ({
    producerId,
    person,
    source,
    notBefore,
  }))
  return Object.assign(Object.create(RecordingPermit.prototype), {
    requestId,
    gateIndex,
    tracks,
  }) as RecordingPermit
}

export function noticeFor(requestId: RequestId): string {
  const party = {
    name: 'Example Ltd',
    address: 'Main Street 1',
    contact: 'privacy@example.org',
    role: 'controller',
  }
  const url = '/privacy'
  return JSON.stringify(
    Notice.parse({
      schema: 'assent/notice/v1',
      requestId,
      session: { id: newId.session(), startedAt: 0 },
      askedBy: { name: 'Ann', at: 0 },
      controllers: [party],
      processors: [],
      purposes: [
        {
          id: 'recording',
          text: 'Minutes',
          category: 'recording-of-communication',
          required: false,
        },
      ],
      media: { audio: true, video: true, screen: true },
      biometricTemplate: false,
      policy: 'each',
      hostMayChange: true,
      lawfulBasis: 'consent',
      collectionMethod: 'in-call dialog, affirmative click',
      processing: ['record', 'store'],
      automatedDecisions: false,
      storage: [{ location: 'here', country: 'DE' }],
      processingLocations: ['DE'],
      transfers: [],
      retention: { recordingDays: 30, evidenceDays: 365, from: 'end-of-recording' },
      recipients: [{ name: 'Archive', role: 'archive', country: 'DE' }],
      jurisdiction: ['DE'],
      withdrawal: {
        inCall: 'one click',
        url,
        contact: 'privacy@example.org',
        afterwards: 'keep-until-destroyed-or-expired',
      },
      rights: { url },
      authority: { name: 'Authority', url: 'https://authority.example' },
      validity: { from: 0, until: 'end-of-session' },
      policyText: { version: '1', date: '2026-01-01', lang: 'en', url },
    }),
  )
}
