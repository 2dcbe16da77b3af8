import { describe, expect, test } from 'vitest'
import { gridOf, inOrder, pageSizeOf, pagesOf, startOf } from '../../../client/web/call/grid.ts'

const desktop = { width: 1248, height: 640 }
const phone = { width: 374, height: 620 }
const people = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ peerId: `p${place}` }))
const idsOf = (ordered: readonly { peerId: string }[]) => ordered.map(({ peerId }) => peerId)

describe('the grid gives each face the largest picture', () => {
  test.each([
    [1, 1, 1],
    [2, 2, 1],
    [3, 2, 2],
    [4, 2, 2],
    [5, 3, 2],
    [6, 3, 2],
    [7, 3, 3],
    [9, 3, 3],
    [10, 4, 3],
    [12, 4, 3],
    [16, 4, 4],
    [17, 5, 4],
    [20, 5, 4],
    [25, 5, 5],
  ])('%i people on a desktop: %i × %i', (count, columns, rows) => {
    expect(gridOf(count, desktop, false)).toEqual({ columns, rows })
  })

  test('two people stand side by side where that costs nothing', () => {
    expect(gridOf(2, { width: 1600, height: 900 }, false)).toEqual({ columns: 2, rows: 1 })
  })

  test('two people stand above each other where the stage is narrow', () => {
    expect(gridOf(2, { width: 700, height: 700 }, false)).toEqual({ columns: 1, rows: 2 })
  })

  test.each([
    [1, 1, 1],
    [2, 1, 2],
    [3, 2, 2],
    [4, 2, 2],
    [5, 2, 3],
    [6, 2, 3],
  ])('%i people on a phone: %i × %i', (count, columns, rows) => {
    expect(gridOf(count, phone, true)).toEqual({ columns, rows })
  })
})

test('a short last row starts so that it stands in the middle, and only its first tile is moved', () => {
  const grid = { columns: 3, rows: 2 }
  expect([0, 1, 2, 3, 4].map((place) => startOf(place, 5, grid))).toEqual([
    undefined,
    undefined,
    undefined,
    2,
    undefined,
  ])
  expect(startOf(3, 4, grid)).toBe(3)
  expect([0, 3, 5].map((place) => startOf(place, 6, grid))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('pages hold 25 people, on phones 6, and nobody is on two of them', () => {
  expect([pageSizeOf(false), pageSizeOf(true)]).toEqual([25, 6])
  expect(pagesOf([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([[1, 2, 3], [4, 5, 6], [7]])
  expect(pagesOf([], 6)).toEqual([[]])
})

describe('people keep their places', () => {
  test('in the order of arrival, you last', () => {
    expect(idsOf(inOrder(people(4), 'p1', new Set(['p3']), 6))).toEqual(['p0', 'p2', 'p3', 'p1'])
  })

  test('who spoke lately comes first only where one page does not hold all, and you stay last on page one', () => {
    expect(idsOf(inOrder(people(5), 'p0', new Set(['p4', 'p2']), 3))).toEqual([
      'p2',
      'p4',
      'p0',
      'p1',
      'p3',
    ])
    expect(idsOf(inOrder(people(3), 'p0', new Set(['p2']), 3))).toEqual(['p1', 'p2', 'p0'])
  })
})
