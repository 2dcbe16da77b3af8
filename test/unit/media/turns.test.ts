import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Turns } from '../../../src/media/turns.ts'

test('never more than the limit is in flight, whoever asks, and the limit is used', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 16 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 }),
      async (limit, sizes) => {
        const turns = new Turns(limit)
        let inFlight = 0
        let most = 0
        const work = async () => {
          most = Math.max(most, ++inFlight)
          await nextTurn()
          inFlight -= 1
        }
        await Promise.all(sizes.map((size) => turns.each(Array.from({ length: size }, () => work))))
        expect(most).toBe(
          Math.min(
            limit,
            sizes.reduce((sum, each) => sum + each, 0),
          ),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('results come in the order of the work, not of its end', async () => {
  const slow = Promise.withResolvers<string>()
  const results = new Turns(2).each([
    () => slow.promise,
    async () => {
      slow.resolve('slow')
      return 'fast'
    },
  ])
  expect(await results).toEqual(['slow', 'fast'])
})

test('who asks for little does not wait for all of who asked for much', async () => {
  const turns = new Turns(1)
  const done: string[] = []
  const work = (name: string) => async () => {
    done.push(name)
  }
  await Promise.all([
    turns.each(Array.from({ length: 5 }, () => work('much'))),
    turns.each([work('little')]),
  ])
  expect(done).toEqual(['much', 'much', 'little', 'much', 'much', 'much'])
})

test('a failure is told after the rest is done, to its own caller only', async () => {
  const turns = new Turns(2)
  const done: number[] = []
  const failing = turns.each([
    async () => {
      throw new Error('first')
    },
    async () => {
      throw new Error('second')
    },
    async () => {
      done.push(3)
    },
  ])
  const other = turns.each([async () => 'other'])
  await expect(failing).rejects.toThrow('first')
  expect(done).toEqual([3])
  expect(await other).toEqual(['other'])
})

test('the event loop turns between two portions', async () => {
  const turns = new Turns(4)
  let loops = 0
  let isDone = false
  const loop = () => {
    loops += 1
    if (!isDone) setImmediate(loop)
  }
  setImmediate(loop)
  await turns.each(Array.from({ length: 40 }, () => async () => undefined))
  isDone = true
  expect(loops).toBeGreaterThanOrEqual(9)
})

test('no work is done at once', async () => {
  expect(await new Turns(1).each([])).toEqual([])
})

const nextTurn = () =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
