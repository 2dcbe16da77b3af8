export type {
  Destroyed, IntervalSummary, NewRecording, RecordedTrack, Recording, RecordingFailure, Recovered, Vault,
} from './contract.ts'
export { openVault, type VaultOptions } from './vault.ts'
