import { z } from './zod.ts'
import { LogKeys } from './evidence.ts'
import { PersonId, ReaderId, RequestId, SessionId } from './ids.ts'
import { Source } from './media.ts'
import { Notice, Party, Policy } from './notice.ts'
import { RightsRequest } from './rights.ts'

/** One entry of the log that is about this person, as far as it can still be read. */
export const OwnEntry = z.strictObject({
  index: z.int(),
  at: z.int(),
  /** Null where all of it was erased. */
  type: z.string().nullable(),
  state: z.string().nullable(),
  cause: z.string().nullable(),
  requestId: z.string().nullable(),
  /** By the person's own key; else on the server's word alone. */
  isSigned: z.boolean(),
  erased: z.array(z.enum(['core', 'subject', 'proof'])),
  /** Word for word, as it is kept. */
  record: z.unknown(),
  /** Who it was, as kept with it. */
  subject: z.unknown(),
})
export type OwnEntry = z.infer<typeof OwnEntry>

/** What this person was asked in a call. */
export const OwnAsked = z.strictObject({
  requestId: RequestId,
  at: z.int(),
  purpose: z.string(),
  policy: Policy,
  recordingDays: z.int(),
  evidenceDays: z.int(),
  readers: z.array(Notice.shape.recipients.element),
  storage: z.array(Notice.shape.storage.element),
  noticeSha256: z.string(),
})
export type OwnAsked = z.infer<typeof OwnAsked>

export const OwnCall = z.strictObject({
  session: SessionId,
  /** Who they were in this call, and in no other. */
  person: PersonId,
  since: z.int(),
  /** Kept as evidence for a claim: nothing of it is erased meanwhile. */
  isOnHold: z.boolean(),
  /** When what proves their decisions is removed; null while its time has not begun. */
  evidenceUntil: z.int().nullable(),
  asked: z.array(OwnAsked),
  entries: z.array(OwnEntry),
})
export type OwnCall = z.infer<typeof OwnCall>

export const OwnTrack = z.strictObject({
  source: Source,
  from: z.int(),
  to: z.int(),
  bytes: z.int(),
  destroyedAt: z.int().nullable(),
})

/** A recording that this person is in, or was. */
export const OwnRecording = z.strictObject({
  recordingId: RequestId,
  session: SessionId,
  state: z.enum(['running', 'finished', 'interrupted']),
  startedAt: z.int(),
  purpose: z.string().nullable(),
  /** When it is removed; null where nobody can say. */
  until: z.int().nullable(),
  isOnHold: z.boolean(),
  /** Their own alone. */
  tracks: z.array(OwnTrack),
  readers: z.array(ReaderId),
  /** Who opened or took it, as far as that is known here. */
  opened: z.array(z.strictObject({ at: z.int(), by: z.string(), act: z.string() })),
})
export type OwnRecording = z.infer<typeof OwnRecording>

/** One kind of data, how much there is of it, where it lies, and until when at the latest. */
export const OwnKept = z.strictObject({
  kind: z.enum(['decision', 'name', 'recording', 'rights-request', 'setting']),
  count: z.int(),
  place: z.string(),
  until: z.int().nullable(),
})
export type OwnKept = z.infer<typeof OwnKept>

/** Everything that is held about one person (GDPR art. 15(1), 20(1)). Times in ms since the epoch. */
export const AboutMe = z.strictObject({
  schema: z.literal('assent/about-me/v1'),
  composedAt: z.int(),
  account: z.strictObject({ issuer: z.string(), subject: z.string() }),
  controllers: z.array(Party),
  authority: Notice.shape.authority,
  /** Whose log the entries stand in, and with what their receipts are verified. */
  log: LogKeys,
  names: z.strictObject({
    /** The name that they had corrected. */
    corrected: z.string().nullable(),
    /** Those that stand with their entries. */
    kept: z.array(z.string()),
  }),
  /** Never recorded: since when, and by which demand. */
  neverRecorded: z
    .strictObject({ since: z.int(), by: z.enum(['restriction', 'objection']) })
    .nullable(),
  calls: z.array(OwnCall),
  recordings: z.array(OwnRecording),
  requests: z.array(RightsRequest),
  kept: z.array(OwnKept),
})
export type AboutMe = z.infer<typeof AboutMe>

/** The same as a JSON Schema (2020-12), for who takes their data elsewhere. */
export const aboutMeSchema = (): object => ({
  $id: 'assent/about-me/v1',
  title: 'Everything that an Assent server holds about one person',
  ...z.toJSONSchema(AboutMe, { unrepresentable: 'any' }),
})
