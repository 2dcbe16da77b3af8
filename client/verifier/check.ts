import {
  Flaw,
  forkedAmong,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseProof,
  receiptFacts,
  sha256,
  verifyReceipt,
  type FlawCode,
  type ReceiptFacts,
  type TrustPolicy,
} from '#audit/verify'
import type { DroppedPolicy, DroppedReceipt } from './dropped.ts'

/** What became of one receipt. `claims`: of which log it says it is, where that is to be read; nobody has proven it. */
export type Result = { readonly name: string; readonly claims: string | null } & (
  | { readonly state: 'verified'; readonly facts: ReceiptFacts }
  | { readonly state: 'refused'; readonly code: FlawCode }
  | { readonly state: 'untried'; readonly why: Untried }
)
type Untried = Extract<DroppedReceipt, { state: 'untried' }>['why'] | 'trust' | 'browser'

/**
 * Checks each by itself, and whether together they convict their log. Null for `trust`: nobody was named yet. Never
 * rejects, and keeps the order.
 */
export async function checkAll(
  receipts: readonly DroppedReceipt[],
  trust: TrustPolicy | null,
): Promise<readonly Result[]> {
  const results = await Promise.all(receipts.map((receipt) => checkOne(receipt, trust)))
  const forked = new Set(
    forkedAmong(results.flatMap((one) => (one.state === 'verified' ? [one.facts] : []))),
  )
  return results.map((one) =>
    one.state === 'verified' && forked.has(one.facts)
      ? { name: one.name, claims: one.claims, state: 'refused', code: 'log-forked' }
      : one,
  )
}

async function checkOne(receipt: DroppedReceipt, trust: TrustPolicy | null): Promise<Result> {
  const { name } = receipt
  if (receipt.state === 'untried') return { name, claims: null, state: 'untried', why: receipt.why }
  if (receipt.state === 'malformed')
    return { name, claims: null, state: 'refused', code: receipt.flaw.code }
  const claims = originIn(receipt.texts.tlogProof)
  if (trust === null) return { name, claims, state: 'untried', why: 'trust' }
  try {
    const facts = receiptFacts(await verifyReceipt(sha256, receipt.texts, trust))
    return { name, claims, state: 'verified', facts }
  } catch (cause) {
    // What is no flaw of the receipt is one of the browser: a kind of key that it does not know.
    return cause instanceof Flaw
      ? { name, claims, state: 'refused', code: cause.code }
      : { name, claims, state: 'untried', why: 'browser' }
  }
}

/** Whom to trust, or why that cannot be read. */
export type Trust =
  | { readonly state: 'read'; readonly policy: TrustPolicy }
  | { readonly state: 'bad'; readonly code: FlawCode | 'browser'; readonly message: string }

export async function readTrust({ text }: Pick<DroppedPolicy, 'text'>): Promise<Trust> {
  try {
    return { state: 'read', policy: await parsePolicy(sha256, text) }
  } catch (cause) {
    return cause instanceof Flaw
      ? { state: 'bad', code: cause.code, message: cause.message }
      : { state: 'bad', code: 'browser', message: '' }
  }
}

function originIn(tlogProof: string): string | null {
  try {
    return parseCheckpoint(parseNote(parseProof(tlogProof).checkpoint).text).origin
  } catch {
    return null
  }
}
