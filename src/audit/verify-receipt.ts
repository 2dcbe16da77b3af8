import { equal, fromUtf8, toBase64, toHex, type Sha256 } from './bytes.ts'
import { commitmentOf } from './commitment.ts'
import { decodeCore } from './entry.ts'
import { Flaw } from './flaw.ts'
import { judgeCheckpoint } from './judge-checkpoint.ts'
import { recordLeaf } from './leaf.ts'
import { leafHash } from './merkle.ts'
import { readNotice, saysTheSame, type NoticeText } from './notice-text.ts'
import { parseOpening, type OpeningFile } from './opening.ts'
import { checkRecord, decodeProof, readProof, verifySignatures, type ReadProof } from './proof.ts'
import type { ReceiptTexts } from './receipt-file.ts'
import { subjectRecord, type CoreRecord, type SubjectRecord } from './records.ts'
import { checkProof, parseProof } from './tlog-proof.ts'
import type { TrustPolicy } from './trust-policy.ts'

/** What a receipt proves, to whoever trusts the logs and witnesses of a policy. Times are ms epoch. */
export type ProvenReceipt = {
  /** The record in the log, as it was written. */
  readonly core: CoreRecord
  /** Who it was, by the server's word; undefined once erased, or where the record is about nobody. */
  readonly subject: SubjectRecord | undefined
  /** The exact text that was shown, and what it says; undefined where the receipt holds none. */
  readonly notice: { readonly text: string; readonly says: NoticeText } | undefined
  /** The person's own signature under it; undefined where the file holds none. */
  readonly signed: ReadProof | undefined
  /** Nobody can tell whether it was signed: of that part the file holds the digest alone. False where the leaf itself says. */
  readonly mayBeSigned: boolean
  readonly log: {
    readonly origin: string
    readonly index: number
    /** How many entries the proven tree has. */
    readonly size: number
    /** Over all of them, in base64: two roots of one size are two logs. */
    readonly root: string
  }
  /** Who else has seen this tree, and when. */
  readonly witnesses: readonly { readonly name: string; readonly seenMs: number }[]
  /** `pending`: the policy asks for more witnesses than have answered. */
  readonly quorum: 'none' | 'reached' | 'pending'
  readonly bounds: TimeBounds
}

/** Between what an entry stands in time, and on whose word. */
export type TimeBounds = {
  /** The server's clock when it wrote it. */
  readonly writtenMs: number
  /** The person's own clock when they signed. */
  readonly signedMs: number | undefined
  /** The tree it followed already had this many entries. */
  readonly afterSize: number | undefined
  /** The first witness had seen it by then. */
  readonly beforeMs: number | undefined
}

/**
 * Checks a receipt offline, in the order of its parts: the notice, the signatures, the commitment, the place in the
 * tree, the log's signature, the witnesses. Throws a Flaw for the first that does not hold.
 */
export async function verifyReceipt(
  sha256: Sha256,
  { tlogProof, opening: openingText }: ReceiptTexts,
  policy: TrustPolicy,
): Promise<ProvenReceipt> {
  const file = parseOpening(openingText)
  const proof = parseProof(tlogProof)
  const core = coreOf(file)
  const notice = noticeOf(sha256, core, file)
  const signed = await signedOf(sha256, core, file)
  refuseOtherTerms(core, notice?.says, signed)
  if (signed !== undefined && signed.decision.seen.size > proof.index)
    throw new Flaw('receipt-seen', 'the person had seen a tree that is younger than this entry')

  const { checkpoint, log, cosignatures, hasQuorum } = await judgeCheckpoint(policy, proof.checkpoint)
  const leaf = recordLeaf(commitmentOf(sha256, file.opening))
  await checkProof(sha256, proof, leafHash(sha256, leaf), log)
  if (signed !== undefined && signed.request.origin !== checkpoint.origin)
    throw new Flaw('receipt-origin', 'it was decided for another log')
  const seen = cosignatures.map(({ timeS }) => timeS * 1000)
  return {
    core,
    subject: subjectOf(file),
    notice,
    signed,
    mayBeSigned: 'digest' in file.opening.proof,
    log: {
      origin: checkpoint.origin,
      index: proof.index,
      size: checkpoint.size,
      root: toBase64(checkpoint.root),
    },
    witnesses: cosignatures.map(({ witness, timeS }) => ({ name: witness, seenMs: timeS * 1000 })),
    quorum: policy.quorum === undefined ? 'none' : hasQuorum ? 'reached' : 'pending',
    bounds: {
      writtenMs: core.event.time,
      signedMs: signed && signed.decision.iat * 1000,
      afterSize: signed?.request.checkpoint.size,
      beforeMs: seen.length === 0 ? undefined : Math.min(...seen),
    },
  }
}

