import type { Channel, OperatorName, Right, RightsId } from '#protocol'
import { dueAt } from './deadlines.ts'

/**
 * What somebody demanded, and where it stands. Times in ms since the epoch.
 *
 *   received --done--> done --withdraw--> withdrawn     (only what goes on once it is done: a restriction, an objection)
 *      | |  \--refuse--> refused
 *      | \--withdraw--> withdrawn
 *      \--extend--> received, once
 */
export type Demand = {
  readonly id: RightsId
  readonly right: Right
  readonly how: Channel
  readonly receivedAt: number
  readonly isExtended: boolean
} & (
  | { readonly state: 'received' }
  | { readonly state: 'done' | 'refused' | 'withdrawn'; readonly closedAt: number }
)

export type DemandAct = 'extend' | 'done' | 'refuse' | 'withdraw'

/** The very same demand where the act does not apply to it. */
export function step(demand: Demand, act: DemandAct, now: number): Demand {
  switch (demand.state) {
    case 'received':
      if (act === 'extend') return extended(demand, now)
      return { ...demand, state: outcomes[act], closedAt: now }
    case 'done':
      return act === 'withdraw' && goesOn(demand.right)
        ? { ...demand, state: 'withdrawn', closedAt: now }
        : demand
    case 'refused':
    case 'withdrawn':
      return demand
  }
}

/** Because of this demand its person is never recorded: they said so, or they objected and were not refused. */
export const bars = ({ right, state }: Demand): boolean =>
  (right === 'restrict' && state === 'done') ||
  (right === 'object' && (state === 'received' || state === 'done'))

/** Who acts: the person on their page, or an operator for a letter. */
export type Actor = { readonly how: Channel; readonly by: OperatorName | null }

/** Once, and while the first month runs: the person has to hear of it within that month (GDPR art. 12(3)). */
function extended(demand: Extract<Demand, { state: 'received' }>, now: number): Demand {
  const isLate = now > dueAt(demand.receivedAt, false)
  return demand.isExtended || isLate ? demand : { ...demand, isExtended: true }
}

const goesOn = (right: Right): boolean => right === 'restrict' || right === 'object'

const outcomes = { done: 'done', refuse: 'refused', withdraw: 'withdrawn' } as const
