import type { RoomMedia } from '#media'
import type { PersonId, ProducerId, Source } from '#protocol'
import type { Peer } from './peer.ts'
import type { Roster } from './roster.ts'

/**
 * What pages send that are in the call. While a line is lost, or just taken up again, nothing of its page is recorded.
 */
export function recordable(
  media: RoomMedia,
  roster: Roster,
): { producerId: ProducerId; person: PersonId; source: Source }[] {
  return media.producers().flatMap(({ producerId, peer: peerId, source }) => {
    const peer = roster.get(peerId)
    const isIn = peer?.connected === true && !peer.entering
    return isIn ? [{ producerId, person: peer.person, source }] : []
  })
}

/** Ends what a page sends and its token no longer grants. */
export function closeRefused(peer: Peer, media: RoomMedia): void {
  const { publish } = peer.principal.grants
  for (const { producerId, source, peer: owner } of media.producers()) {
    if (owner !== peer.peerId || publish.includes(source)) continue
    media.closeProducer(producerId)
    peer.send({ event: 'media.producerRefused', params: { producerId, code: 'NOT_AUTHORIZED' } })
  }
}
