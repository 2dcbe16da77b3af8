import { describe, expect, test } from 'vitest'
import { added, emptyRow, table, verdict } from '../../crash/table.ts'
import { emptyStory } from '../../crash/story.ts'

const well = {
  name: 'kill 1',
  acknowledged: 10,
  complaints: [],
  proof: {
    unacknowledged: 2,
    lost: 0,
    gaps: 0,
    wrongRoots: 0,
    otherReceipts: 0,
    refused: 0,
    complaints: [],
    story: emptyStory,
  },
}
const rowOf = (isControl: boolean, ...cases: readonly (typeof well)[]) =>
  cases.reduce(added, emptyRow('killed', isControl))
const wrong = ['lost', 'gaps', 'wrongRoots', 'otherReceipts', 'refused'] as const

describe('the verdict', () => {
  test('is "kept" when nothing is wrong in any case, and there was one', () => {
    expect(verdict(rowOf(false, well, well))).toBe('kept')
    expect(verdict(rowOf(false))).toBe('BROKEN')
  })

  test.each(wrong)('is "BROKEN" when one case counts one of %s', (what) => {
    const ill = { ...well, proof: { ...well.proof, [what]: 1 } }
    expect(verdict(rowOf(false, well, ill, well))).toBe('BROKEN')
  })

  test('is "BROKEN" when there is anything to say of a case or its proof', () => {
    const ofCase = { ...well, complaints: ['it hung'] as never[] }
    const ofProof = { ...well, proof: { ...well.proof, complaints: ['root-mismatch'] as never[] } }
    expect(verdict(rowOf(false, well, ofCase))).toBe('BROKEN')
    expect(verdict(rowOf(false, ofProof, well))).toBe('BROKEN')
  })

  test('on the control is "BLIND" unless it lost what it had promised', () => {
    expect(verdict(rowOf(true, well))).toBe('BLIND')
    const refused = { ...well, proof: { ...well.proof, refused: 1 } }
    expect(verdict(rowOf(true, well, refused))).toBe('BLIND')
    const lost = { ...well, proof: { ...well.proof, lost: 1 } }
    expect(verdict(rowOf(true, well, lost))).toBe('lost, as it must')
  })
})

test('a row adds up its cases and names those that something is said of', () => {
  const ill = {
    ...well,
    proof: { ...well.proof, lost: 3, complaints: ['a was 0, is 7'] as never[] },
  }
  const row = rowOf(false, well, ill)
  expect(row).toMatchObject({ cases: 2, acknowledged: 20, lost: 3, unacknowledged: 4 })
  expect(row.complaints).toEqual(['kill 1: a was 0, is 7'])
  expect(table([row]).split('\n')[1]).toMatch(/^killed +2 +20 +3 +0 +0 +0 +0 +4 +BROKEN$/)
})
