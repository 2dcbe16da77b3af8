import { ensureClient } from './setup/client.mjs'
import { setUp } from './setup/index.mjs'
import { command, step } from './setup/say.mjs'
import { countPlaywright, countVitest, oneTest, summary, total } from './test/counts.mjs'
import { runStage } from './test/stage.mjs'

const minuteMs = 60_000

/** @type {readonly import('./test/stage.mjs').Stage[]} */
const stages = [
  { title: 'Types', program: 'tsc', args: [], limitMs: 5 * minuteMs },
  { title: 'Lint', program: 'oxlint', args: ['--type-aware'], limitMs: 5 * minuteMs },
  vitest('Unit, property, contract and architecture tests', 'unit', 10 * minuteMs),
  vitest('Integration tests', 'integration', 20 * minuteMs),
  {
    title: 'Browser tests',
    program: 'playwright',
    args: ['test', '--reporter=list,json'],
    limitMs: 30 * minuteMs,
    count: countPlaywright,
  },
]

await command(async () => {
  const env = await setUp({ forTests: true })
  const counts = [await buildClient()]
  // Every stage runs, whatever the ones before it did: one run shows all that is wrong.
  for (const stage of stages) counts.push(await runStage(stage, env))

  const sum = total(counts)
  console.log(`\n${summary(sum)}`)
  return sum.failed === 0 && sum.passed > 0 ? 0 : 1
})

/** The client's build is a test too: the browser tests need it, and the others run without it. */
async function buildClient() {
  try {
    await step('Client', ensureClient, String)
    return oneTest(true)
  } catch (error) {
    console.error(`✗ ${error instanceof Error ? error.message : String(error)}`)
    return oneTest(false)
  }
}

/**
 * @param {string} title
 * @param {string} project
 * @param {number} limitMs
 * @returns {import('./test/stage.mjs').Stage}
 */
function vitest(title, project, limitMs) {
  return {
    title,
    program: 'vitest',
    args: [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=$REPORT',
    ],
    limitMs,
    count: countVitest,
  }
}
