import type { Outcome, PauseCause } from '#protocol'
import { auditOf, over } from './effects.ts'
import type { Effect, Paused, Running, Step } from './state.ts'

/** Stops at once; the mark must be shown again before anyone is recorded further. */
export function pause(
  before: Running,
  cause: PauseCause,
  effects: readonly Effect[],
  now: number,
): Step<Paused> {
  const { run, asked, gate } = before
  const people = new Map(
    [...before.people].map(([person, member]) => [person, { ...member, shownAt: null }]),
  )
  const paused: Paused = {
    state: 'paused',
    run,
    people,
    asked,
    gate,
    cause,
    recordedMs: recordedUntil(before, now),
  }
  return [paused, closing(before, effects, cause)]
}

export function end(
  before: Running,
  outcome: Outcome,
  effects: readonly Effect[],
  now: number,
): Step {
  const [ended, after] = over(
    before,
    outcome,
    recordedUntil(before, now),
    closing(before, effects, outcome),
  )
  return [ended, [...after, { type: 'finish' }]]
}

/** Act, then audit: the gate is closed before anything is written, so that no slow log prolongs a recording. */
function closing(
  before: Running,
  effects: readonly Effect[],
  cause: PauseCause | Outcome,
): readonly Effect[] {
  switch (before.state) {
    case 'recording':
      return [
        { type: 'release' },
        ...effects,
        auditOf(before.run, { event: 'gateClosed', cause }),
        { type: 'endInterval' },
      ]
    case 'opening':
      return [...effects, auditOf(before.run, { event: 'gateClosed', cause })]
    case 'paused':
      return effects
  }
}

/** Recorded time in milliseconds, pauses left out. */
export const recordedUntil = (running: Running, now: number): number =>
  running.state === 'recording'
    ? running.recordedMs + Math.max(0, now - running.since)
    : running.recordedMs
