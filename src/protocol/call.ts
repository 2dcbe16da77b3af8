import { z } from './zod.ts'
import { ConsentView } from './consent-view.ts'
import { LogKeys } from './evidence.ts'
import { PeerId, PersonId, ProducerId, ReaderId, SessionId } from './ids.ts'
import { ConsumerOffer, IceServer, Source, TransportOffers } from './media.ts'
import { Party, Policy } from './notice.ts'

/** What a token allows its bearer in its room. */
export const Grants = z.strictObject({
  publish: z.array(Source),
  subscribe: z.boolean(),
  host: z.boolean(),
  record: z.boolean(),
})
export type Grants = z.infer<typeof Grants>

export const DisplayName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  // Control characters and direction overrides let one name pass for another or tear a line.
  .regex(/^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]+$/u)
export type DisplayName = z.infer<typeof DisplayName>

/** Never asked and never recorded: by their token a minor, or by their own wish. */
export const Barred = z.enum(['minor', 'restricted'])
export type Barred = z.infer<typeof Barred>

/** Someone, or the recorder, in the list of people. */
export const Peer = z.strictObject({
  peerId: PeerId,
  kind: z.enum(['person', 'recorder']),
  name: z.string(),
  host: z.boolean(),
  /** False while the signaling connection is lost and may still come back. */
  connected: z.boolean(),
  sending: z.array(z.strictObject({ producerId: ProducerId, source: Source, paused: z.boolean() })),
})
export type Peer = z.infer<typeof Peer>

/** What a host may choose from when asking. */
export const RecordingOptions = z.strictObject({
  policies: z.array(Policy).min(1),
  retentionDays: z.array(z.int().min(1)).min(1),
  answerMs: z.array(z.int().min(1000)).min(1),
  readers: z.array(z.strictObject({ readerId: ReaderId, name: z.string() })),
})
export type RecordingOptions = z.infer<typeof RecordingOptions>

/** Everything a page needs to be in the call, in one message. It holds up to the event number it came with. */
export const Snapshot = z.strictObject({
  you: PeerId,
  /** Who you are in this call, on whatever page; nobody else learns it. */
  person: PersonId,
  /** Present it to come back as the same peer after a lost connection. Secret. */
  resume: z.string(),
  /** This connection continues an earlier one: transports, streams and decisions still hold. */
  resumed: z.boolean(),
  session: z.strictObject({ id: SessionId, startedAt: z.int() }),
  /** What `session.bind` must repeat, so that an old join cannot be played again. */
  bindingNonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  log: LogKeys,
  controllers: z.array(Party),
  demo: z.boolean(),
  /** Why you are never recorded; null where you can be asked. */
  barred: Barred.nullable(),
  grants: Grants,
  tokenExpiresInMs: z.int(),
  iceServers: z.array(IceServer),
  transports: TransportOffers,
  peers: z.array(Peer),
  consumers: z.array(ConsumerOffer),
  consent: ConsentView,
  recordingOptions: RecordingOptions,
})
export type Snapshot = z.infer<typeof Snapshot>
