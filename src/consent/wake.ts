import { answeredOf, tellEveryMs } from './asking.ts'
import type { Consent } from './state.ts'

/** When the machine wants its next `tick` (ms epoch); null when only people can change anything. */
export function nextWake(consent: Consent): number | null {
  switch (consent.state) {
    case 'idle':
    case 'requesting':
    case 'ended':
      return null
    case 'asking': {
      const due =
        answeredOf(consent.people) === consent.told.answered ? [] : [consent.told.at + tellEveryMs]
      return earliest([...due, ...deadlines(consent)])
    }
    case 'settling':
      return earliest([consent.tellAt, ...deadlines(consent)])
    case 'opening':
    case 'recording':
    case 'paused':
      return earliest(deadlines(consent))
  }
}

const deadlines = ({ people }: Exclude<Consent, { state: 'idle' }>): number[] =>
  [...people.values()].flatMap(({ standing }) => (standing.is === 'asked' ? [standing.until] : []))

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : Math.min(...times)
