import { useEffect } from 'react'
import type { CallState } from '#sdk'

const lastCallMs = 20_000
const maxNamed = 10

/** At half of the time and twenty seconds before its end, for who has not answered and for nobody else. */
export function useReminders(state: CallState, remind: (leftMs: number) => void): void {
  const open = state.connection === 'joined' && 'you' in state.call.consent && state.call.consent.you === 'asked'
    && 'leftMs' in state.call.consent && state.call.notice.state === 'matches' ? state.call : null
  const requestId = open !== null && 'requestId' in open.consent ? open.consent.requestId : null
  useEffect(() => {
    if (open === null || !('leftMs' in open.consent)) return undefined
    const leftMs = open.consentAt + (open.consent.leftMs ?? 0) - Date.now()
    const timers = remindersOf(leftMs).map((at) => setTimeout(() => remind(at), leftMs - at))
    return () => { for (const timer of timers) clearTimeout(timer) }
    // Once per request: a count that changes must not start the time anew.
  }, [requestId])
}

/** The times left, in milliseconds, at which a reminder is spoken. */
export const remindersOf = (leftMs: number): readonly number[] =>
  [Math.round(leftMs / 2000) * 1000, lastCallMs].filter((at, place) => at < leftMs && (place === 1 || at > lastCallMs))

/** Who came and who went, by name; nobody where so many are there that it would never end. */
export function quietly(
  before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>,
): { came: readonly string[]; went: readonly string[] } {
  if (now.size > maxNamed) return { came: [], went: [] }
  const missing = (from: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>) =>
    [...from].filter(([id]) => !others.has(id)).map(([, name]) => name)
  return { came: missing(now, before), went: missing(before, now) }
}
