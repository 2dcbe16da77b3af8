import type { types } from 'mediasoup'

/** At most so many people are shown as speaking at once. */
const maxSpeakers = 4
/** Louder than a quiet room, in dBov (RFC 6464). */
const thresholdDbov = -55
const everyMs = 400

/**
 * Watches the loudness that microphones announce in their packets. `onChange` gets the producers above the threshold,
 * loudest first, whenever that list changes. Ends with its router.
 */
export async function watchSpeakers(
  router: types.Router,
  onChange: (producerIds: readonly string[]) => void,
): Promise<(producerId: string) => Promise<void>> {
  const observer = await router.createAudioLevelObserver({
    maxEntries: maxSpeakers,
    threshold: thresholdDbov,
    interval: everyMs,
  })
  let last = ''
  const tell = (producerIds: readonly string[]) => {
    const now = producerIds.join()
    if (now === last) return
    last = now
    onChange(producerIds)
  }
  observer.on('volumes', (volumes) => tell(volumes.map(({ producer }) => producer.id)))
  observer.on('silence', () => tell([]))
  return (producerId) => observer.addProducer({ producerId })
}
