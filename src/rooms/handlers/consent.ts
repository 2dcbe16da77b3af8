import { emptyTree } from '#audit'
import { steppedUp } from '#auth'
import { CallError } from '#protocol'
import type { Caller, Handled, Handler } from './index.ts'

type Consent = Extract<Handled, `consent.${string}`>

export const consent: { readonly [M in Consent]: Handler<M> } = {
  'consent.preview': async (caller, asking) => {
    mayAsk(caller)
    return { notice: caller.room.desk.preview(caller.peer.person, asking) }
  },
  'consent.ask': async (caller, asking) => {
    mayAsk(caller)
    const { stepUp } = caller.room.tenant
    if (stepUp !== null && !steppedUp(caller.peer.principal, stepUp, caller.now)) {
      throw new CallError('STEP_UP_REQUIRED', 'asking to record demands a fresh sign-in')
    }
    return { requestId: await caller.room.desk.ask(caller.peer.person, asking) }
  },
  'consent.decide': async ({ room, peer }, answer) => {
    const index = await room.desk.decisions.take(peer, answer)
    return room.evidence.afterDecision(peer, index, answer.seen ?? emptyTree)
  },
  'consent.receipts': async ({ room, peer }, { seen }) => {
    const indexes = await room.desk.decisions.all(peer.person)
    return room.evidence.receipts(peer, indexes, seen)
  },
  'consent.cancel': async ({ room, peer }, { requestId }) => {
    room.desk.control('cancel', peer.person, requestId)
    return {}
  },
}

function mayAsk({
  peer: {
    principal: { grants },
  },
}: Caller): void {
  if (!grants.host || !grants.record)
    throw new CallError('NOT_AUTHORIZED', 'asking to record needs the grants host and record')
}
