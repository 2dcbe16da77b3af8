import type { Outcome, PauseCause } from '#protocol'
import { agreed, isBarred, present, type Member, type Named, type People } from './people.ts'
import type { AuditEvent, Current, Effect, Ended, Opening, Run, Step } from './state.ts'

export const auditOf = ({ requestId }: Run, event: AuditEvent): Effect => ({
  type: 'audit',
  requestId,
  event,
})

/** Ends a run that never recorded, or what is left to do after the gate was closed. */
export function over(
  current: Current,
  outcome: Outcome,
  recordedMs: number,
  effects: readonly Effect[],
): Step<Ended> {
  const { run, people } = current
  const isRefusal =
    outcome === 'declined' ||
    outcome === 'expired' ||
    outcome === 'notAll' ||
    outcome === 'cancelled'
  // However it ended: asking those again who said no, or let the time run out, would be pressure.
  const refused = isRefusal || [...people.values()].some(saidNo)
  const asked = refused ? new Set(current.asked).add(run.purpose) : current.asked
  return [
    { state: 'ended', run, people, asked, outcome, recordedMs },
    [...effects, auditOf(run, { event: 'over', outcome })],
  ]
}

const saidNo = ({ standing }: Member): boolean =>
  standing.is === 'withdrawn' || (standing.is === 'refused' && standing.cause !== 'disconnect')

/** Logs the notice for all who may answer it; who is never recorded is told, not asked. */
export const requestFor = (run: Run, people: People): Effect =>
  auditOf(run, {
    event: 'request',
    people: [...people]
      .filter(([, member]) => !isBarred(member))
      .map(([person]) => person),
  })

/** Asks the log for a gate that names everyone who agreed, with the yes of each. */
export function gateOpen(
  run: Run,
  people: People,
  gate: number,
): { wanted: Named; effect: Effect } {
  const wanted = new Map(agreed(people).map(([person, { standing }]) => [person, standing.index]))
  const here = present(people).map(([person]) => person)
  const event = {
    event: 'gateOpen',
    gate,
    people: [...wanted.keys()],
    decisions: [...wanted.values()],
    present: here,
  } as const
  return { wanted, effect: auditOf(run, event) }
}

/** On the way to recording, for the first time or after a pause. */
export function opening(
  current: Current,
  gate: number,
  recordedMs: number,
  resuming: PauseCause | null,
  effects: readonly Effect[],
): Step<Opening> {
  const { run, people, asked } = current
  const { wanted, effect } = gateOpen(run, people, gate)
  return [
    { state: 'opening', run, people, asked, recordedMs, gate, wanted, resuming },
    [...effects, effect],
  ]
}
