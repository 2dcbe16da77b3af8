import type { PersonId } from '#protocol'
import { askedAnew, decided, departed, entered, lapsed, yesDurable } from './answers.ts'
import { auditOf, gateOpen, opening, requestFor } from './effects.ts'
import { agreed, change, isOpen, names, present, type People } from './people.ts'
import { verdict } from './policy.ts'
import type { Effect, Input, Opening, Paused, Recording, Running, Step } from './state.ts'
import { end, pause } from './stopping.ts'

/** Agreed upon: the gate is being opened, is open, or is closed for a while. */
export function whileRunning(before: Running, input: Input, now: number): Step {
  const { run } = before
  const [people, lapses] = lapsed(before.people, run, now)
  const effects = [...lapses]
  switch (input.type) {
    case 'decide': {
      const [after, logged] = decided(people, run, input, now)
      return proceed(before, after, [...effects, ...logged], now)
    }
    case 'yesLogged':
      return proceed(before, yesDurable(people, run, input), effects, now)
    case 'gateLogged':
      return gateLogged(before, people, input, effects, now)
    case 'joined': {
      const [after, logged] = entered(people, run, input, now, true)
      return showTo(input.person, proceed(before, after, [...effects, ...logged], now))
    }
    case 'lost':
      return proceed(
        before,
        change(people, input.person, { presence: 'lost', shownAt: null }),
        effects,
        now,
      )
    case 'back':
      return showTo(
        input.person,
        proceed(
          before,
          change(people, input.person, { presence: 'here', shownAt: null }),
          effects,
          now,
        ),
      )
    case 'left': {
      const [after, logged] = departed(people, run, input.person)
      const all = [...effects, ...logged]
      return input.person === run.by
        ? end({ ...before, people: after }, 'hostLeft', all, now)
        : proceed(before, after, all, now)
    }
    case 'shown': {
      const showing =
        before.state === 'recording' &&
        input.gate === before.gate &&
        people.get(input.person)?.shownAt === null
      return proceed(
        before,
        showing ? change(people, input.person, { shownAt: now }) : people,
        effects,
        now,
      )
    }
    case 'pause':
      // A pause for a new notice is over when all have answered it, not when the host says so.
      if (!controls(before, input) || isForNotice(before))
        return proceed(before, people, effects, now)
      return pause({ ...before, people }, 'host', effects, now)
    case 'resume':
      if (!controls(before, input) || before.state !== 'paused' || before.cause !== 'host')
        return proceed(before, people, effects, now)
      // Whoever came meanwhile must still decide; `proceed` judges that from the other cause.
      return proceed({ ...before, cause: 'joined' }, people, effects, now)
    case 'stop':
      if (!controls(before, input)) return proceed(before, people, effects, now)
      return end({ ...before, people }, 'stopped', effects, now)
    case 'takeOver':
      return takeOver(before, people, input, effects, now)
    case 'noticeChanged': {
      const anew = { ...before, run: { ...run, noticeSha256: input.noticeSha256 }, people }
      const [paused, closing] = pause(anew, 'notice', effects, now)
      return [
        { ...paused, people: askedAnew(people, now + run.answerMs) },
        [...closing, requestFor(anew.run, people)],
      ]
    }
    case 'auditFailed':
      return end({ ...before, people }, 'logFailed', effects, now)
    case 'recorderFailed':
      if (input.requestId !== run.requestId) return proceed(before, people, effects, now)
      return end({ ...before, people }, 'recorderFailed', effects, now)
    case 'ask':
    case 'requestLogged':
    case 'cancel':
    case 'tick':
      return proceed(before, people, effects, now)
  }
}

/** Whose media may enter the recording at this moment: named by the durable gate, still agreeing, here, and shown the mark. */
export const captured = ({ covered, people }: Recording): PersonId[] =>
  agreed(people)
    .filter(
      (entry) => names(covered, entry) && entry[1].presence === 'here' && entry[1].shownAt !== null,
    )
    .map(([person]) => person)

