import { z } from './zod.ts'
import { Barred, Peer, Snapshot } from './call.ts'
import { ConsentView } from './consent-view.ts'
import { ConsumerId, PeerId, ProducerId } from './ids.ts'
import { ConsumerOffer, TransportOffers } from './media.ts'

/**
 * Everything the server tells a page unasked. Each event also carries `n`, counted per peer from 1 without a gap and
 * across reconnections; a snapshot holds up to its own number, so what overtook it is dropped or applied, never lost.
 */
export const events = {
  'session.joined': {
    about: 'You are in. Everything, in one message.',
    params: z.strictObject({ snapshot: Snapshot }),
  },
  'session.expiring': {
    about: 'Your token runs out soon; renew it.',
    params: z.strictObject({ inMs: z.int() }),
  },
  'session.stopping': {
    about: 'The server is about to restart; connect again after this time.',
    params: z.strictObject({ inMs: z.int() }),
  },

  'session.barred': {
    about: 'From now on you are never recorded in this call: you said so elsewhere.',
    params: z.strictObject({ barred: Barred.nullable() }),
  },

  'peer.joined': { about: 'Someone came in.', params: z.strictObject({ peer: Peer }) },
  'peer.changed': {
    about: 'A name, a microphone, a connection changed.',
    params: z.strictObject({ peer: Peer }),
  },
  'peer.left': { about: 'Someone left for good.', params: z.strictObject({ peerId: PeerId }) },
  'peer.speaking': {
    about: 'Who is speaking now, loudest first.',
    params: z.strictObject({ peerIds: z.array(PeerId) }),
  },

  'media.consumers': {
    about: 'New streams for you. They are halted until you say media.watch.',
    params: z.strictObject({ consumers: z.array(ConsumerOffer) }),
  },
  'media.consumersClosed': {
    about: 'Streams that are over.',
    params: z.strictObject({ consumerIds: z.array(ConsumerId) }),
  },
  'media.producerRefused': {
    about: 'A stream of yours was not taken or is over; stop sending it.',
    params: z.strictObject({ producerId: ProducerId, code: z.string() }),
  },
  'media.restarted': {
    about:
      'The media worker died and another took its place: use these transports, send and watch again.',
    params: z.strictObject({ transports: TransportOffers, consumers: z.array(ConsumerOffer) }),
  },

  'consent.changed': {
    about: 'The truth about recording, whole, as you may see it.',
    params: z.strictObject({ consent: ConsentView }),
  },
} as const

export type EventName = keyof typeof events
export type EventParams<E extends EventName> = z.infer<(typeof events)[E]['params']>
/** One event of any name. */
export type Event = { [E in EventName]: { event: E; params: EventParams<E> } }[EventName]
