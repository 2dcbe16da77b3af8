import { useEffect, useState } from 'react'

/** Milliseconds since the epoch, renewed each `everyMs` while `runs`. */
export function useNow(runs: boolean, everyMs = 500): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!runs) return undefined
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [runs, everyMs])
  return now
}
