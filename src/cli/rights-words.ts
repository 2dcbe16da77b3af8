import type { Erased, OperatorResult, RightsRequest } from '#protocol'
import { printable } from './command.ts'

type Open = OperatorResult<'rights.list'>['open']

/** The most urgent first, one a line. Nobody's name stands in it. */
export function tellOpen(open: Open, now: number): string {
  if (open.length === 0) return 'Nobody waits for an answer.\n'
  const rows = open.map(({ id, right, how, receivedAt, dueAt, isExtended, isOverdue }) => {
    const days = Math.ceil((dueAt - now) / dayMs)
    const left = isOverdue ? 'OVERDUE' : days === 1 ? '1 day left' : `${days} days left`
    const extended = isExtended ? ', extended' : ''
    return `${id}  ${right.padEnd(8)} by ${how.padEnd(6)} came ${day(receivedAt)}  due ${day(dueAt)}  ${left}${extended}`
  })
  return `${rows.join('\n')}\n`
}

export function tellRequest({ id, right, state, dueAt, closedAt, reason }: RightsRequest): string {
  const when = closedAt === null ? `, due ${day(dueAt)}` : ` on ${day(closedAt)}`
  const why = reason === null ? '' : `\nThe person is told: ${printable(reason)}`
  return `${id}  ${right}: ${state}${when}${why}\n`
}

/** What is gone, what stays of it, why, and until when: what the person has to be told. */
export function tellErased({ request, tracks, whole, stays }: Erased): string {
  const rows = stays.map(({ session, why, until }) => {
    const end = until === null ? 'no day yet' : `until ${day(until)}`
    return why === 'hold'
      ? `${session}  stays whole: on hold as evidence for a claim; it goes when that is lifted`
      : `${session}  stays without the name: it proves others’ consent; ${end}`
  })
  return [
    tellRequest(request).trimEnd(),
    `Destroyed: ${tracks} tracks in recordings. Gone whole: ${whole} calls.`,
    ...rows,
    '',
  ].join('\n')
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
const dayMs = 86_400_000
