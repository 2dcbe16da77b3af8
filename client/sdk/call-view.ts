import type { ConsentView, Event, Peer, PeerId, Snapshot } from '#protocol'
import type { CallView, NoticeCheck } from './state.ts'

/** The call as the snapshot shows it. People whom `previous` knew keep their places. */
export function viewOf(snapshot: Snapshot, previous: CallView | null, now: number): CallView {
  const { you, session, controllers, demo, barred, grants, recordingOptions, consent } = snapshot
  return {
    you,
    session,
    controllers,
    demo,
    barred,
    grants,
    recordingOptions,
    people: inKnownOrder(snapshot.peers, previous?.people ?? []),
    speaking: [],
    consent,
    consentAt: now,
    notice: noticeFor(consent, previous),
    key: previous?.key ?? { state: 'binding' },
    tokenExpiresAt: now + snapshot.tokenExpiresInMs,
    stoppingAt: null,
  }
}

/** The call after one event. Events about media alone change nothing here: the very same object comes back. */
export function applied(call: CallView, event: Event, now: number): CallView {
  switch (event.event) {
    case 'session.joined':
      return viewOf(event.params.snapshot, call, now)
    case 'session.expiring':
      return { ...call, tokenExpiresAt: now + event.params.inMs }
    case 'session.stopping':
      return { ...call, stoppingAt: now + event.params.inMs }
    case 'session.barred':
      return { ...call, barred: event.params.barred }
    case 'peer.joined':
    case 'peer.changed':
      return { ...call, people: withPerson(call.people, event.params.peer) }
    case 'peer.left':
      return withoutPerson(call, event.params.peerId)
    case 'peer.speaking':
      return { ...call, speaking: event.params.peerIds }
    case 'consent.changed': {
      const { consent } = event.params
      return { ...call, consent, consentAt: now, notice: noticeFor(consent, call) }
    }
    case 'media.consumers':
    case 'media.consumersClosed':
    case 'media.producerRefused':
    case 'media.restarted':
      return call
  }
}

/** What the server signed for this page; a new one is checked anew. */
export const requestIn = (consent: ConsentView): string | undefined =>
  'request' in consent ? consent.request : undefined

function inKnownOrder(peers: readonly Peer[], known: readonly Peer[]): readonly Peer[] {
  const place = new Map(known.map(({ peerId }, index) => [peerId, index]))
  const placeOf = ({ peerId }: Peer) => place.get(peerId) ?? known.length
  return peers.toSorted((a, b) => placeOf(a) - placeOf(b))
}

function withPerson(people: readonly Peer[], peer: Peer): readonly Peer[] {
  const known = people.some(({ peerId }) => peerId === peer.peerId)
  return known
    ? people.map((each) => (each.peerId === peer.peerId ? peer : each))
    : [...people, peer]
}

function withoutPerson(call: CallView, gone: PeerId): CallView {
  return {
    ...call,
    people: call.people.filter(({ peerId }) => peerId !== gone),
    speaking: call.speaking.filter((peerId) => peerId !== gone),
  }
}

/** A verdict holds for exactly the bytes it was found for; a changed byte is checked anew. */
function noticeFor(consent: ConsentView, previous: CallView | null): NoticeCheck {
  if (consent.state === 'idle') return { state: 'none' }
  const before = previous?.consent
  const same =
    before !== undefined &&
    before.state !== 'idle' &&
    before.requestId === consent.requestId &&
    before.policy === consent.policy &&
    before.notice === consent.notice &&
    before.noticeSha256 === consent.noticeSha256 &&
    requestIn(before) === requestIn(consent)
  return same && previous !== null ? previous.notice : { state: 'checking' }
}
