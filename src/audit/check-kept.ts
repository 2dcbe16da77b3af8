import { equal, fromBase64, type Sha256 } from './bytes.ts'
import type { OpeningsReport } from './check-openings.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Finding } from './findings.ts'
import { Flaw, type FlawCode } from './flaw.ts'
import type { ReceiptTexts } from './receipt-file.ts'
import type { CoreRecord } from './records.ts'
import type { Verifier } from './verifier-key.ts'
import { verifyReceipt } from './verify-receipt.ts'

/** What someone kept of this log: a receipt, or a checkpoint as the log or a witness handed it out. */
export type Kept = { readonly name: string } & (
  | { readonly kind: 'receipt'; readonly texts: ReceiptTexts }
  | { readonly kind: 'checkpoint'; readonly note: string }
)

export type KeptCode = FlawCode | 'kept-ahead' | 'kept-forked' | 'kept-erased'

/** The log as it lies here; `rootAt`: undefined where its tree cannot tell; `opened`: where its entries could be read. */
export type LogHere = {
  readonly log: Verifier
  readonly size: number
  readonly rootAt: (size: number) => Uint8Array | undefined
  readonly opened: OpeningsReport | undefined
}

/**
 * Whether this log still begins with every tree that it signed for someone. Whoever has its key can write a history that
 * is sound in itself; what was said to others before, they cannot take back. A kept file that proves nothing is found, too.
 */
export async function checkKept(
  sha256: Sha256,
  kept: readonly Kept[],
  here: LogHere,
): Promise<Finding<KeptCode>[]> {
  const findings: Finding<KeptCode>[] = []
  for (const one of kept) {
    try {
      findings.push(...judge(one.name, await treeIn(sha256, one, here.log), here))
    } catch (error) {
      if (!(error instanceof Flaw)) throw error
      findings.push({ code: error.code, index: null, message: `${one.name}: ${error.message}` })
    }
  }
  return findings
}

/** `entry`: what it proves; null for a checkpoint, which proves none. */
type Tree = {
  readonly size: number
  readonly root: Uint8Array
  readonly entry: { readonly index: number; readonly core: CoreRecord } | null
}

async function treeIn(sha256: Sha256, kept: Kept, log: Verifier): Promise<Tree> {
  if (kept.kind === 'checkpoint') return { ...(await openCheckpoint(kept.note, log)), entry: null }
  const logs = [{ key: log, url: undefined }]
  const trust = { logs, witnesses: [], groups: [], quorum: undefined }
  const { core, log: proven } = await verifyReceipt(sha256, kept.texts, trust)
  const { size, root, index } = proven
  return { size, root: fromBase64(root), entry: { index, core } }
}

function judge(name: string, { size, root, entry }: Tree, here: LogHere): Finding<KeptCode>[] {
  if (size > here.size) {
    const message = `${name} is of ${size} entries, ${here.size} are here: the end of the log was cut off, or an older one put in place`
    return [{ code: 'kept-ahead', index: here.size, message }]
  }
  const now = here.rootAt(size)
  if (now !== undefined && !equal(now, root)) {
    const what = entry === null ? '' : 'is proven otherwise: '
    const message = `${what}${name} is of another tree of ${size} entries that this log signed: it was rewritten`
    return [{ code: 'kept-forked', index: entry?.index ?? null, message }]
  }
  if (entry === null || !isErasedAlone(entry, here.opened)) return []
  const message = `was erased, and not what the same person had done before: ${name} proves what it was`
  return [{ code: 'kept-erased', index: entry.index, message }]
}

/** A person is forgotten as a whole: whoever erases one act of theirs hides it. */
function isErasedAlone(
  { index, core }: NonNullable<Tree['entry']>,
  opened: OpeningsReport | undefined,
): boolean {
  if (!('subject' in core) || !opened?.erased.has(index)) return false
  const { ref } = core.subject
  return opened.entries.some(
    (one) => one.index < index && 'subject' in one.core && one.core.subject.ref === ref,
  )
}
