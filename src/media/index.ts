export type {
  Direction,
  LiveProducer,
  Media,
  MediaMeasures,
  MediaOptions,
  NewProducer,
  Paused,
  RoomMedia,
  RoomMediaEvent,
  SenderReport,
  Tap,
  TapTarget,
} from './contract.ts'
export { startMedia } from './start.ts'
