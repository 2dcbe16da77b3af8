import { errors, type types } from 'mediasoup'
import { CallError, ConsumerId, type ConsumerOffer, type RtpCapabilities } from '#protocol'
import { asOffered } from './codecs.ts'
import { unavailable } from './failures.ts'
import type { Seat } from './seat.ts'
import type { Sending } from './sending.ts'

/**
 * The seat's consumer of one producer, made if it is not there. Null when the capabilities have no such codec or when
 * the producer ended meanwhile. Throws NOT_FOUND when the peer left meanwhile, TOO_MANY at the limit.
 */
export function receive(
  seat: Seat,
  sending: Sending,
  capabilities: RtpCapabilities,
  options: { paused: boolean; limit: number; onNew: () => void },
): Promise<types.Consumer | null> {
  const known = seat.receiving.get(sending)
  if (known !== undefined) return known
  const rtpCapabilities = sending.trimmed(capabilities)
  if (rtpCapabilities === null) return Promise.resolve(null)
  if (seat.receiving.size >= options.limit) {
    throw new CallError('TOO_MANY', `a peer receives at most ${options.limit} streams`)
  }
  const asked = consume(seat, sending, rtpCapabilities, options)
  seat.receiving.set(sending, asked)
  return asked
}

/** Reads the consumer's parameters, which copies them: once for each offer. */
export const offerOf = (
  consumer: types.Consumer,
  { producerId, peer, source, producer }: Sending,
): ConsumerOffer => ({
  consumerId: ConsumerId.parse(consumer.id),
  producerId,
  peerId: peer,
  source,
  kind: consumer.kind,
  rtpParameters: asOffered(consumer.rtpParameters),
  producerPaused: producer.paused,
})

async function consume(
  seat: Seat,
  sending: Sending,
  rtpCapabilities: types.RtpCapabilities,
  { paused, onNew }: { paused: boolean; onNew: () => void },
): Promise<types.Consumer | null> {
  const { producerId, producer } = sending
  try {
    const { recv } = await seat.transports
    const consumer = await recv.consume({ producerId, rtpCapabilities, paused })
    // Whoever closed producer or seat meanwhile could not know of this consumer.
    if (seat.isGone || producer.closed) {
      consumer.close()
      throw new Error('closed meanwhile')
    }
    seat.hold(sending, consumer)
    onNew()
    return consumer
  } catch (cause) {
    seat.receiving.delete(sending)
    if (cause instanceof errors.WorkerClosedError) throw unavailable(cause)
    if (seat.isGone) throw new CallError('NOT_FOUND', 'the peer has left', { cause })
    if (producer.closed) return null
    throw cause
  }
}
