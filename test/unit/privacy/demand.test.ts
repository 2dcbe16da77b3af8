import { describe, expect, test } from 'vitest'
import { newId, Right } from '#protocol'
import { bars, step, type Demand, type DemandAct } from '../../../src/privacy/demand.ts'

const receivedAt = Date.parse('2026-01-31T10:00:00Z')
const due = Date.parse('2026-02-28T10:00:00Z')
const open = { id: newId.rights(), how: 'page', receivedAt, isExtended: false, state: 'received' } as const
const of = (right: Right, part: object = {}): Demand => ({ ...open, right, ...part }) as Demand
const closed = (right: Right, state: string): Demand => of(right, { state, closedAt: receivedAt + 5 })

const acts = ['extend', 'done', 'refuse', 'withdraw'] as const
/** What becomes of a demand; '-': the very same. */
const table: Record<string, Record<DemandAct, string>> = {
  'received': { extend: 'received, extended', done: 'done', refuse: 'refused', withdraw: 'withdrawn' },
  'received, extended': { extend: '-', done: 'done', refuse: 'refused', withdraw: 'withdrawn' },
  'done': { extend: '-', done: '-', refuse: '-', withdraw: '-' },
  'refused': { extend: '-', done: '-', refuse: '-', withdraw: '-' },
  'withdrawn': { extend: '-', done: '-', refuse: '-', withdraw: '-' },
}
const goOn = ['restrict', 'object']

const states = (right: Right): Record<string, Demand> => ({
  'received': of(right),
  'received, extended': of(right, { isExtended: true }),
  'done': closed(right, 'done'),
  'refused': closed(right, 'refused'),
  'withdrawn': closed(right, 'withdrawn'),
})

describe.each(Right.options)('a demand to %s', (right) => {
  const cells = Object.entries(states(right)).flatMap(([state, before]) =>
    acts.map((act) => {
      const lifts = state === 'done' && act === 'withdraw' && goOn.includes(right)
      return { state, act, before, want: lifts ? 'withdrawn' : table[state]![act] }
    }),
  )

  test.each(cells)('$state + $act -> $want', ({ before, act, want }) => {
    const now = due - 1
    const after = step(before, act, now)
    if (want === '-') return expect(after).toBe(before)
    expect(`${after.state}${after.state === 'received' && after.isExtended ? ', extended' : ''}`).toBe(want)
    if (after.state !== 'received') expect(after.closedAt).toBe(now)
  })
})

describe('extending', () => {
  test('is possible until the month is over, and not after: the person must have heard of it by then', () => {
    expect(step(of('access'), 'extend', due).isExtended).toBe(true)
    const late = of('access')
    expect(step(late, 'extend', due + 1)).toBe(late)
  })
})

describe('a person is barred from being recorded', () => {
  test.each([
    ['restrict', 'received', false],
    ['restrict', 'done', true],
    ['restrict', 'refused', false],
    ['restrict', 'withdrawn', false],
    ['object', 'received', true],
    ['object', 'done', true],
    ['object', 'refused', false],
    ['object', 'withdrawn', false],
    ['access', 'received', false],
    ['erase', 'received', false],
    ['correct', 'done', false],
  ] as const)('by a demand to %s that is %s: %s', (right, state, isBarred) => {
    expect(bars(state === 'received' ? of(right) : closed(right, state))).toBe(isBarred)
  })
})
