export type { EntryPass, Line, Rooms, Seat } from './door.ts'
export { RecorderTally } from './tally.ts'
export { AllRooms, type RoomsWorld } from './rooms.ts'
export type { Reader, Tenant } from './tenant.ts'
