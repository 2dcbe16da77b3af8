export { AboutMe, aboutMeSchema, OwnAsked, OwnCall, OwnEntry, OwnKept, OwnRecording, OwnTrack } from './about-me.ts'
export { Barred, DisplayName, Grants, Peer, RecordingOptions, Snapshot } from './call.ts'
export {
  decodeFromClient,
  decodeFromServer,
  decodeResult,
  decodeServerResult,
  encodeError,
  encodeEvent,
  encodeRequest,
  encodeResult,
  maxFrameBytes,
  toCallError,
  Unreadable,
  WireError,
  type Answer,
  type ClientMessage,
  type ServerMessage,
} from './codec.ts'
export { ConsentView, Outcome, PauseCause, Standing } from './consent-view.ts'
export { CallError, closeCodeOf, errorOfCloseCode, errors, type ErrorCode } from './errors.ts'
export {
  CompactJws,
  Consistency,
  LogKeys,
  PublicJwk,
  Receipt,
  Tree,
} from './evidence.ts'
export { events, type Event, type EventName, type EventParams } from './events.ts'
export {
  ConsumerId,
  newId,
  PeerId,
  PersonId,
  ProducerId,
  randomText,
  ReaderId,
  RequestId,
  RightsId,
  RoomId,
  SessionId,
  Sha256,
} from './ids.ts'
export {
  ConsumerOffer,
  DtlsParameters,
  IceParameters,
  IceServer,
  kindOf,
  RtpCapabilities,
  RtpParameters,
  Source,
  TransportOffer,
  TransportOffers,
} from './media.ts'
export { ArchiveLanguage, meActs, type MeAct, type MeParams, type MeResult } from './me.ts'
export {
  Asking,
  Joining,
  methods,
  serverMethods,
  type Method,
  type Params,
  type Result,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
} from './methods.ts'
export { Media, Notice, Party, Policy } from './notice.ts'
export {
  OperatorCall,
  operatorMethods,
  OperatorName,
  type OperatorMethod,
  type OperatorParams,
  type OperatorResult,
} from './operator.ts'
export { Channel, Erased, Right, RightsRequest, RightsState } from './rights.ts'
export { Private } from './private.ts'
