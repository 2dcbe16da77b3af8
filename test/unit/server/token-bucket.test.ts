import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from '../../../src/server/token-bucket.ts'

test('allows the burst, then says how long the next one has to wait', () => {
  const bucket = new TokenBucket(3, 10, 0)
  expect([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([
    0, 0, 0, 100, 200,
  ])
})

test('gives back what time brings, and never more than the burst', () => {
  const bucket = new TokenBucket(2, 10, 0)
  expect([bucket.take(0), bucket.take(0), bucket.take(50), bucket.take(300)]).toEqual([0, 0, 50, 0])
  expect([bucket.take(1e9), bucket.take(1e9), bucket.take(1e9)]).toEqual([0, 0, 100])
})

test('is flooded once as much again was asked in vain', () => {
  const bucket = new TokenBucket(2, 1, 0)
  const flooded = Array.from({ length: 5 }, () => {
    bucket.take(0)
    return bucket.isFlooded
  })
  expect(flooded).toEqual([false, false, false, false, true])
})

test('a clock that jumps back gives nothing', () => {
  const bucket = new TokenBucket(1, 1000, 5000)
  expect(bucket.take(5000)).toBe(0)
  expect(bucket.take(1000)).toBe(1)
})

test('property: never allows more than the burst and the rate together', () => {
  let reached = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 200 }),
      (capacity, perSecond, gaps) => {
        const bucket = new TokenBucket(capacity, perSecond, 0)
        let [now, allowed] = [0, 0]
        for (const gap of gaps) {
          now += gap
          if (bucket.take(now) === 0) allowed += 1
          else reached += 1
        }
        expect(allowed).toBeLessThanOrEqual(capacity + (now * perSecond) / 1000)
      },
    ),
  )
  expect(reached).toBeGreaterThan(0)
})
