import type { RoomMediaEvent } from '#media'
import type { Room } from './room.ts'
import type { Roster } from './roster.ts'

/** What happens to the streams of a room, told to those whom it concerns. */
export function passOn(event: RoomMediaEvent, roster: Roster, room: Room): void {
  switch (event.type) {
    case 'consumersClosed': {
      const consumerIds = [...event.consumerIds]
      const closed = { event: 'media.consumersClosed', params: { consumerIds } } as const
      return roster.get(event.peer)?.send(closed)
    }
    case 'producerClosed': {
      const peer = roster.get(event.peer)
      return peer === undefined ? room.desk.recapture() : room.streamsChanged(peer)
    }
    case 'speaking':
      return roster.tell({ event: 'peer.speaking', params: { peerIds: [...event.peers] } })
    case 'transportState':
      return
  }
}
