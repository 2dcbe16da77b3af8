import type { ConsentLog } from '#audit'
import type { Account } from '#auth'
import {
  CallError,
  Private,
  type OperatorMethod,
  type OperatorName,
  type OperatorParams,
  type OperatorResult,
} from '#protocol'
import type { Asking } from './demands.ts'
import { heldSessions, holdSession } from './holds.ts'
import { said } from './me-acts.ts'
import type { RightsOffice } from './rights.ts'
import type { Tickets } from './tickets.ts'

type RightsCommand = Extract<OperatorMethod, `${'rights' | 'hold'}.${string}`>
/** What an operator does for demands that came by letter, and to keep evidence for a claim. */
export type RightsCommands = {
  readonly [M in RightsCommand]: (
    params: OperatorParams<M>,
    by: OperatorName,
  ) => Promise<OperatorResult<M>>
}

export function rightsCommands({
  office,
  tickets,
  log,
  now,
}: {
  readonly office: RightsOffice
  readonly tickets: Tickets
  readonly log: ConsentLog
  readonly now: () => number
}): RightsCommands {
  /** A letter from the future would be answered too late for ever. */
  const asking = ({ issuer, account, receivedAt = now() }: Letter, by: OperatorName): Asking => {
    if (receivedAt > now()) throw new CallError('BAD_REQUEST', 'receivedAt: is still to come')
    return { who: accountOf(issuer, account), actor: { how: 'letter', by }, receivedAt }
  }
  const answer =
    (act: 'extend' | 'refuse' | 'done') =>
    async ({ id, reason }: OperatorParams<'rights.done'>, by: OperatorName) => ({
      request: await office.answer(id, act, { how: 'letter', by }, reason),
    })
  return {
    'hold.place': async ({ session }, by) => ({
      held: await holdSession({ log, now }, session, { isHeld: true, by }),
    }),
    'hold.lift': async ({ session }, by) => {
      const held = await holdSession({ log, now }, session, { isHeld: false, by })
      await office.lifted()
      return { held }
    },
    'hold.list': async () => ({ held: await heldSessions(log) }),
    'rights.list': async () => ({ open: office.list() }),
    'rights.show': ({ id }, by) => office.show(id, by),
    'rights.access': async ({ lang, ...letter }, by) =>
      tickets.issue({ asking: asking(letter, by), lang }, now()),
    'rights.correct': async ({ name, ...letter }, by) => ({
      request: await office.correct(asking(letter, by), name),
    }),
    'rights.restrict': async ({ on, ...letter }, by) => ({
      request: await office.restrict(asking(letter, by), on),
    }),
    'rights.object': async ({ words, ...letter }, by) => ({
      request: await office.object(asking(letter, by), said(words)),
    }),
    'rights.erase': ({ all, ...letter }, by) => office.erase(asking(letter, by), all),
    'rights.register': async ({ right, words, ...letter }, by) => ({
      request: await office.register(asking(letter, by), right, said(words)),
    }),
    'rights.extend': answer('extend'),
    'rights.refuse': answer('refuse'),
    'rights.done': answer('done'),
  }
}

type Letter = { readonly issuer: string; readonly account: string; readonly receivedAt?: number | undefined }

const accountOf = (issuer: string, account: string): Account => ({
  issuer,
  subject: new Private(account),
})
