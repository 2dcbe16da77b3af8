import { z } from './zod.ts'
import { RequestId, SessionId, Sha256 } from './ids.ts'

const text = z.string().min(1).max(500)
const days = z.int().min(1).max(36_500)

/** Which media a request is for. At least one; screens include their sound. */
export const Media = z
  .strictObject({ audio: z.boolean(), video: z.boolean(), screen: z.boolean() })
  .refine(({ audio, video, screen }) => audio || video || screen, 'name at least one kind of media')
export type Media = z.infer<typeof Media>

/** Who must agree: all who are there, or each for themselves alone. */
export const Policy = z.enum(['everyone', 'each'])
export type Policy = z.infer<typeof Policy>

/** A body that answers for the data: the company on whose behalf the call is held, or one that works for it. */
export const Party = z.strictObject({
  name: text,
  address: text,
  contact: text,
  url: z.string().max(500).optional(),
  role: z.enum(['controller', 'joint-controller', 'processor']),
})
export type Party = z.infer<typeof Party>

/**
 * What a person is shown before deciding, complete (ISO/IEC TS 27560 §6.3; GDPR art. 13). The server composes it and
 * serialises it once; the bytes are hashed, kept, shown and decided upon. Times are milliseconds since the epoch.
 */
export const Notice = z.strictObject({
  schema: z.literal('assent/notice/v1'),
  requestId: RequestId,
  session: z.strictObject({ id: SessionId, startedAt: z.int() }),
  askedBy: z.strictObject({ name: text, at: z.int() }),
  controllers: z.array(Party).min(1).max(8),
  processors: z.array(Party).max(8),
  purposes: z
    .array(
      z.strictObject({
        id: z.literal('recording'),
        text: z.string().min(1).max(200),
        category: z.literal('recording-of-communication'),
        required: z.literal(false),
      }),
    )
    .length(1),
  media: Media,
  biometricTemplate: z.literal(false),
  policy: Policy,
  /** Another host may carry the recording on when the one who asked leaves. */
  hostMayChange: z.boolean(),
  lawfulBasis: z.string().min(1).max(100),
  collectionMethod: z.literal('in-call dialog, affirmative click'),
  processing: z.array(z.enum(['record', 'store'])).min(1),
  automatedDecisions: z.literal(false),
  storage: z
    .array(z.strictObject({ location: text, country: z.string().length(2) }))
    .min(1)
    .max(8),
  processingLocations: z.array(z.string().length(2)).min(1).max(8),
  transfers: z.array(text).max(8),
  retention: z.strictObject({
    recordingDays: days,
    evidenceDays: days,
    from: z.literal('end-of-recording'),
  }),
  /** Who can open the recording; the server cannot. */
  recipients: z
    .array(z.strictObject({ name: text, role: text, country: z.string().length(2) }))
    .min(1)
    .max(16),
  jurisdiction: z.array(z.string().min(2).max(8)).min(1).max(8),
  withdrawal: z.strictObject({
    inCall: z.literal('one click'),
    url: z.string().min(1).max(500),
    contact: text,
    /** What becomes of the part recorded until then; the person may have it destroyed at any time. */
    afterwards: z.literal('keep-until-destroyed-or-expired'),
  }),
  rights: z.strictObject({ url: z.string().min(1).max(500) }),
  authority: z.strictObject({ name: text, url: z.string().min(1).max(500) }),
  validity: z.strictObject({ from: z.int(), until: z.literal('end-of-session') }),
  policyText: z.strictObject({
    version: z.string().min(1).max(32),
    date: z.iso.date(),
    lang: z.string().min(2).max(8),
    url: z.string().min(1).max(500),
    /** Of its exact bytes, which this server keeps; absent where the controller keeps them elsewhere. */
    sha256: Sha256.optional(),
  }),
})
export type Notice = z.infer<typeof Notice>
