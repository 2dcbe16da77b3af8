import { askedAnew, decided, departed, entered, lapsed, yesDurable } from './answers.ts'
import { opening, over, requestFor } from './effects.ts'
import { agreed, change, isOpen, type People } from './people.ts'
import { verdict } from './policy.ts'
import type { Asking, Effect, Input, Requesting, Settling, Step } from './state.ts'

/** The count of answers moves at most this often. */
export const tellEveryMs = 2000

/** Nobody has seen the notice yet, so nobody has refused anything; who leaves now is simply not asked. */
export function whileRequesting(requesting: Requesting, input: Input, now: number): Step {
  const { run, people } = requesting
  switch (input.type) {
    case 'requestLogged': {
      if (input.requestId !== run.requestId) return [requesting, []]
      const asking: Asking = {
        ...requesting,
        state: 'asking',
        people: askedAnew(people, now + run.answerMs),
        told: { answered: 0, at: now },
      }
      return reconsider(asking, asking.people, [], now)
    }
    case 'joined': {
      const [after, effects] = entered(people, run, input, Infinity, false)
      return [withPeople(requesting, after), effects]
    }
    case 'lost':
    case 'back':
      return [
        withPeople(
          requesting,
          change(people, input.person, { presence: input.type === 'lost' ? 'lost' : 'here' }),
        ),
        [],
      ]
    case 'left':
      if (input.person === run.by) return over(requesting, 'hostLeft', 0, [])
      return [
        {
          ...requesting,
          people: new Map([...people].filter(([person]) => person !== input.person)),
        },
        [],
      ]
    case 'cancel':
      return input.by === run.by && input.requestId === run.requestId
        ? over(requesting, 'cancelled', 0, [])
        : [requesting, []]
    case 'noticeChanged':
      return [
        { ...requesting, run: { ...run, noticeSha256: input.noticeSha256 } },
        [requestFor(run, people)],
      ]
    case 'auditFailed':
      return over(requesting, 'logFailed', 0, [])
    case 'ask':
    case 'decide':
    case 'yesLogged':
    case 'gateLogged':
    case 'shown':
    case 'pause':
    case 'resume':
    case 'stop':
    case 'takeOver':
    case 'recorderFailed':
    case 'tick':
      return [requesting, []]
  }
}

/** The notice is out. `settling` differs only in that everything is decided, which nobody knows yet. */
export function whileAsking(before: Asking | Settling, input: Input, now: number): Step {
  const { run } = before
  // The deadline wins over an answer that arrives late in the same turn.
  const [people, lapses] = lapsed(before.people, run, now)
  const asking = withPeople(before, people)
  switch (input.type) {
    case 'decide': {
      const [after, effects] = decided(people, run, input, now)
      return reconsider(asking, after, [...lapses, ...effects], now)
    }
    case 'yesLogged':
      return reconsider(asking, yesDurable(people, run, input), lapses, now)
    case 'joined': {
      const [after, effects] = entered(people, run, input, now, false)
      return reconsider(asking, after, [...lapses, ...effects], now)
    }
    case 'lost':
    case 'back':
      return reconsider(
        asking,
        change(people, input.person, { presence: input.type === 'lost' ? 'lost' : 'here' }),
        lapses,
        now,
      )
    case 'left': {
      const [after, effects] = departed(people, run, input.person)
      if (input.person === run.by)
        return over({ ...asking, people: after }, 'hostLeft', 0, [...lapses, ...effects])
      return reconsider(asking, after, [...lapses, ...effects], now)
    }
    case 'cancel':
      if (input.by !== run.by || input.requestId !== run.requestId)
        return reconsider(asking, people, lapses, now)
      return over(asking, 'cancelled', 0, lapses)
    case 'noticeChanged': {
      const anew: Asking = {
        state: 'asking',
        asked: asking.asked,
        told: { answered: 0, at: now },
        run: { ...run, noticeSha256: input.noticeSha256 },
        people: askedAnew(people, now + run.answerMs),
      }
      return [anew, [...lapses, requestFor(run, people)]]
    }
    case 'auditFailed':
      return over(asking, 'logFailed', 0, lapses)
    case 'tick':
      if (asking.state === 'settling' && now >= asking.tellAt) return settled(asking, lapses)
      return reconsider(tell(asking, now), people, lapses, now)
    case 'ask':
    case 'requestLogged':
    case 'gateLogged':
    case 'shown':
    case 'pause':
    case 'resume':
    case 'stop':
    case 'takeOver':
    case 'recorderFailed':
      return reconsider(asking, people, lapses, now)
  }
}

/** How many have answered, as far as it may be told. */
export const answeredOf = (people: People): number =>
  [...people.values()].filter((member) => !isOpen(member)).length

/** Decided now? Then it is told a little later. A newcomer, or a change of mind, opens the question again. */
function reconsider(
  before: Asking | Settling,
  people: People,
  effects: readonly Effect[],
  now: number,
): Step {
  const outcome = verdict(before.run.policy, [...people.values()])
  const { run, asked, told } = before
  if (outcome === 'waiting') {
    if (before.state === 'asking' && people === before.people) return [before, effects]
    return [{ state: 'asking', run, asked, told, people }, effects]
  }
  if (before.state === 'settling' && before.outcome === outcome && people === before.people)
    return [before, effects]
  const tellAt = before.state === 'settling' ? before.tellAt : now + run.settleMs
  return [{ state: 'settling', run, asked, told, people, outcome, tellAt }, effects]
}

function settled(settling: Settling, effects: readonly Effect[]): Step {
  if (settling.outcome !== 'agreed') return over(settling, settling.outcome, 0, effects)
  // Under `each` all who agreed may have left since.
  if (agreed(settling.people).length === 0) return over(settling, 'empty', 0, effects)
  return opening(settling, 1, 0, null, effects)
}

function tell<S extends Asking | Settling>(asking: S, now: number): S {
  const answered = answeredOf(asking.people)
  if (answered === asking.told.answered || now < asking.told.at + tellEveryMs) return asking
  return { ...asking, told: { answered, at: now } }
}

const withPeople = <S extends { readonly people: People }>(state: S, people: People): S =>
  people === state.people ? state : { ...state, people }
