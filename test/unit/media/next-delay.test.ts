import { expect, test } from 'vitest'
import { nextDelay } from '../../../src/media/worker-pool.ts'

test('a worker that dies young is replaced after ever longer delays, at most 10 s', () => {
  const delays: number[] = []
  for (let last = 0; delays.length < 10; ) delays.push((last = nextDelay(last, 0)))
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
})

test.each([
  [9_999, 3200],
  [10_000, 0],
])('after a life of %i ms the next start waits %i ms', (livedMs, delayMs) => {
  expect(nextDelay(1600, livedMs)).toBe(delayMs)
})
