import type { SQLOutputValue } from 'node:sqlite'
import { blob, integer, text } from '#audit'
import { Channel, PersonId, type OperatorName, Right, RightsId, RightsState, SessionId } from '#protocol'
import type { Demand } from './demand.ts'

export type Row = Record<string, SQLOutputValue>

/** A person in one call, as an erasure names them: it outlives the link to their account. */
export type OwnRef = { readonly person: PersonId; readonly session: SessionId }

/** What is left of an erasure. `isAll`: what happened goes too, not only who it was. `by`: the operator, for a letter. */
export type Work = {
  readonly refs: readonly OwnRef[]
  readonly isAll: boolean
  readonly by: OperatorName | null
}

/** A demand as it lies there. `account`: whose; null once that was forgotten. */
export type KeptDemand = {
  readonly demand: Demand
  readonly account: Uint8Array | null
  readonly said: Uint8Array | null
  readonly work: Work | null
}

export function readDemand(row: Row): KeptDemand {
  const state = RightsState.parse(row['state'])
  const demand = {
    id: RightsId.parse(row['id']),
    right: Right.parse(row['right']),
    how: Channel.parse(row['how']),
    receivedAt: integer(row['received_ms']),
    isExtended: integer(row['extended']) === 1,
  }
  return {
    demand:
      state === 'received'
        ? { ...demand, state }
        : { ...demand, state, closedAt: integer(row['closed_ms']) },
    account: blobOrNull(row['account']),
    said: blobOrNull(row['said']),
    work: row['work'] === null ? null : readWork(text(row['work'])),
  }
}

function readWork(json: string): Work {
  const { refs, isAll, by } = JSON.parse(json) as Work
  return {
    refs: refs.map(({ person, session }) => ({
      person: PersonId.parse(person),
      session: SessionId.parse(session),
    })),
    isAll,
    by,
  }
}

const blobOrNull = (value: SQLOutputValue | undefined): Uint8Array | null =>
  value === null ? null : blob(value)
