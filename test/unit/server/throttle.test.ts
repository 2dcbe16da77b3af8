import { describe, expect, test } from 'vitest'
import { networkOf, Throttle, type Suspicion } from '../../../src/server/throttle.ts'

const throttle = (maxAddresses = 100) =>
  new Throttle({ slowAfter: 5, blockAfter: 20, maxAddresses })
const note = (
  into: Throttle,
  key: string,
  times: number,
  suspicion: Suspicion = 'token',
  now = 0,
) => {
  for (let i = 0; i < times; i += 1) into.note(key, suspicion, now)
}

describe('an address', () => {
  test('without trouble is free', () => {
    expect(throttle().judge('a', 0)).toEqual({ how: 'free' })
  })

  test('is slowed from 5 points on, ever more, up to 3 s', () => {
    const own = throttle()
    note(own, 'a', 4)
    expect(own.judge('a', 0)).toEqual({ how: 'free' })
    note(own, 'a', 1)
    expect(own.judge('a', 0)).toEqual({ how: 'slowed', ms: 250 })
    note(own, 'a', 1)
    expect(own.judge('a', 0)).toEqual({ how: 'slowed', ms: 500 })
    note(own, 'a', 13)
    expect(own.judge('a', 0)).toEqual({ how: 'slowed', ms: 3000 })
    expect(own.judge('b', 0)).toEqual({ how: 'free' })
  })

  test('is blocked from 20 points on, for two minutes at most', () => {
    const own = throttle()
    note(own, 'a', 20)
    expect(own.judge('a', 0)).toEqual({ how: 'blocked', ms: 1000 })
    note(own, 'a', 10_000)
    expect(own.judge('a', 0)).toEqual({ how: 'blocked', ms: 121_000 })
    expect(own.judge('a', 120_000)).toMatchObject({ how: 'blocked' })
    expect(own.judge('a', 120_001)).toMatchObject({ how: 'slowed' })
  })

  test('is forgiven one point every 6 s', () => {
    const own = throttle()
    note(own, 'a', 5)
    expect(own.judge('a', 1)).toEqual({ how: 'free' })
    note(own, 'a', 1, 'token', 6000)
    expect(own.judge('a', 6000)).toMatchObject({ how: 'slowed' })
    note(own, 'a', 1, 'token', 3_600_000)
    expect(own.judge('a', 3_600_000)).toEqual({ how: 'free' })
  })

  test.each<[Suspicion, number]>([
    ['token', 20],
    ['origin', 20],
    ['flood', 4],
    ['malformed', 4],
    ['probe', 40],
  ])('%s: the %i-th blocks', (suspicion, times) => {
    const own = throttle()
    note(own, 'a', times - 1, suspicion)
    expect(own.judge('a', 0).how).not.toBe('blocked')
    note(own, 'a', 1, suspicion)
    expect(own.judge('a', 0).how).toBe('blocked')
  })
})

test('the table is bounded, and forgets the longest quiet first', () => {
  const own = throttle(3)
  note(own, 'a', 20)
  note(own, 'b', 20)
  note(own, 'a', 1)
  for (const key of ['c', 'd']) note(own, key, 1)
  expect(own.size).toBe(3)
  expect(own.judge('a', 0).how).toBe('blocked')
  expect(own.judge('b', 0).how).toBe('free')
})

test('an address is known by a keyed hash, another in every process', () => {
  const [one, two] = [throttle(), throttle()]
  expect(one.keyOf('192.0.2.1')).toBe(one.keyOf('192.0.2.1'))
  expect(one.keyOf('192.0.2.1')).not.toBe(one.keyOf('192.0.2.2'))
  expect(one.keyOf('192.0.2.1')).not.toBe(two.keyOf('192.0.2.1'))
  expect(one.keyOf('192.0.2.1')).toMatch(/^[\w+/]{22}$/)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::1', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['1::', '1:0:0:0'],
  ['', ''],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
