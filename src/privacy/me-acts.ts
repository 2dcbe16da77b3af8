import type { Account } from '#auth'
import type { MeAct, MeParams, MeResult } from '#protocol'
import type { Actor } from './demand.ts'
import type { RightsOffice } from './rights.ts'
import type { Tickets } from './tickets.ts'

/** What a person does on their own page, act by act. */
export type MeHandlers = {
  readonly [A in MeAct]: (who: Account, params: MeParams<A>) => Promise<MeResult<A>>
}

export function meHandlers({
  office,
  tickets,
  now,
}: {
  readonly office: RightsOffice
  readonly tickets: Tickets
  readonly now: () => number
}): MeHandlers {
  const asking = (who: Account) => ({ who, actor: themself })
  return {
    see: (who) => office.see(who),
    ticket: async (who, { lang }) => tickets.issue({ asking: asking(who), lang }, now()),
    correct: async (who, { name }) => ({ request: await office.correct(asking(who), name) }),
    restrict: async (who, { on }) => ({ request: await office.restrict(asking(who), on) }),
    object: async (who, { words }) => ({ request: await office.object(asking(who), said(words)) }),
    withdraw: async (who, { id }) => ({ request: await office.withdraw(asking(who), id) }),
    destroy: async (who, { recordingId }) => ({ tracks: await office.destroy(who, recordingId) }),
    erase: (who) => office.erase(asking(who)),
  }
}

export const said = (words: string): string | null => (words === '' ? null : words)
const themself: Actor = { how: 'page', by: null }
