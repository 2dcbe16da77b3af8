import {
  Flaw,
  parseVerifierKey,
  receiptName,
  sha256,
  verifyReceipt,
  type ProvenReceipt,
  type ReceiptTexts,
  type TrustPolicy,
} from '#audit/verify'
import type { LogKeys } from '#protocol'

/** A receipt as a person holds it, with what this browser found when it checked it. */
export interface HeldReceipt {
  /** The same receipt has the same id, whatever newer proof it comes with. */
  readonly id: string
  readonly texts: ReceiptTexts
  /** With what it was checked. */
  readonly log: LogKeys
  readonly session: string
  /** When the decision was written, ms epoch. */
  readonly time: number
  readonly verdict: Verdict
}

/** `code`: why it could not be verified; stable, for the page to put into words. */
export type Verdict =
  | { readonly state: 'verified'; readonly what: ReceiptFacts }
  | { readonly state: 'failed'; readonly code: string; readonly message: string }

/** What a verified receipt says, as far as a page shows it. Times are ms epoch. */
export interface ReceiptFacts {
  readonly decision: 'given' | 'refused' | 'withdrawn'
  readonly cause: string
  /** Signed by the person's own key, or on the server's word alone. */
  readonly bySelf: boolean
  /** The thumbprint of that key. */
  readonly jkt: string | null
  readonly requestId: string
  /** The exact text that was shown; null where it was erased. */
  readonly notice: string | null
  readonly time: number
  readonly index: number
  readonly size: number
  readonly origin: string
  readonly witnesses: number
}

/** Checks a receipt here and now. Never rejects: what is wrong with it is the verdict. */
export async function checkReceipt(
  texts: ReceiptTexts,
  log: LogKeys,
  expected: { readonly session: string; readonly person: string },
): Promise<HeldReceipt> {
  const held = { id: receiptName(sha256, texts), texts, log, session: expected.session }
  try {
    const proven = await verifyReceipt(sha256, texts, await policyOf(log))
    return { ...held, time: proven.core.event.time, verdict: verdictOf(proven, expected) }
  } catch (cause) {
    return { ...held, time: Date.now(), verdict: failedBy(cause) }
  }
}

/** The log that this browser pinned, and nobody else. */
async function policyOf({ vkey }: LogKeys): Promise<TrustPolicy> {
  const key = await parseVerifierKey(sha256, vkey)
  return { logs: [{ key, url: undefined }], witnesses: [], groups: [], quorum: undefined }
}

function verdictOf(
  { core, signed, notice, log, witnesses }: ProvenReceipt,
  { session, person }: { readonly session: string; readonly person: string },
): Verdict {
  if (core.type !== 'decision' || core.session.id !== session || core.subject.ref !== person)
    throw new Flaw('receipt-other', 'this is somebody else’s receipt, or of another call')
  return {
    state: 'verified',
    what: {
      decision: core.event.state,
      cause: core.event.cause,
      bySelf: signed !== undefined,
      jkt: signed?.request.jkt ?? null,
      requestId: core.requestId,
      notice: notice ?? null,
      time: core.event.time,
      index: log.index,
      size: log.size,
      origin: log.origin,
      witnesses: witnesses.length,
    },
  }
}

export const failedBy = (cause: unknown): Extract<Verdict, { state: 'failed' }> => ({
  state: 'failed',
  code: cause instanceof Flaw ? cause.code : 'unknown',
  message: cause instanceof Error ? cause.message : 'it cannot be read',
})
