import { purposeKey, type Consent } from '#consent'
import { CallError, type Asking } from '#protocol'
import type { DeskWorld } from './desk-world.ts'

/** Throws when this cannot be asked now: something else is being asked, it was refused before, or nobody could answer. */
export function mayBeAsked(
  { purpose, policy }: Asking,
  consent: Consent,
  { log, people }: Pick<DeskWorld, 'log' | 'people'>,
): void {
  const present = [...people().values()]
  if (consent.state !== 'idle' && consent.state !== 'ended') {
    throw new CallError('ALREADY_ASKING', 'one request at a time')
  }
  if (log.state !== 'open') throw logUnavailable()
  if (consent.asked.has(purposeKey(purpose))) {
    throw new CallError('ALREADY_ASKED', 'purpose: asked before in this call')
  }
  const isImpossible =
    present.every(({ barred }) => barred !== null) ||
    (policy === 'everyone' && present.some(({ barred }) => barred !== null))
  if (isImpossible) {
    throw new CallError('NOT_WITH_EVERYONE', 'policy: not possible with everyone who is here')
  }
}

/** Throws ON_HOLD: while a call is evidence for a claim, nothing of it is destroyed (GDPR art. 17(3)(e)). */
export async function refuseOnHold({ log, session }: DeskWorld): Promise<void> {
  const held = await log.ask({ what: 'hold', session: null })
  if (held.includes(session.id)) throw new CallError('ON_HOLD', 'this call is on hold')
}

export const logUnavailable = (): CallError =>
  new CallError('LOG_UNAVAILABLE', 'the consent log cannot be written')
