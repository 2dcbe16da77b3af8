import type {
  ConsentView,
  ConsumerId,
  ConsumerOffer,
  Event,
  EventParams,
  PeerId,
  Policy,
  ProducerId,
  RequestId,
  Sha256,
  Snapshot,
} from '#protocol'
import { requestIn } from './call-view.ts'
import type { CallView } from './state.ts'

/** What the session asks of media; each is harmless when repeated. */
export type MediaEffect =
  | { readonly type: 'startMedia'; readonly snapshot: Snapshot }
  | ({ readonly type: 'restartMedia' } & EventParams<'media.restarted'>)
  | { readonly type: 'receive'; readonly consumers: readonly ConsumerOffer[] }
  | { readonly type: 'drop'; readonly consumerIds: readonly ConsumerId[] }
  | { readonly type: 'dropPerson'; readonly peerId: PeerId }
  | { readonly type: 'stopSending'; readonly producerId: ProducerId; readonly code: string }
  | { readonly type: 'endMedia' }

/** What a verdict on a notice is about: all of it must still be the same when the verdict arrives. */
export interface NoticeBytes {
  readonly requestId: RequestId
  readonly policy: Policy
  readonly notice: string
  readonly noticeSha256: Sha256
  /** Absent where there is nothing to decide, or no key to decide with. */
  readonly request?: string | undefined
}

export type Consequence =
  | MediaEffect
  | { readonly type: 'keepResume'; readonly secret: string }
  | { readonly type: 'renew' }
  /** Tie this page's key to its person; media does not wait for it. */
  | { readonly type: 'bind'; readonly snapshot: Snapshot }

/** What one event asks of the outside, beside what it changes in the view. */
export function consequences(event: Event): Consequence[] {
  switch (event.event) {
    case 'session.joined':
      return entered(event.params.snapshot)
    case 'session.expiring':
      return [{ type: 'renew' }]
    case 'peer.left':
      return [{ type: 'dropPerson', peerId: event.params.peerId }]
    case 'media.consumers':
      return [{ type: 'receive', consumers: event.params.consumers }]
    case 'media.consumersClosed':
      return [{ type: 'drop', consumerIds: event.params.consumerIds }]
    case 'media.producerRefused':
      return [{ type: 'stopSending', ...event.params }]
    case 'media.restarted':
      return [{ type: 'restartMedia', ...event.params }]
    case 'session.stopping':
    case 'session.barred':
    case 'peer.joined':
    case 'peer.changed':
    case 'peer.speaking':
    case 'consent.changed':
      return []
  }
}

export const entered = (snapshot: Snapshot): Consequence[] => [
  { type: 'keepResume', secret: snapshot.resume },
  { type: 'startMedia', snapshot },
  { type: 'bind', snapshot },
]

/** The check that the call's notice waits for, if any. */
export function checkOf({
  consent,
  notice,
  key,
}: CallView): { type: 'checkNotice'; bytes: NoticeBytes }[] {
  if (consent.state === 'idle' || notice.state !== 'checking') return []
  const { requestId, policy, noticeSha256 } = consent
  const request = requestIn(consent)
  // The server asks each page by its key: until the page has bound one, its own request is still to come.
  if (request === undefined && consent.you === 'asked' && key.state === 'binding') return []
  return [
    {
      type: 'checkNotice',
      bytes: { requestId, policy, notice: consent.notice, noticeSha256, request },
    },
  ]
}

/** Whether `consent` is about these very bytes. */
export const namesNotice = (consent: ConsentView, bytes: NoticeBytes): boolean =>
  consent.state !== 'idle' &&
  consent.requestId === bytes.requestId &&
  consent.policy === bytes.policy &&
  consent.notice === bytes.notice &&
  consent.noticeSha256 === bytes.noticeSha256 &&
  requestIn(consent) === bytes.request
