import { z } from './zod.ts'
import { SessionId } from './ids.ts'

/** Who acts, as the log names them: a key's or a system account's name. */
export const OperatorName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
export type OperatorName = z.infer<typeof OperatorName>

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
