import { createHash } from 'node:crypto'
import type { CoreRecord, Entry } from '#audit'
import {
  composeNotice,
  idle,
  nextWake,
  permitFor,
  purposeKey,
  step,
  type Consent,
  type Effect,
  type Input,
} from '#consent'
import {
  newId,
  RequestId,
  SessionId,
  Sha256,
  type PersonId,
  type Barred,
  type Policy,
  type ProducerId,
  type Source,
} from '#protocol'
import { encodeCore, isSameAct } from '../../../src/audit/entry.ts'
import {
  entriesOf,
  finishedEntry,
  sessionClosed,
  sessionOpened,
  startedEntry,
  stoppedEntry,
} from '../../../src/rooms/log-entries.ts'
import { asking, settings } from './settings.ts'

export const origin = 'localhost:4443/consent/test'
const session = { id: SessionId.parse(`call_${'c'.repeat(26)}`), startedAt: 1_000_000 }

type Tap = { readonly person: PersonId; readonly source: Source; readonly startedAt: number }
type Stretch = Tap & { readonly stoppedAt: number }

/**
 * Everything around the machine, as slow as a test wants it: a log that writes when told to, a recorder that taps what a
 * permit names, pages that show the mark or never do. It keeps its own account of who said what.
 */
export class Outside {
  consent: Consent = idle
  now = 1_000_000
  readonly entries: { index: number; core: CoreRecord }[] = []
  readonly taps = new Map<ProducerId, Tap>()
  readonly presence = new Map<PersonId, 'here' | 'lost'>()
  /** The last word of each person on this request, as they said it, whether it is logged yet or not. */
  readonly words = new Map<PersonId, string>()
  /** Since when the mark stands on all pages of a person. */
  readonly marks = new Map<PersonId, number>()
  readonly asked: { person: PersonId; gate: number }[] = []
  readonly seen = new Set<string>()
  /** What broke a rule at once, in words. */
  readonly breaches: string[] = []
  readonly barred: Map<PersonId, Barred>
  readonly #policy: Policy
  readonly #byKey = new Map<string, { index: number; core: CoreRecord }>()
  readonly #producers: { producerId: ProducerId; person: PersonId; source: Source }[]
  #queue: { effect: Exclude<Effect, { type: 'release' }>; entries: Entry[] }[] = []
  #stretches: Stretch[] = []
  /** The recording that was begun and not finished yet: the log may lag behind a new request. */
  #running: RequestId | null = null
  #acts = 0
  #requests = 0
  #notice = ''

