import { z } from './zod.ts'
import { SessionId } from './ids.ts'

/** Who acts, as the log names them: a key's or a system account's name. */
export const OperatorName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
export type OperatorName = z.infer<typeof OperatorName>

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
