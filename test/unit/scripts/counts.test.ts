import { expect, test } from 'vitest'
import {
  countPlaywright,
  countVitest,
  noCounts,
  oneTest,
  settle,
  summary,
  total,
} from '../../../scripts/test/counts.mjs'

test('the last line is exactly this', () => {
  expect(summary({ passed: 12, failed: 0, skipped: 3 })).toBe('12 passed, 0 failed, 3 skipped')
})

test('the sum adds each kind for itself', () => {
  const sum = total([
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 20, skipped: 30 },
  ])
  expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 })
  expect(total([])).toEqual(noCounts)
})

test('a stage that ran no test has failed, even if its program is content', () => {
  expect(settle(noCounts, true)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  expect(settle({ passed: 0, failed: 0, skipped: 4 }, true)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 4,
  })
})

test('a program that ends badly though its tests passed has failed once', () => {
  expect(settle({ passed: 5, failed: 0, skipped: 0 }, false)).toEqual({
    passed: 5,
    failed: 1,
    skipped: 0,
  })
})

test('failed tests are not counted twice', () => {
  expect(settle({ passed: 5, failed: 2, skipped: 0 }, false)).toEqual({
    passed: 5,
    failed: 2,
    skipped: 0,
  })
})

test('a stage without tests to count is one', () => {
  expect(oneTest(true)).toEqual({ passed: 1, failed: 0, skipped: 0 })
  expect(oneTest(false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

const vitest = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 3 }

test('vitest: pending and to-do tests are skipped ones', () => {
  expect(countVitest({ ...vitest, testResults: [] })).toEqual({ passed: 7, failed: 1, skipped: 5 })
})

test('vitest: a file that broke before its first test is a failure, one with a failed test is not another', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
    { status: 'passed', assertionResults: [] },
  ]
  expect(countVitest({ ...vitest, testResults }).failed).toBe(2)
})

test('Playwright: flaky tests and errors outside the tests are failures', () => {
  const stats = { expected: 4, unexpected: 1, flaky: 2, skipped: 3 }
  expect(countPlaywright({ stats, errors: [] })).toEqual({ passed: 4, failed: 3, skipped: 3 })
  expect(countPlaywright({ stats, errors: [{ message: 'global set-up' }] }).failed).toBe(4)
})

test('a report of another shape is not counted as nothing', () => {
  expect(() => countVitest({})).toThrow('the report has no testResults')
  expect(() => countVitest({ ...vitest, numPassedTests: '7', testResults: [] })).toThrow(
    "the report's numPassedTests is no number",
  )
  expect(() => countPlaywright(null)).toThrow('the report has no stats')
})
