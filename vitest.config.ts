import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** Published vectors are kept beside the checkout, never in it; their tests run where they are at hand. */
const vectors = existsSync(new URL('../shared/vectors', import.meta.url))
  ? ['test/vectors/**/*.test.ts']
  : []

/** One project per kind of test; integration tests start real workers, so their files run one after another. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'test/*.test.ts',
            'test/unit/**/*.test.ts',
            'test/contract/**/*.test.ts',
            ...vectors,
          ],
          // Properties run thousands of cases; on a busy machine that takes longer than the usual five seconds.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
