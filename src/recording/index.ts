export type {
  Destroyed,
  IntervalSummary,
  NewRecording,
  RecordedTrack,
  Recording,
  RecordingFailure,
  Recovered,
  Vault,
} from './contract.ts'
export { openVault, type VaultOptions } from './vault.ts'
export { excerptOf, type RecordingFile } from './excerpt.ts'
export type { Manifest, ManifestTrack } from './manifest.ts'
export {
  checkRecording,
  openName,
  openNotices,
  openTrack,
  readRecording,
  type RecordingFinding,
  type StoredRecording,
} from './opening.ts'
export { readRemoved, removeAgain, removedFile, type Removed } from './removed.ts'
export { sealStream, unsealStream } from './seal-stream.ts'
export { readTerm, type Term } from './term.ts'
export { Turns } from './turns.ts'
export { unsealWith, type Unsealer } from './unseal.ts'