function coreOf({ opening: { core } }: OpeningFile): CoreRecord {
  if ('digest' in core)
    throw new Flaw('receipt-erased', 'what happened was erased: nothing is left to prove')
  return decodeCore(core.bytes)
}

function subjectOf({ opening: { subject } }: OpeningFile): SubjectRecord | undefined {
  if ('digest' in subject || subject.bytes.length === 0) return undefined
  const value: unknown = JSON.parse(fromUtf8(subject.bytes))
  return subjectRecord(value, 'subject')
}

function noticeOf(
  sha256: Sha256,
  core: CoreRecord,
  { notice }: OpeningFile,
): ProvenReceipt['notice'] {
  if (notice === undefined) return undefined
  const named =
    core.type === 'decision'
      ? core.noticeSha256
      : core.type === 'request'
        ? core.notice.sha256
        : undefined
  if (named === undefined || !equal(sha256(notice), Uint8Array.fromHex(named)))
    throw new Flaw('receipt-notice', 'the notice is not the one that was decided upon')
  return { text: fromUtf8(notice), says: readNotice(notice) }
}

/** What a page showed, and what it signed: a person reads the one and a program the other. */
function refuseOtherTerms(
  core: CoreRecord,
  shown: NoticeText | undefined,
  signed: ReadProof | undefined,
): void {
  if (shown === undefined || core.type !== 'decision') return
  const isTheirs = shown.requestId === core.requestId && shown.session.id === core.session.id
  if (!isTheirs || (signed !== undefined && !saysTheSame(signed.request, shown)))
    throw new Flaw('receipt-terms', 'the notice says another thing than what was decided upon')
}

/** Throws as well for a yes without a signature to read: it could have been invented. */
async function signedOf(
  sha256: Sha256,
  core: CoreRecord,
  { opening: { proof }, statementJwk }: OpeningFile,
): Promise<ReadProof | undefined> {
  const isYes = core.type === 'decision' && core.event.state === 'given'
  if ('digest' in proof || proof.bytes.length === 0) {
    if (isYes && 'digest' in proof)
      throw new Flaw('receipt-unseen-yes', 'of what would prove this yes only a digest is left')
    if (isYes) throw new Flaw('receipt-unsigned-yes', 'a yes that nobody signed')
    if (statementJwk !== undefined) throw new Flaw('receipt-statement-key', 'a key that nothing names')
    return undefined
  }
  if (core.type !== 'decision')
    throw new Flaw('receipt-statement-key', 'a signature under something that nobody decides')
  if (statementJwk === undefined)
    throw new Flaw('receipt-statement-key', 'the key that asked is missing')
  const read = readProof(sha256, decodeProof(proof.bytes), statementJwk)
  checkRecord(read, core)
  await verifySignatures(read)
  return read
}

/** Names a receipt by what it holds, for file names and lists. */
export const receiptName = (sha256: Sha256, { opening }: ReceiptTexts): string =>
  toHex(sha256(new TextEncoder().encode(opening))).slice(0, 12)