/** The only place that decides whether a running recording goes on, waits, or is over. */
function proceed(before: Running, people: People, effects: readonly Effect[], now: number): Step {
  const after = people === before.people ? before : { ...before, people }
  const members = present(people).map(([, member]) => member)
  if (members.length === 0) return end(after, 'empty', effects, now)
  const waiting = members.some(isOpen)
  switch (after.run.policy) {
    case 'everyone': {
      const all = verdict('everyone', members)
      if (all === 'declined' || all === 'expired') return end(after, 'notAll', effects, now)
      if (waiting)
        return after.state === 'paused'
          ? same(before, after, effects)
          : pause(after, 'joined', effects, now)
      break
    }
    case 'each':
      if (isForNotice(after) && waiting) return same(before, after, effects)
      if (agreed(people).length === 0) return end(after, 'empty', effects, now)
      break
  }
  switch (after.state) {
    case 'paused':
      return after.cause === 'host' ? same(before, after, effects) : reopen(after, effects)
    case 'opening':
      return isWanted(after)
        ? same(before, after, effects)
        : opening(after, after.gate + 1, after.recordedMs, after.resuming, effects)
    case 'recording':
      if (isWanted(after)) return adjust(before, after, effects)
      // Under `everyone` nothing may run for a moment without a gate that names all who are there.
      return after.run.policy === 'each'
        ? widen(before, after, effects)
        : reopen(...pause(after, 'joined', effects, now))
  }
}

/** Still recording: takes out at once whom it may no longer have, lets in whom it now may. */
function adjust(before: Running, after: Recording, effects: readonly Effect[]): Step {
  const was = before.state === 'recording' ? captured(before) : []
  const is = captured(after)
  const out = was
    .filter((person) => !is.includes(person))
    .map((person): Effect => ({ type: 'release', person }))
  const grows = is.some((person) => !was.includes(person))
  return same(before, after, [...out, ...effects, ...(grows ? [{ type: 'capture' } as const] : [])])
}

/** Under `each`: goes on as it is while a gate that names one more person is written. */
function widen(before: Running, after: Recording, effects: readonly Effect[]): Step {
  const gate = after.gate + 1
  const { wanted, effect } = gateOpen(after.run, after.people, gate)
  return adjust(before, { ...after, gate, wanted }, [...effects, effect])
}

const reopen = (paused: Paused, effects: readonly Effect[]): Step<Opening> =>
  opening(paused, paused.gate + 1, paused.recordedMs, paused.cause, effects)

/** Whether the newest gate names all who agreed. */
const isWanted = ({ people, wanted }: Opening | Recording): boolean =>
  agreed(people).every((entry) => names(wanted, entry))

/** A page of someone who is already in the recording came in: it must show the mark like the others. */
function showTo(person: PersonId, [next, effects]: Step): Step {
  if (next.state !== 'recording') return [next, effects]
  const entry = agreed(next.people).find(([each]) => each === person)
  if (entry === undefined || !names(next.covered, entry) || entry[1].shownAt !== null)
    return [next, effects]
  return [next, [...effects, { type: 'show', people: [person], gate: next.gate }]]
}

/** Durable: the mark may be shown, and each person enters once their own page has shown it. */
function gateLogged(
  before: Running,
  people: People,
  input: Extract<Input, { type: 'gateLogged' }>,
  effects: readonly Effect[],
  now: number,
): Step {
  const isNewest = input.requestId === before.run.requestId && input.gate === before.gate
  const isAwaited =
    before.state === 'opening' || (before.state === 'recording' && before.covered !== before.wanted)
  if (!isNewest || !isAwaited) return proceed(before, people, effects, now)
  const { run, asked, recordedMs, gate, wanted } = before
  const since = before.state === 'recording' ? before.since : now
  const recording: Recording = {
    state: 'recording',
    run,
    people,
    asked,
    recordedMs,
    gate,
    wanted,
    covered: wanted,
    since,
    gateIndex: input.index,
  }
  const unseen = agreed(people)
    .filter(([, { presence, shownAt }]) => presence === 'here' && shownAt === null)
    .map(([person]) => person)
  const show: Effect[] = unseen.length > 0 ? [{ type: 'show', people: unseen, gate }] : []
  return proceed(recording, people, [...effects, ...show], now)
}

function takeOver(
  before: Running,
  people: People,
  { by, requestId }: { by: PersonId; requestId: string },
  effects: readonly Effect[],
  now: number,
): Step {
  const { run } = before
  const agrees = agreed(people).some(([person]) => person === by)
  if (requestId !== run.requestId || !run.hostMayChange || by === run.by || !agrees)
    return proceed(before, people, effects, now)
  const changed = { ...before, run: { ...run, by } }
  return proceed(
    changed,
    people,
    [...effects, auditOf(run, { event: 'hostChanged', from: run.by, to: by })],
    now,
  )
}

const isForNotice = (running: Running): boolean =>
  running.state === 'paused' && running.cause === 'notice'

const controls = (
  { run }: Running,
  { by, requestId }: { by: PersonId; requestId: string },
): boolean => by === run.by && requestId === run.requestId

/** Keeps the promise that an input which changes nothing returns the very same state. */
const same = (before: Running, after: Running, effects: readonly Effect[]): Step => [
  after.people === before.people && after.run === before.run && after.state === before.state
    ? before
    : after,
  effects,
]
