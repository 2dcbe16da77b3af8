import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataKinds } from '../../../src/audit/records.ts'
import { dayMs, dueOf, endOf, outlived, type Kept, type Lives } from '../../../src/privacy/retention.ts'

const lives: Lives = { recording: 30, evidence: 365, 'rights-request': 365, backup: 14 }
const kept = (change: Partial<Kept> = {}): Kept => ({
  id: 'a',
  session: 'call_a',
  endedMs: 1_000_000,
  days: 30,
  ...change,
})
const rules = (now: number, holds: readonly string[] = []) => ({ lives, now, holds: new Set(holds) })
const end = 1_000_000 + 30 * dayMs

describe('the end of a life', () => {
  test('is its own term, counted from its end to the millisecond', () => {
    expect(dueOf('recording', [kept()], rules(end - 1))).toEqual([])
    expect(dueOf('recording', [kept()], rules(end))).toEqual([
      { kind: 'recording', id: 'a', endedMs: 1_000_000, endsMs: end, isHeld: false },
    ])
  })

  test.each([
    ['longer than the table allows', 31, 30],
    ['as long', 30, 30],
    ['shorter', 1, 1],
    ['not said', null, 30],
  ])('of a term that is %s', (_, days, counted) => {
    expect(endOf(kept({ days }), lives.recording)).toBe(1_000_000 + counted * dayMs)
  })

  test('has not come for what goes on', () => {
    expect(dueOf('recording', [kept({ endedMs: null })], rules(Number.MAX_SAFE_INTEGER))).toEqual([])
  })
})

describe('a hold', () => {
  test('keeps what is past its end, and tells of it', () => {
    const all = [kept(), kept({ id: 'b', session: 'call_b' }), kept({ id: 'c', session: null })]
    expect(
      dueOf('recording', all, rules(end, ['call_a'])).map(({ id, isHeld }) => [id, isHeld]),
    ).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
    ])
  })
})

describe('what proves a recording', () => {
  const evidence = [kept({ id: 'call_a' }), kept({ id: 'server', session: null })]
  test('waits for it', () => {
    const later = kept({ id: 'rec', days: null, endedMs: 2_000_000 })
    const gone = dueOf('recording', [later], rules(end))
    expect(outlived(evidence, [later], gone).map(({ id }) => id)).toEqual(['server'])
  })

  test('goes with it', () => {
    const recording = kept({ id: 'rec' })
    const gone = dueOf('recording', [recording], rules(end))
    expect(outlived(evidence, [recording], gone)).toEqual(evidence)
  })

  test('does not wait for a recording of which nobody knows what it was', () => {
    const unknown = kept({ id: 'rec', session: null, endedMs: null })
    expect(outlived(evidence, [unknown], [])).toEqual(evidence)
  })
})

describe('in any order of things', () => {
  const time = fc.integer({ min: 0, max: 4_000 * dayMs })
  const days = fc.integer({ min: 1, max: 2_000 })
  const things = fc.array(
    fc.record({
      id: fc.uuid(),
      session: fc.option(fc.constantFrom('call_a', 'call_b', 'call_c')),
      endedMs: fc.option(time),
      days: fc.option(days),
    }),
  )
  const table = fc.record({ recording: days, evidence: days, 'rights-request': days, backup: days })
  const holds = fc.subarray(['call_a', 'call_b', 'call_c']).map((held) => new Set(held))
  const kind = fc.constantFrom(...dataKinds)

  test('nothing goes before its end, and everything not on hold by the next daily sweep after it', () => {
    let gone = 0
    fc.assert(
      fc.property(kind, things, table, holds, time, (which, all, ruled, held, firstMs) => {
        let left: readonly Kept[] = all
        for (let now = firstMs; now < firstMs + 5_000 * dayMs; now += 500 * dayMs) {
          const due = dueOf(which, left, { lives: ruled, holds: held, now })
          const removed = new Set(due.filter(({ isHeld }) => !isHeld).map(({ id }) => id))
          gone += removed.size
          for (const one of left) {
            const ends =
              one.endedMs === null
                ? Infinity
                : one.endedMs + Math.min(one.days ?? Infinity, ruled[which]) * dayMs
            const isHeld = one.session !== null && held.has(one.session)
            expect(removed.has(one.id)).toBe(now >= ends && !isHeld)
          }
          left = left.filter(({ id }) => !removed.has(id))
        }
      }),
    )
    expect(gone, 'the interesting case').toBeGreaterThan(100)
  })

  test('a shorter table never keeps what a longer one would not', () => {
    fc.assert(
      fc.property(kind, things, table, days, holds, time, (which, all, ruled, shorter, held, now) => {
        const short = { ...ruled, [which]: Math.min(shorter, ruled[which]) }
        const ids = (by: Lives) => dueOf(which, all, { lives: by, holds: held, now }).map(({ id }) => id)
        expect(ids(short)).toEqual(expect.arrayContaining(ids(ruled)))
      }),
    )
  })

  test('a clock set back takes nothing early', () => {
    fc.assert(
      fc.property(kind, things, table, holds, time, time, (which, all, ruled, held, a, b) => {
        const [earlier, later] = [Math.min(a, b), Math.max(a, b)]
        const ids = (now: number) =>
          dueOf(which, all, { lives: ruled, holds: held, now }).map(({ id }) => id)
        expect(ids(later)).toEqual(expect.arrayContaining(ids(earlier)))
      }),
    )
  })

  test('no evidence goes while a recording of its call stays', () => {
    let waited = 0
    fc.assert(
      fc.property(things, things, table, holds, time, (recordings, evidence, ruled, held, now) => {
        const by = { lives: ruled, holds: held, now }
        const gone = dueOf('recording', recordings, by)
        const due = dueOf('evidence', outlived(evidence, recordings, gone), by)
        const stays = recordings.filter(({ id }) => !gone.some((one) => one.id === id))
        for (const { id } of due) {
          const { session } = evidence.find((one) => one.id === id)!
          expect(session === null || !stays.some((one) => one.session === session)).toBe(true)
        }
        waited += dueOf('evidence', evidence, by).length - due.length
      }),
    )
    expect(waited, 'the interesting case').toBeGreaterThan(10)
  })
})
