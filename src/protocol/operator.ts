import { z } from './zod.ts'
import { AboutMe } from './about-me.ts'
import { DisplayName } from './call.ts'
import { RightsId, SessionId } from './ids.ts'
import { ArchiveLanguage } from './me.ts'
import { Erased, Right, RightsRequest } from './rights.ts'

/** Who acts, as the log names them: a key's or a system account's name. */
export const OperatorName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
export type OperatorName = z.infer<typeof OperatorName>

/** Whose letter it is, as their issuer names them, and when it came: ms since the epoch; now, unless told. */
const letter = {
  issuer: z.string().min(1).max(500),
  account: z.string().min(1).max(255),
  receivedAt: z.int().optional(),
}
const answered = z.strictObject({ request: RightsRequest })
const answer = z.strictObject({ id: RightsId, reason: z.string().trim().min(1).max(1000) })

/** Something past its end, and what became of it. Times in ms since the epoch. */
const SweptThing = z.strictObject({
  kind: z.enum(['recording', 'evidence', 'rights-request', 'backup']),
  id: z.string(),
  endedMs: z.number(),
  endsMs: z.number(),
  isHeld: z.boolean(),
  state: z.enum(['removed', 'due', 'held', 'failed']),
  problem: z.string().nullable(),
})

/** Everything that an operator may ask of the running server, on its own machine. A row here needs a handler. */
export const operatorMethods = {
  'hold.place': {
    about: 'Keep all evidence of this call from being erased, until it is lifted.',
    params: z.strictObject({ session: SessionId }),
    result: z.strictObject({ held: z.array(SessionId) }),
  },
  'hold.lift': {
    about: 'Let the evidence of this call be erased again.',
    params: z.strictObject({ session: SessionId }),
    result: z.strictObject({ held: z.array(SessionId) }),
  },
  'hold.list': {
    about: 'Which calls are on hold.',
    params: z.strictObject({}),
    result: z.strictObject({ held: z.array(SessionId) }),
  },
  'backup.snapshot': {
    about: 'Copy the databases of the log, as of one moment, to a folder of their own, for a backup.',
    params: z.strictObject({}),
    result: z.strictObject({
      /** Its reader removes it at once. */
      dir: z.string(),
      madeAt: z.number(),
      entries: z.int(),
      /** How long a backup may be kept. */
      keptDays: z.int(),
    }),
  },
  'rights.list': {
    about: 'Which demands are open and by when they must be met, the most urgent first. Nobody’s words.',
    params: z.strictObject({}),
    result: z.strictObject({
      open: z.array(
        RightsRequest.omit({ words: true, reason: true }).extend({ isOverdue: z.boolean() }),
      ),
    }),
  },
  'rights.show': {
    about: 'One demand, whose it is, and everything that is held about them. Is logged.',
    params: z.strictObject({ id: RightsId }),
    result: z.strictObject({
      request: RightsRequest,
      about: AboutMe.nullable(),
    }),
  },
  'rights.access': {
    about: 'A ticket for a copy of everything, as GET /archive/TICKET on this socket.',
    params: z.strictObject({ ...letter, lang: ArchiveLanguage }),
    result: z.strictObject({ ticket: z.string(), expiresInMs: z.int() }),
  },
  'rights.correct': {
    about: 'What this person is called from their next call on.',
    params: z.strictObject({ ...letter, name: DisplayName }),
    result: answered,
  },
  'rights.restrict': {
    about: 'Never record this person, or no longer from their next call on.',
    params: z.strictObject({ ...letter, on: z.boolean() }),
    result: z.strictObject({ request: RightsRequest.nullable() }),
  },
  'rights.object': {
    about: 'Note an objection. Until it is answered this person is never recorded.',
    params: z.strictObject({ ...letter, words: z.string().trim().max(1000) }),
    result: answered,
  },
  'rights.erase': {
    about:
      'Erase who this person was and what there is of them in recordings; `all`: also what proves their decisions.',
    params: z.strictObject({ ...letter, all: z.boolean() }),
    result: Erased,
  },
  'rights.register': {
    about: 'Note a demand that is to be met later, by the command of its kind.',
    params: z.strictObject({ ...letter, right: Right, words: z.string().trim().max(1000) }),
    result: answered,
  },
  'rights.extend': {
    about: 'Two months more, once, with the reason that the person is told (GDPR art. 12(3)).',
    params: answer,
    result: answered,
  },
  'rights.refuse': {
    about: 'Refuse a demand, with the reason that the person is told.',
    params: answer,
    result: answered,
  },
  'rights.done': {
    about: 'An objection is upheld, or access was given in another way; with what the person is told.',
    params: answer,
    result: answered,
  },
  'sweep.run': {
    about: 'Remove what has reached the end of its life now, or only show it.',
    params: z.strictObject({ isDry: z.boolean() }),
    result: z.strictObject({
      things: z.array(SweptThing),
      /** Kinds that could not be looked into. */
      unread: z.array(SweptThing.shape.kind),
      /** Erasures that the log's tree now tells of. */
      said: z.int(),
    }),
  },
} as const satisfies Record<
  string,
  { readonly about: string; readonly params: z.ZodType; readonly result: z.ZodType }
>

export type OperatorMethod = keyof typeof operatorMethods
export type OperatorParams<M extends OperatorMethod> = z.infer<(typeof operatorMethods)[M]['params']>
export type OperatorResult<M extends OperatorMethod> = z.infer<(typeof operatorMethods)[M]['result']>

/** What travels over the operator's socket: one of these as the body of a POST, and an answer to it. */
export const OperatorCall = z.strictObject({
  by: OperatorName,
  method: z.string().max(64),
  params: z.unknown(),
})
