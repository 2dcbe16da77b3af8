import type { types } from 'mediasoup-client'
import {
  CallError,
  ConsumerId,
  newId,
  type ClientMessage,
  type ConsentView,
  type ConsumerOffer,
  type Event,
  type Method,
  type Params,
  type Peer,
  type PeerId,
  type Snapshot,
  type Source,
} from '#protocol'
import { join, type Call, type CallState, type JoinOptions } from '#sdk'
import { sha256 } from '../../../client/sdk/hash.ts'
import { noticeOf } from '../../unit/sdk/notice-text.ts'
import { preparedFor } from './fake-browser.ts'
import { LineServer, type ServerLine } from './line-server.ts'
import { ManualClock } from './manual-clock.ts'

export const me = newId.peer()
export const alice = newId.peer()
const session = { id: newId.session(), startedAt: 0 }

/** One page in a call with a server that says what the test wants. */
export class Scene {
  readonly server: LineServer
  readonly clock = new ManualClock()
  readonly transports: types.Transport[] = []
  call!: Call
  line!: ServerLine
  kept: string | null = null
  #n = 0

  static async open(options: Partial<JoinOptions> = {}): Promise<Scene> {
    const scene = new Scene(await LineServer.open())
    const prepared = await preparedFor(scene.server.url)
    prepared.device.observer.on('newtransport', (transport) => scene.transports.push(transport))
    scene.call = join({
      prepared,
      token: 'first',
      clock: scene.clock,
      resume: {
        get: () => scene.kept,
        set: (secret) => {
          scene.kept = secret
        },
      },
      ...options,
    })
    await scene.arrive()
    return scene
  }

  private constructor(server: LineServer) {
    this.server = server
  }

  /** The page's next connection, up to its join. */
  async arrive(): Promise<ClientMessage> {
    this.line = await this.server.next()
    return this.line.next()
  }

  async enter(changes: Partial<Snapshot> = {}): Promise<void> {
    this.tell({ event: 'session.joined', params: { snapshot: snapshot(changes) } })
    await this.until((state) => state.connection === 'joined')
  }

  tell(event: Event): void {
    this.line.event(++this.#n, event)
  }

  until(isSo: (state: CallState) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo(this.call.state)) return
        unsubscribe()
        resolve()
      }
      const unsubscribe = this.call.subscribe(look)
      look()
    })
  }

  /** The next request of this method; what comes before it is refused a place in the test. */
  async answered<M extends Method>(method: M, result: unknown = {}): Promise<Params<M>> {
    const { id, params } = await this.line.request(method)
    if (result instanceof CallError) this.line.error(id, result)
    else this.line.result(id, result)
    return params
  }

  /** Loses the connection and comes back with the given snapshot. */
  async comeBack(changes: Partial<Snapshot> = {}): Promise<ClientMessage> {
    this.line.terminate()
    await this.until((state) => state.connection === 'lost')
    this.clock.advance(250)
    const joining = await this.arrive()
    await this.enter({ resumed: true, ...changes })
    return joining
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.call.leave()
    await this.server[Symbol.asyncDispose]()
  }
}

const transport = (id: string) => ({
  id,
  iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
  iceCandidates: [],
  dtlsParameters: { role: 'auto' as const, fingerprints: [] },
})
export const transports = (name: string) => ({
  send: transport(`${name}-send`),
  recv: transport(`${name}-recv`),
})

export const person = (peerId: PeerId, sending: Peer['sending'] = []): Peer => ({
  peerId,
  kind: 'person',
  name: 'Someone',
  host: false,
  connected: true,
  sending,
})

const snapshot = (changes: Partial<Snapshot>): Snapshot => ({
  you: me,
  resume: 'secret',
  resumed: false,
  session,
  controllers: [],
  demo: false,
  grants: {
    publish: ['microphone', 'camera', 'screen', 'screenAudio'],
    subscribe: true,
    host: false,
    record: false,
  },
  tokenExpiresInMs: 600_000,
  iceServers: [],
  transports: transports('first'),
  peers: [person(me), person(alice)],
  consumers: [],
  consent: { state: 'idle' },
  recordingOptions: {
    policies: ['everyone'],
    retentionDays: [30],
    answerMs: [60_000],
    readers: [],
  },
  ...changes,
})

export const offer = (peerId: PeerId, source: Source, id: string): ConsumerOffer => {
  const isAudio = source === 'microphone' || source === 'screenAudio'
  return {
    consumerId: ConsumerId.parse(id),
    producerId: newId.producer(),
    peerId,
    source,
    kind: isAudio ? 'audio' : 'video',
    producerPaused: false,
    rtpParameters: {
      codecs: [
        isAudio
          ? { mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }
          : { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 },
      ],
      encodings: [{ ssrc: 1 }],
    },
  }
}

/** A request to record that reads as it should. */
export async function asked(
  requestId = newId.request(),
): Promise<Extract<ConsentView, { state: 'asked' }>> {
  const notice = JSON.stringify(noticeOf(requestId))
  return {
    state: 'asked',
    requestId,
    notice,
    noticeSha256: await sha256(notice),
    policy: 'everyone',
    askedBy: alice,
    you: 'asked',
    leftMs: 60_000,
    late: false,
    answered: 0,
    total: 2,
    youAsked: false,
  }
}
