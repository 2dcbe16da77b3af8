import { step, type Consent, type Input } from '#consent'
import { say } from './scene.ts'

/** What an input at time 50 leads to, in words: 'state: effects', or '-' for the very same state and no effects. */
export function outcome(before: Consent, input: Input): string {
  const [next, effects] = step(before, input, 50)
  if (next === before && effects.length === 0) return '-'
  const detail =
    next.state === 'ended' ? `(${next.outcome})` : next.state === 'paused' ? `(${next.cause})` : ''
  const told = next.state === 'settling' ? `(${next.outcome})` : detail
  return `${next.state}${told}: ${effects.map(say).join(', ')}`.trimEnd()
}
