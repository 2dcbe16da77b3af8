import { whileAsking, whileRequesting } from './asking.ts'
import { requestFor } from './effects.ts'
import { newcomer, type People } from './people.ts'
import { whileRunning } from './running.ts'
import type { Consent, Input, Step } from './state.ts'

export const idle: Consent = { state: 'idle', asked: new Set() }

export function step(consent: Consent, input: Input, now: number): Step {
  switch (consent.state) {
    case 'idle':
    case 'ended':
      return input.type === 'ask' ? ask(consent, input) : [consent, []]
    case 'requesting':
      return whileRequesting(consent, input, now)
    case 'asking':
    case 'settling':
      return whileAsking(consent, input, now)
    case 'opening':
    case 'recording':
    case 'paused':
      return whileRunning(consent, input, now)
  }
}

function ask(consent: Consent, { run, people: present }: Extract<Input, { type: 'ask' }>): Step {
  const { asked } = consent
  // The same purpose again after a no would be pressure.
  if (asked.has(run.purpose)) return [consent, []]
  if ([...present.values()].every(({ barred }) => barred !== null)) return [consent, []]
  const people: People = new Map(
    [...present].map(([person, { barred }]) => [person, newcomer(barred, Infinity, false)]),
  )
  return [{ state: 'requesting', run, people, asked }, [requestFor(run, people)]]
}
