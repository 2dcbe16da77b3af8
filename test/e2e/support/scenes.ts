import { Sha256, type ConsentView, type Outcome } from '#protocol'
import type { CallState, CallView, EndedCode, HeldReceipt, NoticeCheck, Peer, Policy } from '#sdk'
import { notice, recordingOptions, requestId, session } from './scene-notice.ts'
import { heldReceipt } from './scene-receipts.ts'
import { people, peerId, picturesOf, recorder, sharing, you } from './scene-people.ts'

type Asked = Extract<ConsentView, { state: 'asked' }>
type Recording = Extract<ConsentView, { state: 'recording' }>
type Paused = Extract<ConsentView, { state: 'paused' }>

const noticeSha256 = Sha256.parse('a'.repeat(64))
const about = (policy: Policy) => ({
  requestId,
  notice: JSON.stringify(notice(policy)),
  noticeSha256,
  policy,
})

/** Every screen by its name. A function, since the clock starts when a scene is shown. */
export const scenes = {
  alone: () => inCall(people(1)),
  two: () => inCall(people(2)),
  three: () => inCall(people(3)),
  call: () => inCall(people(5)),
  nine: () => inCall(people(9)),
  crowd: () => inCall(people(25)),
  pages: () => inCall(people(30)),
  host: () => inCall(people(5), { grants: hostGrants }),
  connecting: (): CallState => ({
    own,
    streams: new Map(),
    receipts: [],
    connection: 'connecting',
  }),
  share: () => inCall(withSharer(people(5)), { consent: recording('everyone', {}) }),
  shareOwn: () => inCall([...people(5).slice(0, 4), ...people(5).slice(4).map(sharing)]),
  gone: () =>
    inCall(people(5).map((peer, place) => (place === 1 ? { ...peer, connected: false } : peer))),

  notice: () => inCall(people(5), { consent: asked('everyone', {}) }),
  noticeEach: () => inCall(people(5), { consent: asked('each', {}) }),
  noticeTwo: () => inCall(people(2), { consent: asked('everyone', { total: 2, answered: 0 }) }),
  noticeHost: () =>
    inCall(people(5), {
      grants: hostGrants,
      consent: asked('everyone', { youAsked: true, askedBy: you }),
    }),
  noticeMinor: () => inCall(people(5), { consent: asked('each', { you: 'minor' }) }),
  noticeRestricted: () => inCall(people(5), { consent: asked('each', { you: 'restricted' }) }),
  checking: () =>
    inCall(people(5), { consent: asked('everyone', {}), notice: { state: 'checking' } }),
  unsignable: () =>
    inCall(people(5), {
      consent: asked('everyone', {}),
      notice: { state: 'matches', notice: notice('everyone'), canAgree: false },
      key: { state: 'failed', code: 'LOG_DIFFERS' },
    }),
  mismatch: () =>
    inCall(people(5), { consent: asked('everyone', {}), notice: { state: 'mismatch' } }),
  sending: () => inCall(people(5), { consent: asked('everyone', { you: 'answering' }) }),
  agreed: () =>
    inCall(people(5), {
      consent: asked('everyone', { you: 'given', answered: 3, leftMs: 52_000 }),
    }),
  agreedHost: () =>
    inCall(people(5), {
      grants: hostGrants,
      consent: asked('everyone', { you: 'given', answered: 3, youAsked: true, askedBy: you }),
    }),
  declined: () =>
    inCall(people(5), { consent: asked('everyone', { you: 'refused', answered: 3 }) }),
  undone: () =>
    inCall(people(5), { consent: asked('everyone', { you: 'withdrawn', answered: 3 }) }),

  recording: () => inCall(withRecorder(5), { consent: recording('everyone', {}) }),
  recordingHost: () =>
    inCall(withRecorder(5), {
      grants: hostGrants,
      consent: recording('everyone', { youControl: true, askedBy: you }),
    }),
  recordingEach: () =>
    inCall(withRecorder(5), { consent: recording('each', { youMayTakeOver: true }) }),
  recordingOut: () =>
    inCall(withRecorder(5), {
      consent: recording('each', {
        you: 'refused',
        yoursIsKept: false,
        inIt: [peerId(0), peerId(1), peerId(2)],
      }),
    }),
  withdrawnEach: () =>
    inCall(withRecorder(5), {
      consent: recording('each', { you: 'withdrawn', inIt: [peerId(0), peerId(1)] }),
    }),
  lateEach: () =>
    inCall(withRecorder(5), {
      consent: recording('each', { you: 'asked', late: true, leftMs: 111_000, inIt: [peerId(0)] }),
    }),
  paused: () => inCall(withRecorder(6), { consent: paused({}) }),
  pausedHost: () =>
    inCall(withRecorder(5), {
      grants: hostGrants,
      consent: paused({ cause: 'host', youControl: true }),
    }),
  pausedNotice: () =>
    inCall(withRecorder(5), {
      consent: paused({ cause: 'notice', you: 'asked', leftMs: 119_000 }),
    }),
  late: () =>
    inCall(withRecorder(5), { consent: paused({ you: 'asked', late: true, leftMs: 111_000 }) }),

  withdrawn: () =>
    inCall(people(5), { consent: ended('notAll', { you: 'withdrawn', yoursIsKept: true }) }),
  notAll: () => inCall(people(5), { consent: ended('notAll', { yoursIsKept: true }) }),
  stopped: () => inCall(people(5), { consent: ended('stopped', { yoursIsKept: true }) }),
  hostLeft: () => inCall(people(4), { consent: ended('hostLeft', { yoursIsKept: true }) }),
  empty: () =>
    inCall(people(5), { consent: ended('empty', { you: 'withdrawn', yoursIsKept: true }) }),
  recorderFailed: () =>
    inCall(people(5), { consent: ended('recorderFailed', { yoursIsKept: true }) }),
  logFailed: () => inCall(people(5), { consent: ended('logFailed', { elapsedMs: 0 }) }),
  endedDeclined: () => inCall(people(5), { consent: ended('declined', { elapsedMs: 0 }) }),
  endedOwnNo: () =>
    inCall(people(5), { consent: ended('declined', { elapsedMs: 0, you: 'refused' }) }),
  endedExpired: () =>
    inCall(people(5), { consent: ended('expired', { elapsedMs: 0, you: 'asked' }) }),
  endedCancelled: () => inCall(people(5), { consent: ended('cancelled', { elapsedMs: 0 }) }),

  agreedReceipt: (): CallState => withReceipts(scenes.agreed(), heldReceipt('given')),
  agreedUnverified: (): CallState => withReceipts(scenes.agreed(), unverified),
  recordingReceipts: (): CallState =>
    withReceipts(scenes.recording(), heldReceipt('given'), heldReceipt('refused')),
  withdrawnReceipt: (): CallState => withReceipts(scenes.withdrawn(), heldReceipt('withdrawn')),
  notAllReceipt: (): CallState => withReceipts(scenes.notAll(), heldReceipt('given')),

  lost: () => lost(inCall(withRecorder(5), { consent: recording('everyone', {}) })),
  stopping: () => inCall(people(5), { stoppingAt: Date.now() + 20_000 }),
  demo: () => inCall(people(5), { demo: true }),
  endLeft: () => over('LEFT', true),
  endExpired: () => over('TOKEN_EXPIRED', true),
  endRemoved: () => over('REMOVED', false),
  endFull: () => over('ROOM_FULL', true),
  endLost: () => over('CONNECTION_LOST', true),
  endOther: () => over('INTERNAL', true),
} as const satisfies Record<string, () => CallState>

