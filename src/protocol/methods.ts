import { z } from './zod.ts'
import { DisplayName, Grants } from './call.ts'
import { CompactJws, Consistency, PublicJwk, Receipt, Tree } from './evidence.ts'
import { ConsumerId, ProducerId, ReaderId, RequestId, Sha256 } from './ids.ts'
import { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters, Source } from './media.ts'
import { Media, Policy } from './notice.ts'

const nothing = z.strictObject({})
const direction = z.enum(['send', 'recv'])
const oneProducer = z.strictObject({ producerId: ProducerId })
const someConsumers = z.strictObject({ consumerIds: z.array(ConsumerId).min(1).max(512) })
const oneRequest = z.strictObject({ requestId: RequestId })

/** What a host asks for. The server adds the rest and composes the notice. */
export const Asking = z.strictObject({
  purpose: z.string().trim().min(1).max(200),
  media: Media,
  policy: Policy,
  retentionDays: z.int().min(1).max(36_500),
  /** How long people have to answer, in milliseconds. */
  answerMs: z.int().min(1000).max(600_000),
  readers: z.array(ReaderId).min(1).max(16),
})
export type Asking = z.infer<typeof Asking>

/** How a page enters: with the upgrade (capabilities by hash) and again in full in the first message. */
export const Joining = z.strictObject({
  /** SHA-256 of the router's capabilities that the page loaded. */
  router: Sha256,
  name: DisplayName.optional(),
  /** From the snapshot of the connection that was lost. */
  resume: z.string().max(128).optional(),
  /** With `resume`: the page was loaded anew, so its transports are gone and it needs fresh ones. */
  freshMedia: z.boolean().optional(),
})
export type Joining = z.infer<typeof Joining>

/** Everything a client may ask. Adding a row here breaks the build until `rooms` handles it. */
export const methods = {
  'session.join': {
    about:
      'Enter the room that the token names. The snapshot comes as the event session.joined; if the upgrade already carried the join, this changes nothing.',
    params: Joining.extend({ capabilities: RtpCapabilities }),
    result: nothing,
  },
  'session.leave': {
    about: 'Leave for good; a running decision of yours counts as no.',
    params: nothing,
    result: nothing,
  },
  'session.renew': {
    about:
      'Put a fresh token in the place of the one that runs out. It can narrow rights, never change room or person.',
    params: z.strictObject({ token: z.string().max(8192) }),
    result: z.strictObject({ grants: Grants, expiresInMs: z.int() }),
  },
  'session.bind': {
    about:
      'Tie a key that this page made to you and this call, right after the snapshot: a yes counts only with its signature. Say which tree of the log you saw last; the answer proves that it still stands.',
    params: z.strictObject({
      jwk: PublicJwk,
      /** Type consent-join+jws, over the token’s hash, the call, you, and the snapshot’s nonce. */
      joinJws: CompactJws,
      seen: Tree,
    }),
    result: z.strictObject({ consistency: Consistency }),
  },
  'session.ping': {
    about: 'Measure the round trip.',
    params: nothing,
    result: z.strictObject({ now: z.int() }),
  },

  'media.connect': {
    about: 'Give the fingerprint for one transport. Need not be awaited before media.produce.',
    params: z.strictObject({ direction, dtlsParameters: DtlsParameters }),
    result: nothing,
  },
  'media.restartIce': {
    about: 'After a change of network: fresh ICE credentials for one transport.',
    params: z.strictObject({ direction }),
    result: z.strictObject({ iceParameters: IceParameters }),
  },
  'media.produce': {
    about:
      'Start to send a stream under an id that the client chose. Needs the grant for its source.',
    params: z.strictObject({
      producerId: ProducerId,
      source: Source,
      rtpParameters: RtpParameters,
      paused: z.boolean(),
    }),
    result: nothing,
  },
  'media.pause': { about: 'Mute one of your streams.', params: oneProducer, result: nothing },
  'media.resume': { about: 'Unmute one of your streams.', params: oneProducer, result: nothing },
  'media.close': {
    about: 'Stop sending one of your streams.',
    params: oneProducer,
    result: nothing,
  },
  'media.watch': {
    about: 'Let streams flow that you are ready to play.',
    params: someConsumers,
    result: nothing,
  },
  'media.unwatch': {
    about: 'Halt streams that nobody looks at.',
    params: someConsumers,
    result: nothing,
  },

  'consent.preview': {
    about: 'The notice that asking would show, without asking.',
    params: Asking,
    result: z.strictObject({ notice: z.string() }),
  },
  'consent.ask': {
    about:
      'Ask everyone in the call to be recorded for one purpose. Needs the grants host and record.',
    params: Asking,
    result: z.strictObject({ requestId: RequestId }),
  },
  'consent.decide': {
    about:
      'Your decision on one request, over the notice that you were shown. A yes needs your signature; a no and a withdrawal act at once, also without. The reply comes when it is durable in the log and brings the receipt; the same decision again brings the same.',
    params: z.strictObject({
      requestId: RequestId,
      noticeSha256: Sha256,
      decision: z.enum(['given', 'refused', 'withdrawn']),
      /** Type consent-decision+jws, over the request in your view, by the key that you bound. */
      decisionJws: CompactJws.optional(),
      /** The newest tree that was proven to you; without it, the empty one. */
      seen: Tree.optional(),
    }),
    result: z.strictObject({
      index: z.int(),
      receipt: Receipt,
      /** From the tree that you saw last to the receipt’s. */
      consistency: Consistency,
    }),
  },
  'consent.receipts': {
    about: 'Receipts for all your decisions in this call, silence included, with the newest proof.',
    params: z.strictObject({ seen: Tree }),
    result: z.strictObject({
      receipts: z.array(z.strictObject({ index: z.int(), receipt: Receipt })),
      consistency: Consistency,
    }),
  },
  'consent.cancel': {
    about: 'Take your own request back before it is decided.',
    params: oneRequest,
    result: nothing,
  },

  'recording.pause': {
    about: 'Pause the recording that you control.',
    params: oneRequest,
    result: nothing,
  },
  'recording.resume': {
    about: 'Go on with the recording that you control.',
    params: oneRequest,
    result: nothing,
  },
  'recording.stop': {
    about: 'End the recording that you control.',
    params: oneRequest,
    result: nothing,
  },
  'recording.takeOver': {
    about: 'As another host, carry the recording on when its host leaves.',
    params: oneRequest,
    result: nothing,
  },
  'recording.destroyMine': {
    about: 'Destroy what was recorded of you. Withdraw first while it runs. Cannot be undone.',
    params: oneRequest,
    result: z.strictObject({ tracks: z.int() }),
  },
} as const

export type Method = keyof typeof methods
export type Params<M extends Method> = z.infer<(typeof methods)[M]['params']>
export type Result<M extends Method> = z.infer<(typeof methods)[M]['result']>

/** Everything the server may ask of a page. */
export const serverMethods = {
  'recording.show': {
    about:
      'Show that a recording starts. Answer once the mark stands on the page: you are not recorded before.',
    params: z.strictObject({ requestId: RequestId }),
    result: z.strictObject({}),
  },
} as const

export type ServerMethod = keyof typeof serverMethods
export type ServerParams<M extends ServerMethod> = z.infer<(typeof serverMethods)[M]['params']>
export type ServerResult<M extends ServerMethod> = z.infer<(typeof serverMethods)[M]['result']>
