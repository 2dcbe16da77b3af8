import {
  ConsumerId,
  newId,
  type ConsentView,
  type ConsumerOffer,
  type Event,
  type Peer,
  type Snapshot,
  Sha256,
} from '#protocol'
import type { CallView } from '../../../client/sdk/state.ts'
import type { NoticeBytes } from '../../../client/sdk/session-effects.ts'
import { viewOf } from '../../../client/sdk/call-view.ts'
import type { Numbered } from '../../../client/sdk/session.ts'

export const me = newId.peer()
export const alice = newId.peer()
export const bob = newId.peer()
const session = newId.session()

export const person = (peerId: Peer['peerId'], name = 'Someone'): Peer => ({
  peerId,
  kind: 'person',
  name,
  host: false,
  connected: true,
  sending: [],
})

const transport = (id: string) => ({
  id,
  iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
  iceCandidates: [],
  dtlsParameters: { role: 'auto' as const, fingerprints: [] },
})

export const snapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  you: me,
  person: newId.person(),
  bindingNonce: 'A'.repeat(43),
  log: {
    origin: 'calls.example/consent/test',
    vkey: 'calls.example/consent/test+00000000+AAAA',
    statementJwk: { crv: 'Ed25519', kty: 'OKP', x: 'A'.repeat(43) },
  },
  resume: 'secret',
  resumed: false,
  session: { id: session, startedAt: 0 },
  controllers: [],
  demo: false,
  barred: null,
  grants: { publish: ['microphone', 'camera'], subscribe: true, host: false, record: false },
  tokenExpiresInMs: 600_000,
  iceServers: [],
  transports: { send: transport('send'), recv: transport('recv') },
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

export const view = (changes: Partial<Snapshot> = {}): CallView =>
  viewOf(snapshot(changes), null, 0)

export const numbered = (n: number, event: Event): Numbered => ({ kind: 'event', n, ...event })
export const joined = (n: number, changes: Partial<Snapshot> = {}): Numbered =>
  numbered(n, { event: 'session.joined', params: { snapshot: snapshot(changes) } })
export const speaking = (n: number, peerIds: Peer['peerId'][] = [alice]): Numbered =>
  numbered(n, { event: 'peer.speaking', params: { peerIds } })

export const bytes: NoticeBytes = {
  requestId: newId.request(),
  policy: 'everyone',
  notice: '{}',
  noticeSha256: Sha256.parse('a'.repeat(64)),
  request: 'signed',
}

export const asked = (of: NoticeBytes = bytes, answered = 0): ConsentView => ({
  state: 'asked',
  ...of,
  prev: null,
  askedBy: alice,
  you: 'asked',
  leftMs: 60_000,
  late: false,
  answered,
  total: 2,
  youAsked: false,
})

export const offer = (peerId: Peer['peerId'], id = 'consumer'): ConsumerOffer => ({
  consumerId: ConsumerId.parse(id),
  producerId: newId.producer(),
  peerId,
  source: 'camera',
  kind: 'video',
  rtpParameters: { codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }] },
  producerPaused: false,
})