export type SceneName = keyof typeof scenes

const grants = {
  publish: ['microphone', 'camera', 'screen', 'screenAudio'],
  subscribe: true,
  host: false,
  record: false,
} satisfies CallView['grants']
const hostGrants = { ...grants, host: true, record: true }
const sending = { sending: true, muted: false, refused: null }
const own: CallState['own'] = {
  microphone: sending,
  camera: sending,
  screen: { ...sending, sending: false },
  media: 'connected',
}

function inCall(
  everyone: readonly Peer[],
  change: Partial<CallView> = {},
): Extract<CallState, { connection: 'joined' }> {
  const consent = change.consent ?? { state: 'idle' }
  const checked: NoticeCheck =
    'policy' in consent ? { state: 'matches', notice: notice(consent.policy), canAgree: true } : { state: 'none' }
  const call: CallView = {
    you,
    session,
    controllers: notice('everyone').controllers,
    demo: false,
    barred: null,
    grants,
    recordingOptions,
    people: everyone,
    speaking: [peerId(0)],
    consent,
    consentAt: Date.now(),
    notice: checked,
    key: { state: 'bound' },
    tokenExpiresAt: Date.now() + 3_600_000,
    stoppingAt: null,
    ...change,
  }
  return { own, streams: picturesOf(everyone), receipts: [], connection: 'joined', call }
}

const withReceipts = (state: CallState, ...receipts: readonly HeldReceipt[]): CallState => ({
  ...state,
  receipts,
})

const unverified = heldReceipt('given', {
  verdict: { state: 'failed', code: 'proof-root', step: 'place', message: 'another root' },
})

const lost = ({
  own: mine,
  streams,
  call,
}: Extract<CallState, { connection: 'joined' }>): CallState => ({
  own: mine,
  streams,
  receipts: [],
  call,
  connection: 'lost',
  retryUntil: Date.now() + 25_000,
})

const over = (code: EndedCode, retryable: boolean): CallState => ({
  own,
  streams: new Map(),
  receipts: [],
  connection: 'ended',
  call: null,
  ended: { code, retryable },
})

const asked = (policy: Policy, change: Partial<Asked>): Asked => ({
  state: 'asked',
  ...about(policy),
  askedBy: peerId(0),
  you: 'asked',
  prev: null,
  leftMs: 84_000,
  late: false,
  answered: 2,
  total: 5,
  youAsked: false,
  ...change,
})

const recording = (policy: Policy, change: Partial<Recording>): Recording => ({
  state: 'recording',
  ...about(policy),
  askedBy: peerId(0),
  you: 'given',
  prev: null,
  late: false,
  elapsedMs: 724_000,
  inIt: policy === 'everyone' ? people(5).map((peer) => peer.peerId) : [peerId(0), peerId(1), you],
  total: 5,
  youControl: false,
  youMayTakeOver: false,
  yoursIsKept: true,
  ...change,
})

const paused = (change: Partial<Paused>): Paused => ({
  ...recording('everyone', {}),
  state: 'paused',
  cause: 'joined',
  ...change,
})

const ended = (
  outcome: Outcome,
  change: Partial<Extract<ConsentView, { state: 'ended' }>>,
): ConsentView => ({
  state: 'ended',
  ...about('everyone'),
  outcome,
  elapsedMs: 724_000,
  you: 'given',
  yoursIsKept: false,
  ...change,
})

const withRecorder = (count: number): readonly Peer[] => [...people(count), recorder]
const withSharer = (everyone: readonly Peer[]): readonly Peer[] =>
  everyone.map((peer, place) => (place === 1 ? sharing(peer) : peer))
