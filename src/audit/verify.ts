/**
 * All that a verifier needs, in a browser as on a server: pure, without a clock, a file or a network. Hand it `sha256`,
 * or a faster one of your platform.
 */
export { equal, fromBase64, toBase64, toHex, utf8, type Sha256 } from './bytes.ts'
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
  parseRecordLeaf,
  recordLeaf,
  type Group,
  type Opening,
} from './commitment.ts'
export { collectCosignatures, type Cosignature } from './cosignature.ts'
export { decodeCore } from './entry.ts'
export type { Finding, GrammarFinding } from './findings.ts'
export { Flaw, type FlawCode } from './flaw.ts'
export { checkGrammar, GrammarReader } from './grammar.ts'
export type { Opened } from './interrupted.ts'
export { judgeCheckpoint, type JudgedCheckpoint } from './judge-checkpoint.ts'
export { stopGraceMs } from './media-rule.ts'
export {
  emptyRoot,
  isConsistentStart,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'
export { openNote, parseNote, type Note } from './note.ts'
export { formatOpening, parseOpening } from './opening.ts'
export type { CoreRecord, RecordOf, RecordType, SubjectRecord } from './records.ts'
export { sha256 } from './sha256.ts'
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
  type PolicyGroup,
  type PolicyWitness,
  type TrustPolicy,
} from './trust-policy.ts'
export { parseVerifierKey, parseWitnessKey, type Verifier } from './verifier-key.ts'
