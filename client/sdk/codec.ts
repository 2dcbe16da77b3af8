import type { types } from 'mediasoup-client'
import type { ConsumerOffer, IceServer, RtpCapabilities, TransportOffer } from '#protocol'

/*
 * What travels, as mediasoup-client's own types name it. Theirs close sets that our schemas leave open, such as header
 * extensions and fingerprint algorithms; the library checks what it is given and skips what it does not know.
 */

export const toRouterCapabilities = (capabilities: RtpCapabilities): types.RtpCapabilities =>
  capabilities as types.RtpCapabilities

export const toTransportOptions = (
  offer: TransportOffer,
  iceServers: readonly IceServer[],
): types.TransportOptions =>
  ({ ...offer, iceServers: toIceServers(iceServers) }) as types.TransportOptions

export const toIceServers = (iceServers: readonly IceServer[]): RTCIceServer[] =>
  iceServers as RTCIceServer[]

/** `streamId` groups the streams of one person that must play in step. */
export const toConsumerOptions = (
  offer: ConsumerOffer,
  streamId: string,
): types.ConsumerOptions => ({
  id: offer.consumerId,
  producerId: offer.producerId,
  kind: offer.kind,
  rtpParameters: offer.rtpParameters as types.RtpParameters,
  streamId,
})
