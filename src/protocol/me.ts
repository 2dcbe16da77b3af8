import { z } from './zod.ts'
import { AboutMe } from './about-me.ts'
import { DisplayName } from './call.ts'
import { RequestId, RightsId } from './ids.ts'
import { Erased, RightsRequest } from './rights.ts'

const nothing = z.strictObject({})
const oneRequest = z.strictObject({ request: RightsRequest })

/** The languages that an archive explains itself in. */
export const ArchiveLanguage = z.enum(['en', 'de', 'fr', 'es', 'uk'])
export type ArchiveLanguage = z.infer<typeof ArchiveLanguage>

/**
 * Everything a person may do about what is held about them: `POST /me/NAME` with the token of a call. A row here needs a
 * handler.
 */
export const meActs = {
  see: {
    about: 'Everything that is held about you. Looking at it is no demand, and is not logged.',
    params: nothing,
    result: AboutMe,
  },
  ticket: {
    about:
      'A ticket for one download of everything, as `GET /me/archive/TICKET`, within a minute. The download is a demand for access, and is logged.',
    params: z.strictObject({ lang: ArchiveLanguage }),
    result: z.strictObject({ ticket: z.string(), expiresInMs: z.int() }),
  },
  correct: {
    about:
      'From your next call on you are called this. What was written before stays as it was said.',
    params: z.strictObject({ name: DisplayName }),
    result: oneRequest,
  },
  restrict: {
    about:
      'Never be recorded: on at once, also in a call that is under way; off from your next call on.',
    params: z.strictObject({ on: z.boolean() }),
    result: z.strictObject({ request: RightsRequest.nullable() }),
  },
  object: {
    about: 'Object to a use. Until it is answered you are never recorded.',
    params: z.strictObject({ words: z.string().trim().max(1000) }),
    result: oneRequest,
  },
  withdraw: {
    about: 'Take back an objection that is not answered yet.',
    params: z.strictObject({ id: RightsId }),
    result: oneRequest,
  },
  destroy: {
    about:
      'Have what was recorded of you in one recording destroyed, at once and for good. Refused while you are in it, or while the call is on hold.',
    params: z.strictObject({ recordingId: RequestId }),
    result: z.strictObject({ tracks: z.int() }),
  },
  erase: {
    about:
      'Have erased who you were, and what there is of you in recordings; of calls in which nothing was recorded, everything. What proves other people’s consent stays without your name, until its own end. ON_HOLD where all of it is kept as evidence for a claim.',
    params: nothing,
    result: Erased,
  },
} as const satisfies Record<
  string,
  { readonly about: string; readonly params: z.ZodType; readonly result: z.ZodType }
>

export type MeAct = keyof typeof meActs
export type MeParams<A extends MeAct> = z.infer<(typeof meActs)[A]['params']>
export type MeResult<A extends MeAct> = z.infer<(typeof meActs)[A]['result']>
