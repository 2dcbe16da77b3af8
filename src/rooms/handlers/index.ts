import type { Method, Params, Result } from '#protocol'
import type { Peer } from '../peer.ts'
import type { Room } from '../room.ts'
import { consent } from './consent.ts'
import { media } from './media.ts'
import { recording } from './recording.ts'
import { session } from './session.ts'

/** Someone in a room asks something. */
export type Caller = { readonly room: Room; readonly peer: Peer; readonly now: number }
export type Handler<M extends Method> = (caller: Caller, params: Params<M>) => Promise<Result<M>>
/** Joining and renewing come before there is a caller; the seat sees to them. */
export type Handled = Exclude<Method, 'session.join' | 'session.renew'>

/** One handler for each row of the protocol's table: a missing one does not compile. */
export const handlers: { readonly [M in Handled]: Handler<M> } = {
  ...session,
  ...media,
  ...consent,
  ...recording,
}
