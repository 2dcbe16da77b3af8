import type { types } from 'mediasoup-client'
import { afterAll } from 'vitest'
import {
  CallError,
  ConsumerId,
  newId,
  type ClientMessage,
  type ConsentView,
  type ConsumerOffer,
  type Event,
  type LogKeys,
  type Method,
  type Params,
  type Peer,
  type PeerId,
  type Snapshot,
  type Source,
} from '#protocol'
import { join, type Call, type CallState, type JoinOptions } from '#sdk'
import { sha256 } from '../../../client/sdk/hash.ts'
import { noticeOf } from '../../support/notice-text.ts'
import { preparedFor } from './fake-browser.ts'
import { LineServer, type ServerLine } from './line-server.ts'
import { ManualClock } from './manual-clock.ts'
import { SceneLog } from './scene-log.ts'

export const me = newId.peer()
export const alice = newId.peer()
const session = { id: newId.session(), startedAt: 0 }
const myself = newId.person()

/** One log for all scenes of a file. */
let log: Promise<SceneLog> | undefined
afterAll(async () => (await log)?.[Symbol.asyncDispose]())

/** One page in a call with a server that says what the test wants. */
export class Scene {
  readonly server: LineServer
  readonly log: SceneLog
  readonly clock = new ManualClock()
  readonly transports: types.Transport[] = []
  call!: Call
  line!: ServerLine
  kept: string | null = null
  #n = 0

  static async open(options: Partial<JoinOptions> = {}): Promise<Scene> {
    log ??= SceneLog.open(session.id, myself)
    const scene = new Scene(await LineServer.open(), await log)
    scene.log.forget()
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

  private constructor(server: LineServer, sceneLog: SceneLog) {
    this.server = server
    this.log = sceneLog
  }

  /** The page's next connection, up to its join. */
  async arrive(): Promise<ClientMessage> {
    this.line = await this.server.next()
    this.line.serve('session.bind', this.log.bind)
    return this.line.next()
  }

  async enter(changes: Partial<Snapshot> = {}): Promise<void> {
    const { keys } = this.log
    this.tell({ event: 'session.joined', params: { snapshot: snapshot(keys, changes) } })
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

  /** In a call in which somebody asks to record: this page may answer, with its own key. */
  async asked(): Promise<Asked> {
    const notice = await noticed()
    await this.enter()
    const consent = { ...notice, request: await this.log.ask(notice) }
    this.tell({ event: 'consent.changed', params: { consent } })
    await this.until((state) => state.connection === 'joined' && state.call.notice.state === 'matches')
    return consent
  }

  /** The next request, which decides: it is written down and answered with its receipt. */
  async decided(): Promise<Params<'consent.decide'> & { index: number }> {
    const { id, params } = await this.line.request('consent.decide')
    const result = await this.log.decide(params)
    this.line.result(id, result)
    return { ...params, index: result.index }
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

const snapshot = (keys: LogKeys, changes: Partial<Snapshot>): Snapshot => ({
  you: me,
  person: myself,
  bindingNonce: 'A'.repeat(43),
  log: keys,
  resume: 'secret',
  resumed: false,
  session,
  controllers: [],
  demo: false,
  barred: null,
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

type Asked = Extract<ConsentView, { state: 'asked' }>

/** A request to record that reads as it should, and that no key has signed yet. */
export async function noticed(requestId = newId.request()): Promise<Asked> {
  const notice = JSON.stringify({ ...noticeOf(requestId), session })
  return {
    state: 'asked',
    requestId,
    notice,
    noticeSha256: await sha256(notice),
    policy: 'everyone',
    askedBy: alice,
    you: 'asked',
    prev: null,
    leftMs: 60_000,
    late: false,
    answered: 0,
    total: 2,
    youAsked: false,
  }
}
