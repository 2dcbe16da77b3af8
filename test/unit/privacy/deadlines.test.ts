import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueAt, isOverdue } from '../../../src/privacy/deadlines.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const shown = (ms: number): string => new Date(ms).toISOString().slice(0, 19)

describe('a demand is due a calendar month after it came, three where it was extended (art. 12(3))', () => {
  test.each([
    ['an ordinary day', '2026-03-10T09:30:05', '2026-04-10T09:30:05', '2026-06-10T09:30:05'],
    ['31 January', '2026-01-31T10:00:00', '2026-02-28T10:00:00', '2026-04-30T10:00:00'],
    ['31 January of a leap year', '2028-01-31T10:00:00', '2028-02-29T10:00:00', '2028-04-30T10:00:00'],
    ['29 February', '2028-02-29T10:00:00', '2028-03-29T10:00:00', '2028-05-29T10:00:00'],
    ['30 January', '2026-01-30T23:59:59', '2026-02-28T23:59:59', '2026-04-30T23:59:59'],
    ['30 November', '2027-11-30T00:00:00', '2027-12-30T00:00:00', '2028-02-29T00:00:00'],
    ['31 December', '2026-12-31T12:00:00', '2027-01-31T12:00:00', '2027-03-31T12:00:00'],
    ['31 August', '2026-08-31T12:00:00', '2026-09-30T12:00:00', '2026-11-30T12:00:00'],
  ])('%s', (_, came, due, extended) => {
    expect(shown(dueAt(at(came), false))).toBe(due)
    expect(shown(dueAt(at(came), true))).toBe(extended)
  })

  test('never later than the same day of the month, and at most three days before it', () => {
    const day = fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(day, fc.boolean(), (came, isExtended) => {
        const due = new Date(dueAt(came.getTime(), isExtended))
        const months =
          (due.getUTCFullYear() - came.getUTCFullYear()) * 12 + due.getUTCMonth() - came.getUTCMonth()
        expect(months).toBe(isExtended ? 3 : 1)
        const short = came.getUTCDate() - due.getUTCDate()
        expect(short).toBeGreaterThanOrEqual(0)
        expect(short).toBeLessThanOrEqual(3)
        expect(due.getTime() % 86_400_000).toBe(came.getTime() % 86_400_000)
      }),
    )
  })
})

describe('a demand is overdue', () => {
  const demand = { state: 'received', receivedAt: at('2026-03-10T09:00:00'), isExtended: false }

  test('from the moment after its month, not at its last', () => {
    const due = at('2026-04-10T09:00:00')
    expect(isOverdue(demand, due)).toBe(false)
    expect(isOverdue(demand, due + 1)).toBe(true)
    expect(isOverdue({ ...demand, isExtended: true }, due + 1)).toBe(false)
  })

  test.each(['done', 'refused', 'withdrawn'])('never once it is %s', (state) => {
    expect(isOverdue({ ...demand, state }, at('2030-01-01T00:00:00'))).toBe(false)
  })
})
