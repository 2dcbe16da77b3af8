import type { PersonId, RequestId } from '#protocol'
import type { Peer } from './peer.ts'

/** A page that has not shown the mark by then is not waited for any longer; its person is not recorded. */
const showWithinMs = 10_000

/** Asks every page of each person to show the mark. `shown` comes once for each person all of whose pages did. */
export function showOnAllPages(
  people: readonly PersonId[],
  requestId: RequestId,
  pagesOf: (person: PersonId) => readonly Peer[],
  shown: (person: PersonId) => void,
): void {
  for (const person of people) {
    const pages = pagesOf(person).filter(({ connected }) => connected)
    const asked = pages.map((page) => page.ask('recording.show', { requestId }, AbortSignal.timeout(showWithinMs)))
    // A page that refuses or is gone leaves its person out of the recording: nothing else follows from it.
    void Promise.all(asked).then(() => shown(person), () => undefined)
  }
}
