import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arcsOf } from '../../../client/web/record/arcs.ts'

test('one arc per person, filled in the order of answers', () => {
  expect(arcsOf(2, 5)).toEqual([
    { length: 15, offset: -2.5, filled: true },
    { length: 15, offset: -22.5, filled: true },
    { length: 15, offset: -42.5, filled: false },
    { length: 15, offset: -62.5, filled: false },
    { length: 15, offset: -82.5, filled: false },
  ])
})

test('all arcs are filled when all have answered and never before', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 0, max: 200 }),
      (total, some) => {
        const answered = Math.min(some, total)
        const filled = arcsOf(answered, total).filter((arc) => arc.filled).length
        expect(filled === arcsOf(answered, total).length).toBe(answered === total)
        expect(arcsOf(answered, total).length).toBeLessThanOrEqual(24)
      },
    ),
  )
})

test('the arcs and their gaps make one circle, and no arc touches the next', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (total) => {
      const arcs = arcsOf(0, total)
      const step = 100 / arcs.length
      for (const [place, { length, offset }] of arcs.entries()) {
        expect(length).toBeCloseTo(step * 0.75)
        expect(-offset).toBeCloseTo(step / 8 + place * step)
      }
    }),
  )
})
