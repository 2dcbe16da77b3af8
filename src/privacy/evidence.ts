import { CallError } from '#protocol'
import { holdsOf, keptEvidence, keptRecordings, serverId, type KeptWorld } from './kept.ts'
import { dayMs, dueOf, outlived } from './retention.ts'
import type { Shelf } from './shelf.ts'

/** What the log can say: of each call until the end that its notice promised, and never before its recordings are gone. */
export function evidenceShelf(world: KeptWorld): Shelf {
  const { lives, log } = world
  /** Calls of which a recording lay there when `due` looked. */
  let recorded: ReadonlySet<string | null> = new Set()
  return {
    kind: 'evidence',
    async due(now) {
      const rules = { lives, now, holds: await holdsOf(world) }
      const recordings = await keptRecordings(world)
      recorded = new Set(recordings.map(({ session }) => session))
      const gone = dueOf('recording', recordings, rules)
      return dueOf('evidence', outlived(await keptEvidence(world), recordings, gone), rules)
    },
    async remove(id) {
      if (recorded.has(id))
        throw new CallError('BAD_REQUEST', 'a recording of this call could not be removed')
      const target =
        id === serverId
          ? { beforeMs: world.now() - lives.evidence * dayMs + 1 }
          : { session: id }
      const { held } = await log.ask({ what: 'erase', target, reason: 'retention' })
      if (held.length > 0) throw new CallError('BAD_REQUEST', 'it was put on hold just now')
    },
  }
}
