import {
  Flaw,
  formatReceipt,
  receiptFacts,
  receiptName,
  sha256,
  stepOf,
  trustInLog,
  verifyReceipt,
  type FlawCode,
  type ReceiptFacts,
  type ReceiptStep,
  type ReceiptTexts,
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
  readonly person: string
  /** When the decision was written, ms epoch. */
  readonly time: number
  readonly verdict: Verdict
}

/** `code`: why it could not be verified; stable. `step`: what part of the check that is, for the page to put into words. */
export type Verdict =
  | { readonly state: 'verified'; readonly what: ReceiptFacts }
  | {
      readonly state: 'failed'
      readonly code: FlawCode | 'unknown'
      readonly step: ReceiptStep
      readonly message: string
    }

type Expected = { readonly session: string; readonly person: string }

/** Checks a receipt here and now. Never rejects: what is wrong with it is the verdict. */
export async function checkReceipt(
  texts: ReceiptTexts,
  log: LogKeys,
  expected: Expected,
): Promise<HeldReceipt> {
  const { session, person } = expected
  const held = { id: receiptName(sha256, texts), texts, log, session, person }
  try {
    // The log that this browser pinned, and nobody else.
    const trust = await trustInLog(sha256, log.vkey)
    const what = receiptFacts(await verifyReceipt(sha256, texts, trust))
    refuseOthers(what, expected)
    return { ...held, time: what.time, verdict: { state: 'verified', what } }
  } catch (cause) {
    return { ...held, time: Date.now(), verdict: failedBy(cause) }
  }
}

/**
 * Checks a kept receipt anew, by what stands in it. That its log was rewritten is not to be seen there: what was found when
 * it came stays.
 */
export const checkAgain = async (held: HeldReceipt): Promise<HeldReceipt> =>
  held.verdict.state === 'failed' && held.verdict.step === 'history'
    ? held
    : checkReceipt(held.texts, held.log, held)

/** Sound, and no answer to what this page said. */
function refuseOthers({ session, person }: ReceiptFacts, expected: Expected): void {
  if (session !== expected.session)
    throw new Flaw('receipt-session', 'this is a receipt of another call')
  if (person !== expected.person)
    throw new Flaw('receipt-person', 'this is somebody else’s receipt')
}

export const failedBy = (cause: unknown): Extract<Verdict, { state: 'failed' }> => ({
  state: 'failed',
  code: cause instanceof Flaw ? cause.code : 'unknown',
  step: cause instanceof Flaw ? stepOf(cause.code) : 'file',
  message: cause instanceof Error ? cause.message : 'it cannot be read',
})

/** The receipt as one file that a person keeps: what it is called, and what stands in it. */
export const receiptFile = ({ id, time, texts }: HeldReceipt): { name: string; text: string } => ({
  name: `assent-receipt-${new Date(time).toISOString().slice(0, 10)}-${id}.json`,
  text: formatReceipt(texts),
})
