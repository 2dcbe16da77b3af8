import { requestTerms } from '../entry.ts'
import { Flaw } from '../flaw.ts'
import type { RecordOf } from '../records.ts'
import { parseProof } from '../tlog-proof.ts'
import type { ProvenReceipt } from '../verify-receipt.ts'
import type { Asked, DecisionEvidence } from './evidence.ts'

/**
 * The evidence in a receipt that was verified; `tlogProof` is the one it came with. Throws Flaw `receipt-no-decision` for
 * a record that is nobody's decision, `export-no-terms` where the receipt does not say what was asked.
 */
export function evidenceOf(proven: ProvenReceipt, tlogProof: string): DecisionEvidence {
  const { core, subject, signed, mayBeSigned, log } = proven
  if (core.type !== 'decision')
    throw new Flaw('receipt-no-decision', `a record of the type ${core.type}: nobody decides it`)
  return {
    core,
    asked: askedOf(proven, core),
    subject,
    proof: signed?.proof,
    mayBeSigned,
    log: { origin: log.origin, index: log.index, checkpoint: parseProof(tlogProof).checkpoint },
  }
}

/** As the person signed it; where the receipt holds no signature, as the notice in it says. */
function askedOf({ signed, notice }: ProvenReceipt, core: RecordOf<'decision'>): Asked {
  if (signed !== undefined) {
    const { requestId, session, notice: shown } = signed.request
    return { ...requestTerms(signed.request), requestId, session, notice: shown }
  }
  if (notice === undefined)
    throw new Flaw(
      'export-no-terms',
      'neither a signature nor the notice is in the receipt: what was asked is not known',
    )
  const { requestId, session, policyText } = notice.says
  const { url, lang, version, date } = policyText
  return {
    ...requestTerms(notice.says),
    requestId,
    session,
    notice: { sha256: core.noticeSha256, url, lang, version, date },
  }
}
