import { requestTerms } from './entry.ts'
import { Flaw } from './flaw.ts'
import { algOf, type Alg } from './jwk.ts'
import {
  claimsOf,
  clocksApartMs,
  limitsOf,
  saidIn,
  type ReceiptClaim,
  type ReceiptLimit,
  type ReceiptSaid,
} from './receipt-claims.ts'
import type { RecordOf } from './records.ts'
import type { ProvenReceipt } from './verify-receipt.ts'

/** What a proven receipt says, as plain data for whoever shows it. Times are ms epoch. */
export type ReceiptFacts = BareFacts & {
  readonly said: ReceiptSaid
  readonly claims: readonly ReceiptClaim[]
  readonly limits: readonly ReceiptLimit[]
  /** How far the person's clock and the server's are apart about the same act. */
  readonly clocksApartMs: number
}

/** What stands in it, before it is weighed. */
export type BareFacts = {
  readonly decision: Decision['event']['state']
  readonly cause: Decision['event']['cause']
  /** When the server wrote it, by its own clock. */
  readonly time: number
  readonly session: string
  /** Their random id in this call. */
  readonly person: string
  /** By the server's word; null once erased, or never given. */
  readonly name: string | null
  readonly requestId: string
  /** What they were asked; null where neither their signature nor the notice tells. */
  readonly asked: AskedTerms | null
  /** The exact text that was shown; null where the receipt holds none. */
  readonly notice: string | null
  readonly noticeSha256: string
  readonly signer: ReceiptSigner
  readonly origin: string
  readonly index: number
  /** Of the tree in which it is proven to stand, and over which the log signed. */
  readonly size: number
  readonly root: string
  /** The tree that it followed already had this many entries; null where only the server tells. */
  readonly afterSize: number | null
  readonly witnesses: readonly { readonly name: string; readonly seenMs: number }[]
  readonly quorum: ProvenReceipt['quorum']
}

/**
 * Whose word it is. `server`: nobody signed it; `unseen`: somebody may have, and the file does not hold that part.
 * `tokenSha256`: the server says that the token with this hash names the key, and nothing here checks it;
 * null: the key says itself that it joined.
 */
export type ReceiptSigner =
  | { readonly by: 'server' | 'unseen' }
  | {
      readonly by: 'person'
      readonly alg: Alg
      /** RFC 7638. */
      readonly jkt: string
      /** By the person's own clock. */
      readonly signedMs: number
      readonly tokenSha256: string | null
    }

type Decision = RecordOf<'decision'>

/** The terms of a request, from the notice where there is one: only that names who asked. */
export type AskedTerms = ReturnType<typeof requestTerms> & {
  readonly askedBy: string | null
  readonly sessionStartedMs: number
  readonly policy: RecordOf<'request'>['policy']
  readonly version: string
  readonly date: string
}

/** Throws Flaw `receipt-no-decision` for a record that is nobody's decision, `receipt-time` for times past all calendars. */
export function receiptFacts(proven: ProvenReceipt): ReceiptFacts {
  const { core, subject, notice, log, witnesses, quorum, bounds } = proven
  if (core.type !== 'decision')
    throw new Flaw('receipt-no-decision', `a record of the type ${core.type}: nobody decides it`)
  const asked = askedOf(proven)
  const times = [core.event.time, asked?.sessionStartedMs ?? 0, ...witnesses.map((w) => w.seenMs)]
  if (times.some((ms) => ms > lastMs))
    throw new Flaw('receipt-time', 'it names a time that no calendar has')
  const facts: BareFacts = {
    decision: core.event.state,
    cause: core.event.cause,
    time: core.event.time,
    session: core.session.id,
    person: core.subject.ref,
    name: subject?.name ?? null,
    requestId: core.requestId,
    asked,
    notice: notice?.text ?? null,
    noticeSha256: core.noticeSha256,
    signer: signerOf(proven),
    ...log,
    afterSize: bounds.afterSize ?? null,
    witnesses,
    quorum,
  }
  return {
    ...facts,
    said: saidIn(facts),
    claims: claimsOf(facts),
    limits: limitsOf(facts),
    clocksApartMs: clocksApartMs(facts),
  }
}

function askedOf({ notice, signed }: ProvenReceipt): AskedTerms | null {
  if (notice !== undefined) {
    const { askedBy, session, policy, policyText } = notice.says
    return {
      ...requestTerms(notice.says),
      askedBy: askedBy.name,
      sessionStartedMs: session.startedAt,
      policy,
      version: policyText.version,
      date: policyText.date,
    }
  }
  if (signed === undefined) return null
  const { session, policy, notice: named } = signed.request
  return {
    ...requestTerms(signed.request),
    askedBy: null,
    sessionStartedMs: session.startedAt,
    policy,
    version: named.version,
    date: named.date,
  }
}

function signerOf({ signed, mayBeSigned }: ProvenReceipt): ReceiptSigner {
  if (signed === undefined) return { by: mayBeSigned ? 'unseen' : 'server' }
  const { request, decision, proof } = signed
  return {
    by: 'person',
    alg: algOf(proof.jwk),
    jkt: request.jkt,
    signedMs: decision.iat * 1000,
    tokenSha256: proof.tokenSha256 ?? null,
  }
}

/** Of a Date (ECMA-262 §21.4.1.1). */
const lastMs = 8.64e15
