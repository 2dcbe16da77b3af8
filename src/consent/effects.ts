import type { Outcome, PauseCause, PersonId } from '#protocol'
import { agreed, present, type People } from './people.ts'
import type { AuditEvent, Current, Effect, Ended, Opening, Run, Step } from './state.ts'

export const auditOf = ({ requestId }: Run, event: AuditEvent): Effect => ({ type: 'audit', requestId, event })

/** Ends a run that never recorded, or what is left to do after the gate was closed. */
export function over(current: Current, outcome: Outcome, recordedMs: number, effects: readonly Effect[]): Step<Ended> {
  const { run, people } = current
  const refused = outcome === 'declined' || outcome === 'expired' || outcome === 'notAll' || outcome === 'cancelled'
  const asked = refused ? new Set(current.asked).add(run.purpose) : current.asked
  return [
    { state: 'ended', run, people, asked, outcome, recordedMs },
    [...effects, auditOf(run, { event: 'over', outcome })],
  ]
}

/** Logs the notice for all who may answer it; a minor is told, not asked. */
export const requestFor = (run: Run, people: People): Effect => auditOf(run, {
  event: 'request',
  people: [...people].filter(([, { standing }]) => standing.is !== 'minor').map(([person]) => person),
})

/** Asks the log for a gate that names everyone who agreed, with the yes of each. */
export function gateOpen(run: Run, people: People, gate: number): { wanted: ReadonlySet<PersonId>; effect: Effect } {
  const yes = agreed(people)
  const names = yes.map(([person]) => person)
  const decisions = yes.map(([, { standing }]) => standing.index)
  const here = present(people).map(([person]) => person)
  return { wanted: new Set(names), effect: auditOf(run, { event: 'gateOpen', gate, people: names, decisions, present: here }) }
}

/** On the way to recording, for the first time or after a pause. */
export function opening(current: Current, gate: number, recordedMs: number, resuming: PauseCause | null, effects: readonly Effect[]): Step<Opening> {
  const { run, people, asked } = current
  const { wanted, effect } = gateOpen(run, people, gate)
  return [{ state: 'opening', run, people, asked, recordedMs, gate, wanted, resuming }, [...effects, effect]]
}
