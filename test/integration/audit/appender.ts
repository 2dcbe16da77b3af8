import { openConsentLog, recordHeader } from '#audit'
import { logOptions } from '../../support/log-files.ts'

/**
 * Appends entries until it is killed, and prints each one it was promised: `<key> <index>`. Keys are those of the round,
 * so that a later round can repeat them.
 */
const [dir = '', round = '0', inFlight = '8'] = process.argv.slice(2)
const log = await openConsentLog({
  ...logOptions(dir),
  onFailed: (cause) => {
    throw cause
  },
})
process.stdout.write('open\n')
let next = 0
await Promise.all(
  Array.from({ length: Number(inFlight) }, async () => {
    for (;;) {
      const key = `${round}-${next++}`
      const core = {
        ...recordHeader('session-open', key),
        event: { state: 'opened' as const, time: Date.now() },
      }
      const { index } = await log.append({ key, core })
      process.stdout.write(`${key} ${index}\n`)
    }
  }),
)
