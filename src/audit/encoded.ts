import { CallError } from '#protocol'
import { encodeCore, encodeSubject, sessionOf, type Entry } from './entry.ts'
import { Flaw } from './flaw.ts'
import { checkRecord } from './proof.ts'
import type { CoreRecord, SubjectRecord } from './records.ts'
import type { Arriving } from './seal.ts'
import { property } from './shape.ts'
import { SignedDecision } from './signed-decision.ts'
import type { About } from './store.ts'

/**
 * An entry as it goes to the log's thread, where nothing malformed may arrive. Throws BAD_REQUEST; SIGNATURE_INVALID for
 * a yes that nobody signed, or for a record that says another thing than what was signed.
 */
export function encoded({ key, core, subject, signed, notice }: Entry, nowMs: number): Arriving {
  mustBeSigned(core, signed)
  try {
    return {
      key,
      core: encodeCore(core),
      subject: encodeSubject(subject),
      proof: core.type === 'decision' ? (signed?.proof ?? '') : '',
      notice: notice === undefined ? undefined : { text: notice, asker: askerOf(core) },
      about: aboutOf(core, subject, nowMs),
    }
  } catch (cause) {
    if (cause instanceof Flaw) throw new CallError('BAD_REQUEST', cause.message, { cause })
    throw cause
  }
}

function mustBeSigned(core: CoreRecord, signed: SignedDecision | undefined): void {
  if (core.type !== 'decision') return
  if (!(signed instanceof SignedDecision)) {
    if (core.event.state === 'given')
      throw new CallError('SIGNATURE_INVALID', 'a yes without the signature of who gave it')
    return
  }
  try {
    checkRecord(signed.read, core)
  } catch (cause) {
    if (cause instanceof Flaw) throw new CallError('SIGNATURE_INVALID', cause.message, { cause })
    throw cause
  }
}

function aboutOf(core: CoreRecord, subject: SubjectRecord | undefined, nowMs: number): About {
  const { account, auth } = subject ?? {}
  return {
    type: core.type,
    session: sessionOf(core),
    ref: textOr(property(property(core, 'subject'), 'ref'), null),
    requestId: textOr(property(core, 'requestId'), null),
    timeMs: nowMs,
    evidenceDays: core.type === 'request' ? core.retention.evidenceDays : null,
    account:
      account === undefined || auth === undefined ? null : { issuer: auth.issuer, account },
  }
}

/** Whose name stands in the notice. */
const askerOf = (core: CoreRecord): string =>
  textOr(property(core.event, 'entity'), null) ?? 'server'

const textOr = <T>(value: unknown, otherwise: T): string | T =>
  typeof value === 'string' ? value : otherwise
