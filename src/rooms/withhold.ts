import type { Account } from '#auth'
import type { Room } from './room.ts'

/**
 * From now on nothing of this person is recorded in this call: what runs of them ends first, as if they had withdrawn.
 * Resolves when that is logged, or the log has failed. Holds until they come in anew.
 */
export async function withhold({ roster, desk }: Room, who: Account): Promise<void> {
  const person = roster.known(who)
  if (person === undefined) return
  roster.heed(person, { neverRecorded: true })
  const pages = roster.pagesOf(person)
  const { consent } = desk
  if ('run' in consent) {
    const { requestId, noticeSha256 } = consent.run
    const withdrawn = { requestId, noticeSha256, decision: 'withdrawn', signed: null } as const
    desk.dispatch({ type: 'decide', person, ...withdrawn })
    if (pages.length > 0) desk.dispatch({ type: 'joined', person, barred: roster.barOf(person) })
  }
  for (const page of pages)
    page.send({ event: 'session.barred', params: { barred: roster.barOf(person) } })
  await desk.drained()
}
