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
    present.every(({ minor }) => minor) ||
    (policy === 'everyone' && present.some(({ minor }) => minor))
  if (isImpossible) {
    throw new CallError('MINOR_PRESENT', 'policy: not possible with everyone who is here')
  }
}

export const logUnavailable = (): CallError =>
  new CallError('LOG_UNAVAILABLE', 'the consent log cannot be written')
