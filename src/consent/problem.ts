import type { ErrorCode, PersonId, RequestId, Sha256 } from '#protocol'
import type { Consent } from './state.ts'

/**
 * What a person can still say to the running request: an answer, until `until` (ms epoch) where there is a deadline; or a
 * withdrawal alone. Null when there is nothing to say.
 */
export function mayStillSay(
  consent: Consent,
  person: PersonId,
): { readonly what: 'answer' | 'withdrawal'; readonly until: number | null } | null {
  if (consent.state === 'idle' || consent.state === 'requesting' || consent.state === 'ended')
    return null
  const standing = consent.people.get(person)?.standing
  switch (standing?.is) {
    case 'asked':
      return { what: 'answer', until: standing.until }
    case 'answering':
    case 'given':
      return { what: 'withdrawal', until: null }
    case 'refused':
    case 'withdrawn':
      return consent.run.policy === 'each' ? { what: 'answer', until: null } : null
    case 'minor':
    case 'restricted':
    case undefined:
      return null
  }
}

/** Why a decision cannot be taken now; null when the machine will take it, or has it already. */
export function decisionProblem(
  consent: Consent,
  person: PersonId,
  answer: {
    readonly requestId: RequestId
    readonly noticeSha256: Sha256
    readonly decision: 'given' | 'refused' | 'withdrawn'
    readonly isSigned: boolean
  },
  now: number,
): ErrorCode | null {
  if (consent.state === 'idle' || consent.state === 'requesting' || consent.state === 'ended')
    return 'NOT_FOUND'
  const { run, people } = consent
  const standing = people.get(person)?.standing
  if (run.requestId !== answer.requestId || standing === undefined) return 'NOT_FOUND'
  if (run.noticeSha256 !== answer.noticeSha256) return 'NOTICE_MISMATCH'
  if (standing.is === 'minor' || standing.is === 'restricted') return 'NEVER_RECORDED'
  if (standing.is === 'asked' && now >= standing.until) return 'TOO_LATE'
  // A no stands under `everyone`: nobody is asked twice, and nobody can be talked round.
  if (
    answer.decision === 'given' &&
    (standing.is === 'refused' || standing.is === 'withdrawn') &&
    run.policy === 'everyone'
  ) {
    return standing.is === 'refused' && standing.cause === 'timeout' ? 'TOO_LATE' : 'ALREADY_ASKED'
  }
  if (answer.decision === 'given' && !answer.isSigned) return 'SIGNATURE_INVALID'
  return null
}
