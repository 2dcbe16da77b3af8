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
  'consent.decide': async ({ room, peer }, answer) => ({
    index: await room.desk.decide(peer.person, answer),
  }),
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
