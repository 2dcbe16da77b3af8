import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { checkGrammar } from '#audit/verify'
import type { Barred, PersonId, Policy } from '#protocol'
import { origin, Outside } from './outside.ts'
import { alice, bob, host, late } from './scene.ts'

// Hundreds of stories take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const everybody = [host, alice, bob, late]
type Act = (outside: Outside) => void

const who = fc.constantFrom(...everybody)
const about = (act: (outside: Outside, person: PersonId) => void): fc.Arbitrary<Act> =>
  who.map((person) => (outside) => act(outside, person))
const someBarred = fc
  .tuple(fc.subarray(everybody), fc.constantFrom<Barred>('minor', 'restricted'))
  .map(([people, why]) => new Map(people.map((person) => [person, why])))
const words = fc.constantFrom('given', 'given', 'given', 'refused', 'withdrawn')
const controls = fc.constantFrom('pause', 'resume', 'stop', 'cancel', 'takeOver')

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.integer({ min: 1, max: 4 }).map(
      (times): Act =>
        (outside) => {
          for (let i = 0; i < times; i++) outside.work()
        },
    ),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(who, words).map(
      ([person, word]): Act =>
        (outside) =>
          outside.decide(person, word),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.nat(5).map(
      (at): Act =>
        (outside) =>
          outside.show(at),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(1, 50, 2000, 5000, 60_000).map(
      (ms): Act =>
        (outside) =>
          outside.pass(ms),
    ),
  },
  { weight: 3, arbitrary: about((outside, person) => outside.join(person)) },
  { weight: 1, arbitrary: about((outside, person) => outside.leave(person)) },
  { weight: 1, arbitrary: about((outside, person) => outside.lose(person)) },
  { weight: 2, arbitrary: about((outside, person) => outside.back(person)) },
  { weight: 1, arbitrary: about((outside, person) => outside.withhold(person)) },
  {
    weight: 2,
    arbitrary: fc.tuple(controls, fc.constantFrom(host, host, alice)).map(
      ([type, by]): Act =>
        (outside) =>
          outside.control(type, by),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('minutes', 'training', 'archive').map(
      (purpose): Act =>
        (outside) =>
          outside.ask(host, purpose),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>((outside) => outside.changeNotice()) },
  {
    weight: 1,
    arbitrary: fc.constant<Act>((outside) => {
      if ('run' in outside.consent)
        outside.dispatch({ type: 'recorderFailed', requestId: outside.consent.run.requestId })
    }),
  },
)

/** Stories begin with nothing, with all being asked, or with all being recorded, so that each reaches far. */
const beginnings = ['nothing', 'asked', 'recorded'] as const

function begin(
  policy: Policy,
  barred: ReadonlyMap<PersonId, Barred>,
  from: (typeof beginnings)[number],
): Outside {
  const outside = new Outside(
    policy,
    everybody,
    new Map([...barred].filter(([one]) => from === 'nothing' || one === late)),
  )
  for (const person of [host, alice, bob]) outside.join(person)
  if (from === 'nothing') return outside
  outside.ask(host, 'minutes')
  outside.work()
  if (from === 'asked') return outside
  for (const person of [host, alice, bob]) outside.decide(person, 'given')
  while (outside.waiting > 0) outside.work()
  outside.pass(5000)
  for (let i = 0; i < 3; i++) outside.work()
  while (outside.asked.length > 0) outside.show(0)
  while (outside.waiting > 0) outside.work()
  return outside
}

/** What must hold after every single step. */
function breaches(outside: Outside, policy: Policy): string[] {
  const permit = outside.permit()
  const captured = new Set([...outside.taps.values()].map(({ person }) => person))
  const named = new Set(permit?.tracks.map(({ person }) => person))
  const found = [...outside.breaches]
  for (const person of captured)
    if (!named.has(person)) found.push(`${person} is tapped without a permit`)
  if (permit === null || named.size === 0) return found
  const gate = outside.openGate()
  if (gate === null) return [...found, 'a permit without an open gate in the log']
  const agreed = (person: PersonId): boolean =>
    outside.words.get(person) === 'given' &&
    outside.logged(person, permit.requestId)?.state === 'given' &&
    !outside.barred.has(person)
  for (const person of named) {
    const yes = outside.logged(person, permit.requestId)
    if (outside.presence.get(person) !== 'here') found.push(`${person} is not here`)
    if (!agreed(person)) found.push(`${person} has no yes that is durable and stands`)
    if (!gate.decisions.some(([, index]) => index === yes?.index))
      found.push(`the newest durable gate does not name ${person}`)
    if (!outside.marks.has(person)) found.push(`${person} has not been shown the mark`)
  }
  if (policy === 'everyone') {
    for (const person of outside.presence.keys())
      if (!agreed(person)) found.push(`somebody is recorded while ${person} has not agreed`)
  }
  if (permit.tracks.some(({ source }) => source === 'screen'))
    found.push('a screen was not asked for')
  return found
}

describe.each(['everyone', 'each'] as const)('any order of anything, under %s', (policy) => {
  test('nobody is recorded without a durable, standing yes of all whose yes it takes, and the log says so', () => {
    const seen = new Set<string>()
    const story = fc.record({
      acts: fc.array(act, { minLength: 5, maxLength: 60 }),
      barred: fc.oneof(
        { weight: 4, arbitrary: fc.constant(new Map<PersonId, Barred>()) },
        { weight: 1, arbitrary: someBarred },
      ),
      from: fc.constantFrom(...beginnings),
    })
    fc.assert(
      fc.property(story, ({ acts, barred, from }) => {
        const outside = begin(policy, barred, from)
        for (const each of acts) {
          each(outside)
          outside.now += 1
          expect(breaches(outside, policy)).toEqual([])
        }
        expect(checkGrammar(outside.entries, origin)).toEqual([])
        outside.finish()
        expect(outside.taps.size).toBe(0)
        expect(checkGrammar(outside.entries, origin)).toEqual([])
        for (const word of outside.seen) seen.add(word)
      }),
      { numRuns: 3000 },
    )
    const everywhere = [
      'requesting',
      'asking',
      'settling',
      'opening',
      'recording',
      'paused',
      'captured',
      'released all',
      'released one',
      'ended declined',
      'ended expired',
      'ended cancelled',
      'ended stopped',
      'ended hostLeft',
      'ended recorderFailed',
    ]
    expect(
      everywhere.filter((word) => !seen.has(word)),
      'never reached',
    ).toEqual([])
  })
})
