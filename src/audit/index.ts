export { recordHeader, requestTerms, shownNotice, type Entry } from './entry.ts'
export {
  asked,
  to27560JsonLd,
  toKantara11,
  toVcon,
  type DecisionEvidence,
} from './exports/index.ts'
export { openConsentLog, type ConsentLog, type Logged, type LogOptions } from './log.ts'
export {
  causes,
  type CoreRecord,
  type RecordOf,
  type RecordType,
  type SubjectRecord,
} from './records.ts'
export { checkLog, type LogFiles, type LogFinding, type LogReport } from './check-log.ts'
