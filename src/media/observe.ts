import type { types } from 'mediasoup'
import type { Source } from '#protocol'
import { asking } from './failures.ts'
import { SenderReports } from './sender-reports.ts'

/** Sender reports for taps to come, and the loudness of a microphone. Closes the producer when that fails. */
export async function observe(
  producer: types.Producer,
  source: Source,
  watchLoudness: Promise<(producerId: string) => Promise<void>>,
): Promise<SenderReports> {
  try {
    return await asking('NOT_FOUND', 'this producer has ended', async () => {
      const watch = await watchLoudness
      const [reports] = await Promise.all([
        SenderReports.of(producer),
        source === 'microphone' && watch(producer.id),
      ])
      return reports
    })
  } catch (error) {
    producer.close()
    throw error
  }
}
