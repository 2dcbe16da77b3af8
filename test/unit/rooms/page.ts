import { emptyTree } from '#audit'
import type { Principal } from '#auth'
import {
  CallError,
  newId,
  Private,
  RoomId,
  type Consistency,
  type ConsentView,
  type ErrorCode,
  type Event,
  type EventName,
  type EventParams,
  type Grants,
  type Params,
  type ProducerId,
  type RequestId,
  type Result,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
  type Snapshot,
  type Source,
} from '#protocol'
import type { EntryPass, Line, Rooms, Seat } from '#rooms'
import { PersonKey } from '../../support/person-key.ts'
import { capabilities, routerSha256, rtpParameters } from './fake-media.ts'

export const principal = (
  subject: string,
  part: Partial<Principal> = {},
  grants: Partial<Grants> = {},
): Principal => ({
  issuer: 'https://issuer.example',
  subject: new Private(subject),
  room: RoomId.parse('standup'),
  name: new Private(subject),
  grants: {
    publish: ['microphone', 'camera', 'screen', 'screenAudio'],
    subscribe: true,
    host: subject === 'host',
    record: subject === 'host',
    ...grants,
  },
  minor: false,
  expiresAt: Date.now() + 3_600_000,
  authTime: Date.now(),
  acr: null,
  amr: [],
  tokenId: null,
  tokenSha256: 'ab'.repeat(32),
  keyThumbprint: null,
  ...part,
})

export const pass = (part: Partial<EntryPass> = {}): EntryPass => ({
  router: routerSha256,
  capabilities,
  ...part,
})

/** What browsers keep, by the secret with which a page comes back. */
const kept = new Map<string, PersonKey>()

/** One browser page at the far end of a line. It shows the mark when asked, unless a test says otherwise. */
export class Page implements Line {
  readonly events: { n: number; event: Event }[] = []
  readonly closedWith: ErrorCode[] = []
  readonly shows: RequestId[] = []
  readonly seat: Seat
  /** What this page signs with. */
  key = new PersonKey()
  /** What the page does when it is to show the mark. */
  onShow: () => Promise<void> = async () => undefined
  readonly #lost = Promise.withResolvers<never>()

  constructor(rooms: Rooms, who: Principal, upgrade: EntryPass | null = null) {
    this.#lost.promise.catch(() => undefined)
    this.seat = rooms.enter(who, this, upgrade)
  }

  event(n: number, event: Event): void {
    this.events.push({ n, event: structuredClone(event) })
  }

  async request<M extends ServerMethod>(
    _: M,
    params: ServerParams<M>,
    signal: AbortSignal,
  ): Promise<ServerResult<M>> {
    this.shows.push(params.requestId)
    const aborted = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('aborted'))),
    )
    await Promise.race([this.onShow(), this.#lost.promise, aborted])
    return {} as ServerResult<M>
  }

  close(code: ErrorCode): void {
    this.closedWith.push(code)
    this.#lost.reject(new CallError('CONNECTION_LOST', 'closed'))
  }

  /** The connection breaks, unless it was closed before. */
  lose(): void {
    this.#lost.reject(new CallError('CONNECTION_LOST', 'lost'))
    this.seat.lost()
  }

  async join(part: Partial<EntryPass> = {}): Promise<this> {
    await this.seat.request('session.join', pass(part))
    // A page that comes back, also after a reload, has kept its key.
    this.key = kept.get(part.resume ?? '') ?? this.key
    kept.set(this.snapshot.resume, this.key)
    await this.bind().catch((cause: unknown) => {
      // It was lost in the meantime.
      if (!(cause instanceof CallError && cause.code === 'NOT_JOINED')) throw cause
    })
    return this
  }

  /** Ties this page's key to its person, as every page does right after its snapshot. */
  async bind(part: Partial<Params<'session.bind'>> = {}): Promise<Consistency> {
    const { session, person, bindingNonce } = this.snapshot
    const ath = Buffer.from('ab'.repeat(32), 'hex').toString('base64url')
    const about = { ath, sid: session.id, sub: person, nonce: bindingNonce }
    const { consistency } = await this.seat.request('session.bind', {
      jwk: this.key.jwk,
      joinJws: this.key.join(about),
      seen: emptyTree,
      ...part,
    })
    return consistency
  }

  async leave(): Promise<void> {
    await this.seat.request('session.leave', {})
  }

  async send(source: Source = 'microphone'): Promise<ProducerId> {
    const producerId = newId.producer()
    await this.seat.request('media.produce', { producerId, source, rtpParameters, paused: false })
    return producerId
  }

  get snapshot(): Snapshot {
    const found = this.all('session.joined').at(-1)
    if (found === undefined) throw new Error('not joined')
    return found.snapshot
  }

  /** The newest truth about recording that this page was told. */
  get view(): ConsentView {
    return this.events.reduce<ConsentView>(
      (view, { event }) => {
        if (event.event === 'consent.changed') return event.params.consent
        return event.event === 'session.joined' ? event.params.snapshot.consent : view
      },
      { state: 'idle' },
    )
  }

  all<E extends EventName>(name: E): EventParams<E>[] {
    return this.events.flatMap(({ event }) =>
      event.event === name ? [event.params as EventParams<E>] : [],
    )
  }

  /** Answers what it is being asked now, with its signature. */
  decide(decision: 'given' | 'refused' | 'withdrawn'): Promise<Result<'consent.decide'>> {
    return this.seat.request('consent.decide', this.words(decision))
  }

  /** What `decide` would send. */
  words(decision: 'given' | 'refused' | 'withdrawn'): Params<'consent.decide'> {
    const { view } = this
    if (view.state === 'idle' || view.state === 'ended')
      throw new Error(`nothing to decide: ${view.state}`)
    const { requestId, noticeSha256, request, prev } = view
    return {
      requestId,
      noticeSha256,
      decision,
      ...(request !== undefined && { decisionJws: this.key.decide(request, decision, { prev }) }),
    }
  }
}
