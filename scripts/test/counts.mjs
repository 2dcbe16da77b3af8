/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const noCounts = { passed: 0, failed: 0, skipped: 0 }

/**
 * What a stage is worth once its program has ended. One that ends badly with no failed test has
 * failed (a crash, an error outside the tests), and so has one that ran no test at all: a missing
 * configuration must not look like success.
 *
 * @param {Counts} counts
 * @param {boolean} endedWell
 * @returns {Counts}
 */
export function settle(counts, endedWell) {
  const ranNothing = counts.passed + counts.failed === 0
  return counts.failed === 0 && (!endedWell || ranNothing) ? { ...counts, failed: 1 } : counts
}

/**
 * A stage that has no tests to count, such as the type check, is one test itself.
 *
 * @param {boolean} endedWell
 * @returns {Counts}
 */
export function oneTest(endedWell) {
  return endedWell ? { ...noCounts, passed: 1 } : { ...noCounts, failed: 1 }
}

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function total(all) {
  return all.reduce(
    (sum, each) => ({
      passed: sum.passed + each.passed,
      failed: sum.failed + each.failed,
      skipped: sum.skipped + each.skipped,
    }),
    noCounts,
  )
}

/** @param {Counts} counts */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/**
 * @param {unknown} report vitest's JSON report
 * @returns {Counts}
 */
export function countVitest(report) {
  const suites = list(report, 'testResults')
  // A file that fails before its first test (a bad import) appears with no tests at all.
  const brokenFiles = suites.filter(
    (suite) => text(suite, 'status') === 'failed' && list(suite, 'assertionResults').length === 0,
  )
  return {
    passed: number(report, 'numPassedTests'),
    failed: number(report, 'numFailedTests') + brokenFiles.length,
    skipped: number(report, 'numPendingTests') + number(report, 'numTodoTests'),
  }
}

/**
 * @param {unknown} report Playwright's JSON report
 * @returns {Counts} a test that passed only when tried again has failed: users meet what it hides
 */
export function countPlaywright(report) {
  const stats = field(report, 'stats')
  return {
    passed: number(stats, 'expected'),
    failed: number(stats, 'unexpected') + number(stats, 'flaky') + list(report, 'errors').length,
    skipped: number(stats, 'skipped'),
  }
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown}
 */
function field(value, name) {
  if (typeof value !== 'object' || value === null || !(name in value)) {
    throw new Error(`the report has no ${name}`)
  }
  return Reflect.get(value, name)
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function number(value, name) {
  const found = field(value, name)
  if (typeof found !== 'number') throw new Error(`the report's ${name} is no number`)
  return found
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function text(value, name) {
  const found = field(value, name)
  if (typeof found !== 'string') throw new Error(`the report's ${name} is no text`)
  return found
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {readonly unknown[]}
 */
function list(value, name) {
  const found = field(value, name)
  if (!Array.isArray(found)) throw new Error(`the report's ${name} is no list`)
  return found
}
