import { useEffect, useEffectEvent } from 'react'
import type { CallState } from '#sdk'

const lastCallMs = 20_000
const maxNamed = 10

/** At half of the time and twenty seconds before its end, for who has not answered and for nobody else. */
export function useReminders(state: CallState, remind: (leftMs: number) => void): void {
  const deadline = deadlineOf(state)
  const say = useEffectEvent(remind)
  const requestId = deadline?.requestId ?? null
  const start = useEffectEvent(() => {
    const leftMs = (deadline?.endsAt ?? 0) - Date.now()
    return remindersOf(leftMs).map((at) => setTimeout(() => say(at), leftMs - at))
  })
  useEffect(() => {
    if (requestId === null) return undefined
    // Once per request: a count that changes must not start the time anew.
    const timers = start()
    return () => {
      for (const timer of timers) clearTimeout(timer)
    }
  }, [requestId])
}

/** The times left, in milliseconds, at which a reminder is spoken. */
export function remindersOf(leftMs: number): readonly number[] {
  const half = Math.round(leftMs / 2000) * 1000
  return [...(half > lastCallMs ? [half] : []), ...(leftMs > lastCallMs ? [lastCallMs] : [])]
}

/** Who came and who went, by name; nobody where so many are there that it would never end. */
export function comingsAndGoings(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): { came: readonly string[]; went: readonly string[] } {
  if (now.size > maxNamed) return { came: [], went: [] }
  const missing = (from: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>) =>
    [...from].filter(([id]) => !others.has(id)).map(([, name]) => name)
  return { came: missing(now, before), went: missing(before, now) }
}

function deadlineOf(state: CallState): { requestId: string; endsAt: number } | null {
  if (state.connection !== 'joined' || state.call.notice.state !== 'matches') return null
  const { consent, consentAt } = state.call
  if (
    consent.state === 'idle' ||
    consent.state === 'ended' ||
    consent.you !== 'asked' ||
    consent.leftMs === undefined
  )
    return null
  return { requestId: consent.requestId, endsAt: consentAt + consent.leftMs }
}
