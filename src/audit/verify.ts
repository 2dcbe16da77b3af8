/**
 * All that a verifier needs, in a browser as on a server: pure, without a clock, a file or a network. Hand it `sha256`,
 * or a faster one of your platform.
 */
export {
  equal,
  fromBase64,
  fromBase64Url,
  fromUtf8,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
  type Sha256,
} from './bytes.ts'
export {
  checkOpenings,
  type OpeningFinding,
  type OpeningsReport,
  type StoredOpening,
  type StoredOpenings,
} from './check-openings.ts'
export { formatCheckpoint, openCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.ts'
export { checkTree, type StoredTree, type TreeFinding, type TreeReport } from './check-tree.ts'
export {
  commitment,
  commitmentOf,
  groupDigest,
  type Group,
  type Opening,
} from './commitment.ts'
export { collectCosignatures, type Cosignature } from './cosignature.ts'
export { decodeCore } from './entry.ts'
export type { Finding, GrammarFinding } from './findings.ts'
export { Flaw, type FlawCode } from './flaw.ts'
export { forkedAmong } from './forks.ts'
export { checkGrammar, GrammarReader } from './grammar.ts'
export type { Opened } from './interrupted.ts'
export { verifyGrowth } from './growth.ts'
export { algOf, parseJwk, thumbprint, type Alg, type PublicJwk } from './jwk.ts'
export { unsignedJws, verifyJws, withSignature } from './jws.ts'
export { judgeCheckpoint, type JudgedCheckpoint } from './judge-checkpoint.ts'
export { stopGraceMs } from './media-rule.ts'
export { parseLeaf, recordLeaf, type ErasureReason, type Leaf } from './leaf.ts'
export {
  emptyRoot,
  isConsistentStart,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'
export { openNote, parseNote, type Note } from './note.ts'
export { readNotice, saysTheSame, type NoticeText } from './notice-text.ts'
export { formatOpening, parseOpening, type OpeningFile } from './opening.ts'
export { hashOf, type Proof, type ReadProof } from './proof.ts'
export type { ReceiptClaim, ReceiptLimit, ReceiptSaid } from './receipt-claims.ts'
export {
  receiptFacts,
  type AskedTerms,
  type ReceiptFacts,
  type ReceiptSigner,
} from './receipt-facts.ts'
export { formatReceipt, parseReceipt, type ReceiptTexts } from './receipt-file.ts'
export { stepOf, type ReceiptStep } from './receipt-step.ts'
export type { CoreRecord, RecordOf, RecordType, SubjectRecord } from './records.ts'
export { sha256 } from './sha256.ts'
export {
  decisionClaims,
  joinClaims,
  readRequest,
  statementType,
  type DecisionClaims,
  type RequestClaims,
} from './statements.ts'
export {
  hasTile,
  parseEntryBundle,
  parseHashTile,
  parseTilePath,
  tilePath,
  tilesOf,
  type EntryBundle,
  type HashTile,
  type Tile,
} from './tiles.ts'
export { checkProof, formatProof, parseProof, type TlogProof } from './tlog-proof.ts'
export {
  parsePolicy,
  trustInLog,
  type PolicyGroup,
  type PolicyWitness,
  type TrustPolicy,
} from './trust-policy.ts'
export {
  receiptName,
  verifyReceipt,
  type ProvenReceipt,
  type TimeBounds,
} from './verify-receipt.ts'
export { parseVerifierKey, parseWitnessKey, type Verifier } from './verifier-key.ts'
