import type { OwnCall, OwnEntry, RequestId } from '#sdk'
import type { Key } from '../language/languages.ts'

/** What this person said to one request, as the log has it last. */
export function saidTo({ entries }: OwnCall, requestId: RequestId): Key {
  const last = entries.findLast(
    (entry) => entry.type === 'decision' && entry.requestId === requestId,
  )
  return last === undefined ? 'me.said.none' : wordOf(last)
}

function wordOf({ state, cause }: OwnEntry): Key {
  if (state === 'given') return 'me.said.given'
  if (state === 'withdrawn') return cause === 'click' ? 'me.said.withdrawn' : 'me.said.ended'
  return cause === 'click' ? 'me.said.refused' : 'me.said.silent'
}
