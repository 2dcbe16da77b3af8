import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RtpOrder, type Ordered, type Packet } from '../../../src/recording/recorder/rtp-order.ts'

const limits = { waitMs: 100, maxHeld: 8 }

test('packets come out in the order they were sent, across the wrap of 16 bits', () => {
  const order = new RtpOrder(limits)
  expect(run(order, [65_534, 0, 65_535, 1])).toEqual(['65534', '65535', '0', '1'])
})

test('a duplicate and a packet after its turn are dropped', () => {
  const order = new RtpOrder(limits)
  expect(run(order, [5, 6, 6, 5, 7])).toEqual(['5', '6', '7'])
})

test('a missing packet is waited for until the limit, then counts as lost', () => {
  const order = new RtpOrder(limits)
  expect(run(order, [5, 7])).toEqual(['5'])
  expect(names(order.expire(1000 + 99))).toEqual([])
  expect(names(order.expire(1000 + 100))).toEqual(['7 after loss'])
  expect(run(order, [6, 8])).toEqual(['8'])
})

test('two gaps are two losses', () => {
  const order = new RtpOrder(limits)
  run(order, [5, 7, 9])
  expect(names(order.expire(2000))).toEqual(['7 after loss', '9 after loss'])
})

test('no more than maxHeld packets wait behind a gap', () => {
  const order = new RtpOrder(limits)
  run(order, [0])
  expect(run(order, [2, 3, 4, 5, 6, 7, 8, 9])).toEqual([])
  expect(run(order, [10])).toEqual(['2 after loss', '3', '4', '5', '6', '7', '8', '9', '10'])
})

test('a far jump is believed when the packet after it follows, not before', () => {
  const order = new RtpOrder(limits)
  run(order, [5])
  expect(run(order, [20_000])).toEqual([])
  expect(run(order, [6])).toEqual(['6'])
  expect(run(order, [20_000, 20_001, 20_002])).toEqual(['20001 after loss', '20002'])
})

test('at the end nothing is held back', () => {
  const order = new RtpOrder(limits)
  run(order, [5, 8, 7])
  expect(names(order.drain())).toEqual(['7 after loss', '8'])
  expect(order.drain()).toEqual([])
})

test('whatever the network does: in order, nothing twice, and each gap marked', () => {
  let shuffled = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff }),
      fc.array(
        fc.record({
          isLost: fc.boolean(),
          shift: fc.integer({ min: 0, max: 6 }),
          twice: fc.boolean(),
        }),
        { minLength: 1, maxLength: 60 },
      ),
      (start, fates) => {
        const sent = fates.flatMap(({ isLost, shift, twice }, i) =>
          isLost && i > 0
            ? []
            : (twice ? [i, i] : [i]).map((number) => ({ number, at: i + (i === 0 ? 0 : shift) })),
        )
        const arriving = sent.toSorted((a, b) => a.at - b.at).map(({ number }) => number)
        if (arriving.some((number, i) => number < (arriving[i - 1] ?? 0))) shuffled++
        const order = new RtpOrder({ waitMs: 1, maxHeld: 64 })
        const out = arriving.flatMap((number) => order.push(packet((start + number) & 0xffff)))
        out.push(...order.drain())
        const numbers = out.map(({ packet: { sequence } }) => (sequence - start) & 0xffff)
        expect(numbers).toEqual([...new Set(arriving)].toSorted((a, b) => a - b))
        expect(out.map(({ afterLoss }) => afterLoss)).toEqual(
          numbers.map((number, i) => i > 0 && number !== numbers[i - 1]! + 1),
        )
      },
    ),
  )
  expect(shuffled).toBeGreaterThan(0)
})

const packet = (sequence: number): Packet => ({
  sequence,
  timestamp: 0,
  marker: true,
  payload: new Uint8Array(1),
  arrivedAt: 1000,
})
const run = (order: RtpOrder, sequences: readonly number[]): string[] =>
  names(sequences.flatMap((one) => order.push(packet(one))))
const names = (out: readonly Ordered[]): string[] =>
  out.map(({ packet: { sequence }, afterLoss }) => `${sequence}${afterLoss ? ' after loss' : ''}`)
