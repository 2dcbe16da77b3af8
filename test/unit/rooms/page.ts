import type { Principal } from '#auth'
import {
  CallError,
  newId,
  Private,
  RoomId,
  type ConsentView,
  type ErrorCode,
  type Event,
  type EventName,
  type EventParams,
  type Grants,
  type ProducerId,
  type RequestId,
  type ServerMethod,
  type ServerParams,
  type ServerResult,
  type Snapshot,
  type Source,
} from '#protocol'
import type { EntryPass, Line, Rooms, Seat } from '#rooms'
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
  ...part,
})

export const pass = (part: Partial<EntryPass> = {}): EntryPass => ({
  router: routerSha256,
  capabilities,
  ...part,
})

/** One browser page at the far end of a line. It shows the mark when asked, unless a test says otherwise. */
export class Page implements Line {
  readonly events: { n: number; event: Event }[] = []
  readonly closedWith: ErrorCode[] = []
  readonly shows: RequestId[] = []
  readonly seat: Seat
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
    return this
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

  /** Answers what it is being asked now. */
  decide(decision: 'given' | 'refused' | 'withdrawn'): Promise<{ index: number }> {
    const { view } = this
    if (view.state === 'idle' || view.state === 'ended')
      throw new Error(`nothing to decide: ${view.state}`)
    return this.seat.request('consent.decide', {
      requestId: view.requestId,
      noticeSha256: view.noticeSha256,
      decision,
    })
  }
}
