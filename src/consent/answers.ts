import type { PersonId, Sha256 } from '#protocol'
import { auditOf } from './effects.ts'
import { change, isBarred, newcomer, type People } from './people.ts'
import type { Effect, Input, Run } from './state.ts'

/** People after an answer, and what to log; the same `people` when the input changes nobody. */
export type Answered = readonly [people: People, effects: readonly Effect[]]

/** A person's own word. A yes counts once it is logged; a no counts at once and is logged after. */
export function decided(
  people: People,
  run: Run,
  input: Extract<Input, { type: 'decide' }>,
  now: number,
): Answered {
  const standing = people.get(input.person)?.standing
  // An answer to anything but the very bytes that are shown now is no answer.
  if (
    standing === undefined ||
    input.requestId !== run.requestId ||
    input.noticeSha256 !== run.noticeSha256
  ) {
    return [people, []]
  }
  const { person, decision, signed } = input
  const isYes = decision === 'given'
  // A yes that nobody signed could have been invented by whoever runs the server.
  if (isYes && signed === null) return [people, []]
  switch (standing.is) {
    case 'asked':
      return signed !== null && isYes
        ? agrees(people, run, person, signed, standing.until)
        : [
            change(people, person, { standing: { is: 'refused', cause: 'click' } }),
            [logged(run, person, 'refused', signed)],
          ]
    case 'answering':
    case 'given':
      return isYes
        ? [people, []]
        : [
            change(people, person, { standing: { is: 'withdrawn' }, shownAt: null }),
            [logged(run, person, 'withdrawn', signed)],
          ]
    case 'refused':
    case 'withdrawn':
      // Nobody asks again, but under `each` a person may say yes on their own.
      return signed !== null && isYes && run.policy === 'each'
        ? agrees(people, run, person, signed, now)
        : [people, []]
    case 'minor':
    case 'restricted':
      return [people, []]
  }
}

/** On its way to the log, where only the newest one counts. */
function agrees(
  people: People,
  run: Run,
  person: PersonId,
  signed: Sha256,
  until: number,
): Answered {
  const yes = (people.get(person)?.yeses ?? 0) + 1
  const event = {
    event: 'decision',
    person,
    decision: 'given',
    cause: 'click',
    yes,
    signed,
  } as const
  return [
    change(people, person, { yeses: yes, standing: { is: 'answering', until } }),
    [auditOf(run, event)],
  ]
}

/** The log has the yes. A person who withdrew meanwhile stays withdrawn, and a yes that was taken back does not revive. */
export function yesDurable(
  people: People,
  run: Run,
  input: Extract<Input, { type: 'yesLogged' }>,
): People {
  const member = people.get(input.person)
  const isAwaited =
    member?.standing.is === 'answering' &&
    member.yeses === input.yes &&
    input.requestId === run.requestId
  return isAwaited
    ? change(people, input.person, { standing: { is: 'given', index: input.index } })
    : people
}

/** Whoever was asked and has no time left has said no. */
export function lapsed(people: People, run: Run, now: number): Answered {
  return [...people].reduce<Answered>(
    ([after, effects], [person, { standing }]) => {
      if (standing.is !== 'asked' || now < standing.until) return [after, effects]
      const refused = auditOf(run, {
        event: 'decision',
        person,
        decision: 'refused',
        cause: 'timeout',
        signed: null,
      })
      return [
        change(after, person, { standing: { is: 'refused', cause: 'timeout' } }),
        [...effects, refused],
      ]
    },
    [people, []],
  )
}

/** Gone for good. To leave without an answer is a no; a decision that was made stays. */
export function departed(people: People, run: Run, person: PersonId): Answered {
  const member = people.get(person)
  if (member === undefined || member.presence === 'left') return [people, []]
  const gone = { presence: 'left', shownAt: null } as const
  if (member.standing.is !== 'asked') return [change(people, person, gone), []]
  return [
    change(people, person, { ...gone, standing: { is: 'refused', cause: 'disconnect' } }),
    [
      auditOf(run, {
        event: 'decision',
        person,
        decision: 'refused',
        cause: 'disconnect',
        signed: null,
      }),
    ],
  ]
}

/** A known person comes back to their decision, unless they are never recorded by now; a new one is asked. */
export function entered(
  people: People,
  run: Run,
  { person, barred }: Extract<Input, { type: 'joined' }>,
  now: number,
  late: boolean,
): Answered {
  const here = { presence: 'here', shownAt: null } as const
  if (people.has(person)) {
    const standing = barred !== null && { standing: { is: barred } }
    return [change(people, person, { ...here, ...standing }), []]
  }
  const asked = new Map(people).set(person, newcomer(barred, now + run.answerMs, late))
  return [asked, barred === null ? [auditOf(run, { event: 'request', people: [person] })] : []]
}

/** The bytes changed: every answer so far was to something else. */
export function askedAnew(people: People, until: number): People {
  return new Map(
    [...people].map(([person, member]) => [
      person,
      {
        ...member,
        shownAt: null,
        standing: isBarred(member) ? member.standing : { is: 'asked', until },
      },
    ]),
  )
}

const logged = (
  run: Run,
  person: PersonId,
  decision: 'refused' | 'withdrawn',
  signed: Sha256 | null,
): Effect => auditOf(run, { event: 'decision', person, decision, cause: 'click', signed })
