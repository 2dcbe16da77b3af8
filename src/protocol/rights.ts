import { z } from './zod.ts'
import { RightsId, SessionId } from './ids.ts'

/** What a person may demand (GDPR art. 15, 16, 18, 21, 17). */
export const Right = z.enum(['access', 'correct', 'restrict', 'object', 'erase'])
export type Right = z.infer<typeof Right>

/** How a demand came: from the person's own page, or by letter to the operator. */
export const Channel = z.enum(['page', 'letter'])
export type Channel = z.infer<typeof Channel>

export const RightsState = z.enum(['received', 'done', 'refused', 'withdrawn'])
export type RightsState = z.infer<typeof RightsState>

/** One demand and what became of it. Times in ms since the epoch. */
export const RightsRequest = z.strictObject({
  id: RightsId,
  right: Right,
  how: Channel,
  receivedAt: z.int(),
  /** One calendar month later, three once it was extended (GDPR art. 12(3)). */
  dueAt: z.int(),
  isExtended: z.boolean(),
  state: RightsState,
  closedAt: z.int().nullable(),
  /** What the person said of it themself. */
  words: z.string().nullable(),
  /** Why it was extended or refused, or what was done; ON_HOLD where the server itself refused it for that. */
  reason: z.string().nullable(),
  /** Calls that an erasure passed over, because they are kept as evidence for a claim (art. 17(3)(e)). */
  heldBack: z.array(SessionId),
})
export type RightsRequest = z.infer<typeof RightsRequest>

/** What an erasure has done, and what it had to leave. Afterwards nobody here can tell whose that is, but for a hold. */
export const Erased = z.strictObject({
  request: RightsRequest,
  /** Tracks of theirs in recordings, destroyed. */
  tracks: z.int(),
  /** Calls of which everything about them is gone. */
  whole: z.int(),
  /**
   * What stays of each other call. `proof`: what they decided, without their name, since it proves that others were
   * recorded lawfully (GDPR art. 17(3)(e)). `hold`: everything, as evidence for a claim; it goes when that is over.
   */
  stays: z.array(
    z.strictObject({
      session: SessionId,
      why: z.enum(['proof', 'hold']),
      /** When it is removed; null while nobody can say. */
      until: z.int().nullable(),
    }),
  ),
})
export type Erased = z.infer<typeof Erased>
