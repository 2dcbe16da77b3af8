import { randomInt } from 'node:crypto'
import type { Entry } from '#audit'
import {
  idle,
  nextWake,
  purposeKey,
  step,
  viewFor,
  type Consent,
  type Effect,
  type Input,
} from '#consent'
import {
  CallError,
  newId,
  type Asking,
  type ConsentView,
  type PersonId,
  type RequestId,
} from '#protocol'
import { logUnavailable, mayBeAsked, refuseOnHold } from './asking-rules.ts'
import { composer, CurrentNotice } from './current-notice.ts'
import { Decisions } from './decisions.ts'
import type { DeskWorld } from './desk-world.ts'
import { failureOf, workFor, type Done, type Workshop } from './effects.ts'
import { destroyedEntry, entriesOf, sessionClosed, sessionOpened } from './log-entries.ts'
import { Mailbox } from './mailbox.ts'
import { PageRequests } from './page-requests.ts'
import type { Peer } from './peer.ts'
import { RoomRecorder } from './room-recorder.ts'

/** The end of the asking is told this much later, at random, so that a click that is heard gives nobody away. */
const settleMs = { least: 1000, most: 4000 }

/** One room's consent: it feeds the machine, and sees to it that what the machine wants is done, in order. */
export class ConsentDesk {
  #consent: Consent = idle
  readonly #notice = new CurrentNotice()
  #timer: NodeJS.Timeout | undefined
  #acts = 0
  /** When the last missing yes was there; null once it led to a recording. */
  #agreedAt: number | null = null
  #sessionIsLogged = false
  #isClosed = false
  readonly decisions: Decisions
  readonly #requests: PageRequests
  readonly #mailbox = new Mailbox()
  readonly #world: DeskWorld
  readonly #recorder: RoomRecorder
  readonly #shop: Workshop

