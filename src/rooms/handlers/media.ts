import { CallError, type ProducerId } from '#protocol'
import type { Caller, Handled, Handler } from './index.ts'

type Media = Extract<Handled, `media.${string}`>

export const media: { readonly [M in Media]: Handler<M> } = {
  'media.connect': async ({ room, peer }, { direction, dtlsParameters }) => {
    await room.media.connect(peer.peerId, direction, dtlsParameters)
    return {}
  },
  'media.restartIce': async ({ room, peer }, { direction }) => ({
    iceParameters: await room.media.restartIce(peer.peerId, direction),
  }),
  'media.produce': async ({ room, peer }, producer) => {
    if (!peer.principal.grants.publish.includes(producer.source))
      throw new CallError('NOT_AUTHORIZED', `publish: not granted for ${producer.source}`)
    await room.media.produce(peer.peerId, producer)
    room.produced(peer, producer.producerId)
    return {}
  },
  'media.pause': async (caller, { producerId }) => {
    await caller.room.media.pauseProducer(own(caller, producerId))
    caller.room.streamsChanged(caller.peer)
    return {}
  },
  'media.resume': async (caller, { producerId }) => {
    await caller.room.media.resumeProducer(own(caller, producerId))
    caller.room.streamsChanged(caller.peer)
    return {}
  },
  'media.close': async (caller, { producerId }) => {
    caller.room.media.closeProducer(own(caller, producerId))
    caller.room.streamsChanged(caller.peer)
    return {}
  },
  'media.watch': async ({ room, peer }, { consumerIds }) => {
    await room.media.watch(peer.peerId, consumerIds)
    return {}
  },
  'media.unwatch': async ({ room, peer }, { consumerIds }) => {
    await room.media.unwatch(peer.peerId, consumerIds)
    return {}
  },
}

function own({ room, peer }: Caller, producerId: ProducerId): ProducerId {
  const isOwn = room.media
    .producers()
    .some((live) => live.producerId === producerId && live.peer === peer.peerId)
  if (!isOwn) throw new CallError('NOT_FOUND', 'producerId: not a stream of yours')
  return producerId
}
