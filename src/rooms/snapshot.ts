import type {
  Barred,
  ConsentView,
  ConsumerOffer,
  IceServer,
  LogKeys,
  Peer as PeerView,
  Snapshot,
  TransportOffers,
} from '#protocol'
import type { Peer } from './peer.ts'
import type { Room } from './room.ts'
import type { Tenant } from './tenant.ts'

/** Everything that one page needs to be in the call, as it is at this moment. */
export function snapshotOf(
  { peerId, person, resume, bindingNonce, principal }: Peer,
  now: {
    readonly room: Room
    readonly tenant: Tenant
    readonly barred: Barred | null
    readonly resumed: boolean
    readonly expiresInMs: number
    readonly iceServers: IceServer[]
    readonly transports: TransportOffers
    /** Some may have been offered twice while the snapshot was being made. */
    readonly consumers: readonly ConsumerOffer[]
    readonly peers: PeerView[]
    readonly consent: ConsentView
    readonly log: LogKeys
  },
): Snapshot {
  const { room, tenant, barred, resumed, expiresInMs, iceServers, transports, consumers, peers } = now
  const { consent, log } = now
  return {
    you: peerId,
    person,
    resume,
    resumed,
    session: room.session,
    bindingNonce,
    log,
    controllers: [...tenant.controllers],
    demo: tenant.demo,
    barred,
    grants: principal.grants,
    tokenExpiresInMs: Math.max(0, Math.round(expiresInMs)),
    iceServers,
    transports,
    peers,
    consumers: [...new Map(consumers.map((offer) => [offer.consumerId, offer])).values()],
    consent,
    recordingOptions: tenant.options,
  }
}