  constructor(world: DeskWorld) {
    this.#world = world
    this.#recorder = new RoomRecorder(world, (requestId) =>
      this.dispatch({ type: 'recorderFailed', requestId }),
    )
    this.#requests = new PageRequests({
      ...world,
      origin: world.log.origin,
      checkpoint: () => world.log.checkpoint,
    })
    this.decisions = new Decisions({
      requests: this.#requests,
      consent: () => this.#consent,
      dispatch: (input) => this.dispatch(input),
      now: world.now,
      failed: world.failed,
    })
    this.#shop = {
      world,
      recorder: this.#recorder,
      consent: () => this.#consent,
      notice: () => this.#notice.shown,
      dispatch: (input) => this.dispatch(input),
      nextAct: () => ++this.#acts,
    }
  }

  get consent(): Consent {
    return this.#consent
  }

  /** The truth about recording, as one page may see it. */
  view(peer: Peer): ConsentView {
    const { person } = peer
    const { now, pagesOf, isHost } = this.#world
    const isKept = (who: PersonId) =>
      'run' in this.#consent && this.#recorder.isKept(this.#consent.run.requestId, who)
    return viewFor(this.#consent, person, {
      notice: this.#notice.shown.text,
      now: now(),
      request: this.#requests.current(peer, this.#consent, this.#notice.shown.text),
      prev: this.decisions.prev(person),
      pagesOf,
      isHost,
      isKept,
    })
  }

  preview(person: PersonId, asking: Asking): string {
    return composer(this.#world, person, asking, newId.request())()
  }

  /** Resolves when the request is durable and everyone is being shown the notice. */
  async ask(person: PersonId, asking: Asking): Promise<RequestId> {
    if (this.#isClosed) throw new CallError('SERVER_STOPPING', 'this call is about to end')
    mayBeAsked(asking, this.#consent, this.#world)
    const requestId = newId.request()
    const compose = composer(this.#world, person, asking, requestId)
    const { sha256: noticeSha256 } = this.#notice.ask(compose, asking)
    this.dispatch({
      type: 'ask',
      people: this.#world.people(),
      run: {
        requestId,
        by: person,
        policy: asking.policy,
        media: asking.media,
        hostMayChange: this.#world.tenant().notice.hostMayChange,
        noticeSha256,
        purpose: purposeKey(asking.purpose),
        answerMs: asking.answerMs,
        settleMs: randomInt(settleMs.least, settleMs.most + 1),
      },
    })
    await this.drained()
    const consent = this.#consent
    if (
      consent.state === 'ended' &&
      consent.run.requestId === requestId &&
      consent.outcome === 'logFailed'
    )
      throw logUnavailable()
    this.#world.metrics.consentAsked()
    return requestId
  }

  /** Whoever agreed, agreed to other bytes: nothing is recorded until they have decided about these. */
  noticeChanged(): void {
    const { state } = this.#consent
    if (state === 'idle' || state === 'ended' || this.#isClosed) return
    if (this.#notice.hasChanged())
      this.dispatch({ type: 'noticeChanged', noticeSha256: this.#notice.shown.sha256 })
  }

  forget(peer: Peer): void {
    this.#requests.forget(peer.peerId)
  }

  /** NOT_FOUND when it is not theirs to control, or over. */
  control(
    type: 'pause' | 'resume' | 'stop' | 'cancel' | 'takeOver',
    by: PersonId,
    requestId: RequestId,
  ): void {
    const before = this.#consent
    this.dispatch({ type, by, requestId })
    if (this.#consent === before)
      throw new CallError('NOT_FOUND', 'requestId: not yours to control, or over')
  }

  /** Destroys what was recorded of a person who is not in it any more. Resolves when it is gone and logged; ON_HOLD. */
  async destroy(person: PersonId, requestId: RequestId): Promise<number> {
    if (!this.#recorder.isKept(requestId, person))
      throw new CallError('NOT_FOUND', 'requestId: nothing of you is kept')
    if (this.#isIn(person, requestId))
      throw new CallError('BAD_REQUEST', 'requestId: withdraw first')
    await refuseOnHold(this.#world)
    return this.#mailbox.run(async () => {
      const { tracks } = await this.#recorder.destroy(requestId, person)
      await this.#world.log.append(
        destroyedEntry(this.#world, requestId, person, tracks, ++this.#acts),
      )
      this.#world.changed()
      return tracks.length
    })
  }

  dispatch(input: Input): void {
    const before = this.#consent
    const [next, effects] = step(before, input, this.#world.now())
    this.#consent = next
    for (const effect of effects)
      if (effect.type === 'release') void this.#recorder.revoke(effect.person)
    if (next !== before) this.#moved(before, next)
    for (const effect of effects) if (effect.type !== 'release') this.#queue(effect)
  }

  /** The streams of the room changed: let the recorder have what the permit now names. */
  recapture(): void {
    if (this.#consent.state === 'recording') this.#queue({ type: 'capture' })
  }

  /** The call is over. Resolves when all is written that can be. */
  async close(cause: 'empty' | 'server-stopped'): Promise<void> {
    const consent = this.#consent
    this.#isClosed = true
    if ('run' in consent) {
      const { by, requestId } = consent.run
      // One of them applies: a request that is being answered is taken back, a recording is stopped.
      this.dispatch({ type: 'cancel', by, requestId })
      this.dispatch({ type: 'stop', by, requestId })
    }
    clearTimeout(this.#timer)
    await this.#mailbox
      .run(async () => {
        const { log, session, now } = this.#world
        if (this.#sessionIsLogged && log.state === 'open')
          await log.append(sessionClosed(session.id, now(), cause))
      })
      .catch(this.#world.failed)
  }

  #isIn(person: PersonId, requestId: RequestId): boolean {
    const consent = this.#consent
    return (
      consent.state !== 'idle' &&
      consent.state !== 'ended' &&
      consent.run.requestId === requestId &&
      consent.people.get(person)?.standing.is === 'given'
    )
  }

  #moved(before: Consent, next: Consent): void {
    clearTimeout(this.#timer)
    const wake = nextWake(next)
    if (wake !== null)
      this.#timer = setTimeout(
        () => this.dispatch({ type: 'tick' }),
        Math.max(0, wake - this.#world.now()),
      )
    if (next.state === 'ended') this.#world.metrics.consentOutcome(next.outcome)
    if (next.state === 'opening' && before.state !== 'opening') this.#agreedAt = performance.now()
    this.#world.changed()
  }

  #queue(effect: Exclude<Effect, { type: 'release' }>): void {
    const requestId = 'run' in this.#consent ? this.#consent.run.requestId : newId.request()
    const done = this.#mailbox.run(this.#work(effect))
    if (effect.type === 'audit' && effect.event.event === 'decision')
      this.decisions.took(effect.event.person, effect.event.signed, done)
    done.then(
      ({ input }) => {
        if (effect.type === 'capture') this.#captured()
        if (input !== null) this.dispatch(input)
      },
      (cause: unknown) => {
        this.#world.failed(cause)
        this.dispatch(failureOf(effect, cause, requestId))
      },
    )
  }

  /** Entries are composed now, so that they tell the time of the act. Ones that cannot be fail in their turn, like the log. */
  #work(effect: Exclude<Effect, { type: 'release' }>): () => Promise<Done> {
    try {
      return workFor(effect, this.#entries(effect), this.#shop)
    } catch (cause) {
      return () => Promise.reject(cause)
    }
  }

  #captured(): void {
    if (this.#agreedAt !== null)
      this.#world.metrics.consentStarted(performance.now() - this.#agreedAt)
    this.#agreedAt = null
  }

  #entries(effect: Effect): Entry[] {
    if (effect.type !== 'audit' || !('run' in this.#consent)) return []
    const { session, log, subjectOf, people, uiSha256, now } = this.#world
    const { event } = effect
    const entries = entriesOf(event, {
      signed: event.event === 'decision' ? this.decisions.signed(event.signed) : undefined,
      uiSha256,
      session: session.id,
      run: this.#consent.run,
      notice: this.#notice.shown.text,
      origin: log.origin,
      now: now(),
      present: [...people().keys()],
      subjectOf,
      act: ++this.#acts,
    })
    if (this.#sessionIsLogged) return entries
    // Nothing of a call is logged until someone asks to record it.
    this.#sessionIsLogged = true
    return [sessionOpened(session.id, session.startedAt), ...entries]
  }

  /** Resolves when all that is queued now has been done, and what came of it has been fed back. */
  async drained(): Promise<void> {
    await this.#mailbox.run(async () => undefined)
  }
}
