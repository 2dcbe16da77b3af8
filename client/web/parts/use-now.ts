import { useCallback, useSyncExternalStore } from 'react'

const stepMs = 250

/** Milliseconds since the epoch in steps of a quarter of a second, renewed while `runs`. */
export function useNow(runs: boolean): number {
  const subscribe = useCallback(
    (tick: () => void) => {
      if (!runs) return () => undefined
      const timer = setInterval(tick, stepMs)
      return () => clearInterval(timer)
    },
    [runs],
  )
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / stepMs) * stepMs)
}
