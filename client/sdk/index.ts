export { CallError, errors } from '#protocol'
export type {
  AboutMe,
  ConsentView,
  Erased,
  ErrorCode,
  Grants,
  Media,
  Notice,
  Outcome,
  OwnCall,
  OwnEntry,
  OwnKept,
  OwnRecording,
  Party,
  PauseCause,
  Peer,
  PeerId,
  Policy,
  ReaderId,
  RecordingOptions,
  RequestId,
  Right,
  RightsRequest,
  Sha256,
  Source,
  Standing,
} from '#protocol'
export type { Asking, Call, Decision, JoinOptions, ResumeStore } from './call-types.ts'
export { aboutMe, type AboutMePort } from './about-me.ts'
export { join } from './call.ts'
export { systemClock, type Clock } from './clock.ts'
export { browserKeeper, memoryKeeper, type Keeper, type KnownLog } from './keeper.ts'
export { readNotice } from './notice.ts'
export { isDemo, prepare, type Prepared } from './prepare.ts'
export { checkAgain, checkReceipt, receiptFile, type HeldReceipt, type Verdict } from './receipt.ts'
export type {
  CallState,
  CallView,
  Ended,
  EndedCode,
  KeyState,
  NoticeCheck,
  Own,
  OwnStream,
  Streams,
} from './state.ts'
export type { ReceiptFacts, ReceiptStep } from '#audit/verify'
export type { Quality, ReceivedStream, SentStream } from './stats.ts'