  constructor(policy: Policy, people: readonly PersonId[], barred: ReadonlyMap<PersonId, Barred>) {
    this.#policy = policy
    this.barred = new Map(barred)
    this.#producers = people.flatMap((person) =>
      (['microphone', 'camera', 'screen'] as const).map((source) => ({
        producerId: newId.producer(),
        person,
        source,
      })),
    )
    this.#append(sessionOpened(session.id, session.startedAt))
  }

  permit() {
    return permitFor(this.consent, this.#producers)
  }

  get waiting(): number {
    return this.#queue.length
  }

  ask(by: PersonId, purpose: string): void {
    if (this.consent.state !== 'idle' && this.consent.state !== 'ended') return
    const letter = 'abcdefghijklmnopqrstuvwxyz'[this.#requests % 26]!
    const requestId = RequestId.parse(`req_${letter.repeat(26)}`)
    const text = composeNotice(settings, asking({ purpose, policy: this.#policy }), {
      requestId,
      session,
      askedBy: 'Host',
      now: this.now,
    })
    const people = new Map(
      [...this.presence.keys()].map((person) => [person, { barred: this.barred.get(person) ?? null }]),
    )
    const run = {
      requestId,
      by,
      policy: this.#policy,
      media: { audio: true, video: true, screen: false },
      hostMayChange: true,
      noticeSha256: this.#show(text),
      purpose: purposeKey(purpose),
      answerMs: 60_000,
      settleMs: 2000,
    }
    const before = this.consent
    this.dispatch({ type: 'ask', run, people })
    if (this.consent === before) return
    this.#requests++
    this.words.clear()
  }

  changeNotice(): void {
    if (!('run' in this.consent) || this.consent.state === 'ended') return
    const text = JSON.stringify({
      ...JSON.parse(this.#notice),
      validity: { from: this.now, until: 'end-of-session' },
    })
    if (text === this.#notice) return
    this.words.clear()
    this.dispatch({ type: 'noticeChanged', noticeSha256: this.#show(text) })
  }

  decide(person: PersonId, decision: 'given' | 'refused' | 'withdrawn'): void {
    if (!this.presence.has(person) || !('run' in this.consent)) return
    const { requestId, noticeSha256 } = this.consent.run
    const signed = Sha256.parse('5'.repeat(64))
    this.dispatch({ type: 'decide', person, requestId, noticeSha256, decision, signed })
  }

  join(person: PersonId): void {
    this.presence.set(person, 'here')
    this.marks.delete(person)
    this.dispatch({ type: 'joined', person, barred: this.barred.get(person) ?? null })
  }

  /** Never to be recorded, from now on. */
  withhold(person: PersonId): void {
    if (!this.presence.has(person)) return
    this.barred.set(person, 'restricted')
    if ('run' in this.consent) {
      const { requestId, noticeSha256 } = this.consent.run
      const word = { requestId, noticeSha256, decision: 'withdrawn', signed: null } as const
      this.dispatch({ type: 'decide', person, ...word })
    }
    this.dispatch({ type: 'joined', person, barred: 'restricted' })
  }

  lose(person: PersonId): void {
    if (this.presence.get(person) !== 'here') return
    this.presence.set(person, 'lost')
    this.marks.delete(person)
    this.dispatch({ type: 'lost', person })
  }

  back(person: PersonId): void {
    if (this.presence.get(person) !== 'lost') return
    this.presence.set(person, 'here')
    this.dispatch({ type: 'back', person })
  }

  leave(person: PersonId): void {
    if (!this.presence.delete(person)) return
    this.marks.delete(person)
    this.dispatch({ type: 'left', person })
  }

  control(type: 'pause' | 'resume' | 'stop' | 'cancel' | 'takeOver', by: PersonId): void {
    if ('run' in this.consent && this.presence.has(by))
      this.dispatch({ type, by, requestId: this.consent.run.requestId })
  }

  /** One page answers that the mark stands. */
  show(at: number): void {
    const [answer] = this.asked.splice(at % Math.max(1, this.asked.length), 1)
    if (answer === undefined || this.presence.get(answer.person) !== 'here') return
    this.marks.set(answer.person, this.now)
    this.dispatch({ type: 'shown', ...answer })
  }

  pass(ms: number): void {
    this.now += ms
    const wake = nextWake(this.consent)
    if (wake !== null && wake <= this.now) this.dispatch({ type: 'tick' })
  }

  dispatch(input: Input): void {
    const before = this.consent
    const [next, effects] = step(before, input, this.now)
    this.consent = next
    this.seen.add(next.state === 'ended' ? `ended ${next.outcome}` : next.state)
    if (
      before.state === 'recording' &&
      next.state !== 'recording' &&
      effects[0]?.type !== 'release'
    ) {
      this.breaches.push(`recording is left for ${next.state} without a release first`)
    }
    for (const effect of effects) {
      if (effect.type === 'audit' && effect.event.event === 'decision')
        this.words.set(effect.event.person, effect.event.decision)
      if (effect.type === 'release') this.#release(effect.person)
      else this.#queue.push({ effect, entries: this.#entries(effect) })
    }
  }

  /** Does the oldest thing that is waiting. */
  work(): void {
    const [job] = this.#queue
    if (job === undefined) return
    this.#queue = this.#queue.slice(1)
    const { effect, entries } = job
    switch (effect.type) {
      case 'audit': {
        const index = entries.map((entry) => this.#append(entry)).at(-1) ?? -1
        const { requestId, event } = effect
        if (event.event === 'request') this.dispatch({ type: 'requestLogged', requestId })
        if (event.event === 'decision' && event.decision === 'given') {
          this.dispatch({
            type: 'yesLogged',
            person: event.person,
            requestId,
            yes: event.yes,
            index,
          })
        }
        if (event.event === 'gateOpen')
          this.dispatch({ type: 'gateLogged', requestId, gate: event.gate, index })
        return
      }
      case 'show':
        if (this.consent.state === 'recording')
          this.asked.push(...effect.people.map((person) => ({ person, gate: effect.gate })))
        return
      case 'capture':
        return this.#capture()
      case 'endInterval':
        if (this.#running !== null)
          this.#append(
            stoppedEntry(
              this.#call,
              this.#running,
              { tracks: this.#stretches.map(summaryOf) },
              ++this.#acts,
            ),
          )
        this.#stretches = []
        return
      case 'finish':
        if (this.#running !== null)
          this.#append(finishedEntry(this.#call, this.#running, Sha256.parse('f'.repeat(64))))
        this.#running = null
    }
  }

  /** Everyone goes, all that waits is done, and the session is closed. */
  finish(): void {
    for (const person of this.presence.keys()) this.leave(person)
    while (this.waiting > 0) this.work()
    this.#append(sessionClosed(session.id, this.now, 'empty'))
  }

  /** The gate that is open according to the log. */
  openGate(): Extract<CoreRecord, { type: 'gate-open' }> | null {
    const last = this.entries.findLast(
      ({ core }) => core.type === 'gate-open' || core.type === 'gate-closed',
    )?.core
    return last?.type === 'gate-open' ? last : null
  }

  /** The last decision of a person on a request that the log holds. */
  logged(person: PersonId, requestId: string): { index: number; state: string } | null {
    const found = this.entries.findLast(
      ({ core }) =>
        core.type === 'decision' && core.requestId === requestId && core.subject.ref === person,
    )
    return found === undefined ? null : { index: found.index, state: found.core.event.state }
  }

  get #call() {
    return { session, now: () => this.now }
  }

  #show(text: string): Sha256 {
    this.#notice = text
    return Sha256.parse(createHash('sha256').update(text).digest('hex'))
  }

  #entries(effect: Effect): Entry[] {
    if (effect.type !== 'audit' || !('run' in this.consent)) return []
    return entriesOf(effect.event, {
      session: session.id,
      run: this.consent.run,
      notice: this.#notice,
      origin,
      now: this.now,
      present: [...this.presence.keys()],
      subjectOf: () => ({ name: 'Somebody' }),
      // Here nobody can sign: what is held against the verifier is the order of things.
      signed: undefined,
      uiSha256: null,
      act: ++this.#acts,
    })
  }

  /** As the log does it: what it does not allow throws, and a key that is there already keeps its place. */
  #append({ key, core }: Entry): number {
    encodeCore(core)
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      if (!isSameAct(known.core, core)) throw new Error(`key ${key} names another act`)
      return known.index
    }
    const placed = { index: this.entries.length, core }
    this.entries.push(placed)
    this.#byKey.set(key, placed)
    return placed.index
  }

  #capture(): void {
    const permit = this.permit()
    if (permit === null) return
    if (this.openGate() === null) this.breaches.push('capture without a gate in the log')
    const named = new Set(permit.tracks.map(({ producerId }) => producerId))
    this.#stop([...this.taps.keys()].filter((producerId) => !named.has(producerId)))
    const added = permit.tracks.filter(({ producerId }) => !this.taps.has(producerId))
    for (const { producerId, person, source } of added)
      this.taps.set(producerId, { person, source, startedAt: this.now })
    if (added.length === 0) return
    this.seen.add('captured')
    this.#running = permit.requestId
    this.#append(startedEntry(this.#call, permit.requestId, added, ++this.#acts))
  }

  #release(person: PersonId | undefined): void {
    if (person === undefined) this.marks.clear()
    else this.marks.delete(person)
    this.#stop(
      [...this.taps]
        .filter(([, tap]) => person === undefined || tap.person === person)
        .map(([producerId]) => producerId),
    )
    if (this.#running !== null)
      this.seen.add(person === undefined ? 'released all' : 'released one')
  }

  #stop(producerIds: readonly ProducerId[]): void {
    for (const producerId of producerIds) {
      const tap = this.taps.get(producerId)
      if (tap !== undefined) this.#stretches.push({ ...tap, stoppedAt: this.now })
      this.taps.delete(producerId)
    }
  }
}

const summaryOf = ({ person, source, startedAt, stoppedAt }: Stretch) => ({
  person,
  source,
  startedAt,
  stoppedAt,
  kind: source === 'microphone' ? ('audio' as const) : ('video' as const),
  mediaSha512: 'a'.repeat(128),
  segments: 1,
  bytes: 1,
})
