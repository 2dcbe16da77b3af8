import { Sha256, type ConsentView } from '#protocol'
import type { CallState, CallView } from '#sdk'
import { notice, recordingOptions, requestId, session } from '../../e2e/support/scene-notice.ts'
import { people, peerId, you } from '../../e2e/support/scene-people.ts'

export type View<S extends ConsentView['state']> = Extract<ConsentView, { state: S }>

const own = { sending: true, muted: false, refused: null }
const about = {
  requestId,
  notice: '',
  noticeSha256: Sha256.parse('0'.repeat(64)),
  policy: 'everyone' as const,
}
const apart = {
  own: { microphone: own, camera: own, screen: own, media: 'connected' },
  streams: new Map(),
  receipts: [],
} as const

export const asked: View<'asked'> = {
  state: 'asked',
  ...about,
  askedBy: peerId(0),
  you: 'asked',
  prev: null,
  leftMs: 9000,
  late: false,
  answered: 1,
  total: 5,
  youAsked: false,
}
export const recording: View<'recording'> = {
  state: 'recording',
  ...about,
  askedBy: peerId(0),
  you: 'given',
  prev: null,
  late: false,
  elapsedMs: 7000,
  inIt: [you],
  total: 5,
  youControl: false,
  youMayTakeOver: false,
  yoursIsKept: true,
}
export const paused: View<'paused'> = { ...recording, state: 'paused', cause: 'joined' }
export const ended: View<'ended'> = {
  state: 'ended',
  ...about,
  outcome: 'stopped',
  elapsedMs: 7000,
  you: 'given',
  yoursIsKept: false,
}

/** A call of five people, one of them you. */
export function joined(consent: ConsentView, change: Partial<CallView> = {}): CallState {
  return { ...apart, connection: 'joined', call: callView(consent, change) }
}

/** The same call while its connection is lost. */
export const lost = (consent: ConsentView): CallState => ({
  ...apart,
  connection: 'lost',
  call: callView(consent, {}),
  retryUntil: 0,
})

export const connecting: CallState = { ...apart, connection: 'connecting' }

const callView = (consent: ConsentView, change: Partial<CallView>): CallView => ({
  you,
  session,
  controllers: [],
  demo: false,
  barred: null,
  recordingOptions,
  people: people(5),
  speaking: [],
  consent,
  consentAt: 0,
  grants: { publish: [], subscribe: true, host: false, record: false },
  notice: { state: 'matches', notice: notice('everyone'), canAgree: true },
  key: { state: 'bound' },
  tokenExpiresAt: 0,
  stoppingAt: null,
  ...change,
})
