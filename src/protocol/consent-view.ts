import { z } from './zod.ts'
import { CompactJws } from './evidence.ts'
import { PeerId, RequestId, Sha256 } from './ids.ts'
import { Policy } from './notice.ts'

/** Where you stand. `answering`: your yes is being written to the log. `minor`, `restricted`: you are never recorded. */
export const Standing = z.enum([
  'asked',
  'answering',
  'given',
  'refused',
  'withdrawn',
  'minor',
  'restricted',
])
export type Standing = z.infer<typeof Standing>

/** Why a request or a recording is over. Nobody learns from it who said no. */
export const Outcome = z.enum([
  'declined',
  'expired',
  'cancelled',
  'notAll',
  'stopped',
  'hostLeft',
  'empty',
  'recorderFailed',
  'logFailed',
])
export type Outcome = z.infer<typeof Outcome>

export const PauseCause = z.enum(['joined', 'host', 'notice'])
export type PauseCause = z.infer<typeof PauseCause>

const asked = {
  requestId: RequestId,
  /** The exact bytes that were hashed; parse and show them, nothing else. */
  notice: z.string(),
  noticeSha256: Sha256,
  policy: Policy,
  askedBy: PeerId.nullable(),
  you: Standing,
  /** The request to you and this page’s key, signed by the server; absent while there is nothing to decide, or no key. */
  request: CompactJws.optional(),
  /** Your last signed decision in this call, by the hash of its JWS: the next one follows it. */
  prev: Sha256.nullable(),
  /** Milliseconds that you have left to answer, when this left the server; absent when you are not asked. */
  leftMs: z.int().optional(),
  /** You came when it was already running. */
  late: z.boolean(),
}
const running = {
  ...asked,
  /** Recorded time until this left the server, pauses left out, in milliseconds. */
  elapsedMs: z.int(),
  /** Who is in it. Under `everyone` all who are there; under `each` those who agreed. */
  inIt: z.array(PeerId),
  total: z.int(),
  /** You may pause, resume and end it. */
  youControl: z.boolean(),
  /** You may become the one who controls it, so that it outlasts the host who asked. */
  youMayTakeOver: z.boolean(),
  /** Something of you was recorded and is kept: it can be destroyed once you are not in it any more. */
  yoursIsKept: z.boolean(),
}

/** The truth about recording, as one person may see it. Sent whole at every change. */
export const ConsentView = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('idle') }),
  z.strictObject({
    state: z.literal('asked'),
    ...asked,
    answered: z.int(),
    total: z.int(),
    youAsked: z.boolean(),
  }),
  z.strictObject({ state: z.literal('recording'), ...running }),
  z.strictObject({ state: z.literal('paused'), ...running, cause: PauseCause }),
  z.strictObject({
    state: z.literal('ended'),
    requestId: RequestId,
    notice: z.string(),
    noticeSha256: Sha256,
    policy: Policy,
    outcome: Outcome,
    /** Whether anything was ever recorded, and how much. */
    elapsedMs: z.int(),
    you: Standing,
    /** As in a running one. */
    yoursIsKept: z.boolean(),
  }),
])
export type ConsentView = z.infer<typeof ConsentView>
