import type { PersonId, RequestId } from '#protocol'
import type { Peer } from './peer.ts'

/** A page that has not shown the mark by then is not waited for any longer; its person is not recorded. */
const showWithinMs = 10_000

/** Asks every page of each person to show the mark. `shown` comes once for each person on all of whose pages it stands. */
export function showOnAllPages(
  people: readonly PersonId[],
  requestId: RequestId,
  pagesOf: (person: PersonId) => readonly Peer[],
  shown: (person: PersonId) => void,
): void {
  // A page that is entering is asked when it is in.
  const open = (person: PersonId) =>
    pagesOf(person).filter(({ connected, entering }) => connected && !entering)
  for (const person of people) {
    const showing = new Set<Peer>()
    const asked = open(person).map(async (page) => {
      await page.ask('recording.show', { requestId }, AbortSignal.timeout(showWithinMs))
      showing.add(page)
    })
    void Promise.allSettled(asked).then(() => {
      // Those who are here now: one may have come meanwhile, and one that refused may have gone. All of nothing is no page.
      const pages = open(person)
      if (pages.length > 0 && pages.every((page) => showing.has(page))) shown(person)
    })
  }
}
