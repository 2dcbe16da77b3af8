import type { Principal } from '#auth'
import type { RoomMedia } from '#media'
import type { IceServer } from '#protocol'
import type { DeskWorld } from './desk-world.ts'
import type { Wishes } from './wishes.ts'

type Shared = 'tenant' | 'log' | 'statements' | 'uiSha256' | 'vault' | 'metrics' | 'tally'
/** What a room needs of the server. */
export type RoomWorld = Pick<DeskWorld, Shared | 'now' | 'failed'> & {
  readonly openMedia: (onLost: () => void) => Promise<RoomMedia>
  readonly iceServers: () => IceServer[]
  /** What this person has settled for all their calls. */
  readonly wishesOf: (principal: Principal) => Wishes
  readonly onEmpty: () => void
}
