export { formatPolicy } from './format-policy.ts'
export { recordHeader, requestTerms, serverHeader, shownNotice, type Entry } from './entry.ts'
export {
  asked,
  evidenceOf,
  to27560JsonLd,
  toKantara11,
  toVcon,
  type DecisionEvidence,
} from './exports/index.ts'
export { openConsentLog, type ConsentLog, type Logged, type LogOptions } from './log.ts'
export {
  causes,
  dataKinds,
  type CoreRecord,
  type DataKind,
  type RecordOf,
  type RecordType,
  type SubjectRecord,
} from './records.ts'
export { formatReceipt } from './receipt-file.ts'
export { SignedDecision, thumbprintOf, verifyDecision, verifyJoin } from './signed-decision.ts'
export { openStatementKey, type StatementKey } from './statement-key.ts'
export { openSealed, sealBytes } from './cipher.ts'
export { blob, integer, openDurable, rows, text, transaction, truncateWal } from './database.ts'
export { Keyring, openMasterKey, pseudonymOf, type KeyId, type Pseudonym } from './keyring.ts'
export { emptyTree, treeOf, type TreeName } from './tree.ts'
export type { Consistency, OpenedEntry, Receipt, SessionEvidence } from './questions.ts'
export { erasuresFile, readErasures } from './erasure-journal.ts'
export { lastOf, nameOfLog, nextName, writeSuccession } from './succession.ts'
export { replayErasuresIn } from './replay-erasures.ts'
export type { Kept } from './check-kept.ts'
export { checkLog, type LogFiles, type LogFinding, type LogReport } from './check-log.ts'
export type { FoundRecording } from './check-recordings.ts'
export {
  consistencyFromNodes,
  inclusionFromNodes,
  rootFromNodes,
  type NodeHash,
} from './node-proofs.ts'
export { encodeEntryBundle, encodeHashTile, hasTile, parseTilePath, type Tile } from './tiles.ts'
export { formatProof, type TlogProof } from './tlog-proof.ts'
export {
  startCollector,
  type CollectorOptions,
  type CosignatureCollector,
  type WitnessAddress,
} from './witness/collector.ts'
export { startCosigning, type CosigningOptions } from './witness/cosigning.ts'
export { createWitnessKey, loadWitnessKey, type WitnessKey } from './witness/key.ts'
export type { WitnessProblem } from './witness/submitter.ts'
export { startWitness, type WitnessOptions, type WitnessServer } from './witness/server.ts'
