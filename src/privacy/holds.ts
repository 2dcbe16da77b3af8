import { recordHeader, type ConsentLog } from '#audit'
import { CallError, newId, SessionId, type OperatorName } from '#protocol'

type World = { readonly log: ConsentLog; readonly now: () => number }

/**
 * Keeps the evidence of one call from being erased, by anybody and any rule, or no longer: for a claim that is made or
 * fought (GDPR art. 17(3)(e)). Resolves with all calls on hold. Throws NOT_FOUND for a call of which nothing is kept.
 */
export async function holdSession(
  { log, now }: World,
  session: SessionId,
  { isHeld, by }: { readonly isHeld: boolean; readonly by: OperatorName },
): Promise<SessionId[]> {
  const kept = await log.ask({ what: 'session', session })
  // What a log that was given up tells of it is on hold here, and can be released here.
  const isKnown = kept.length > 0 || (await log.ask({ what: 'hold', session: null })).includes(session)
  if (!isKnown) throw new CallError('NOT_FOUND', 'session: nothing of it is kept')
  // Said first: what is held without a word in the log could not be told from data kept in secret.
  await log.append({
    key: `hold/${newId.request()}`,
    core: {
      ...recordHeader('hold', session),
      event: { state: isHeld ? 'placed' : 'lifted', time: now(), entity: by },
    },
  })
  const held = await log.ask({ what: 'hold', session, isHeld })
  return held.map((one) => SessionId.parse(one))
}

export async function heldSessions(log: Pick<ConsentLog, 'ask'>): Promise<SessionId[]> {
  const held = await log.ask({ what: 'hold', session: null })
  return held.map((one) => SessionId.parse(one))
}
