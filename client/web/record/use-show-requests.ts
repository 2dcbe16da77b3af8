import { useCallback, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { Call, RequestId } from '#sdk'

/**
 * The server starts a recording only after each page has said that its mark stands. `starting` makes the record line
 * show it; `onMark`, called from the line's layout effect, is that answer. It waits for no animation frame, which a
 * hidden tab never gets.
 */
export function useShowRequests(call: Call): { starting: RequestId | null; onMark: () => void } {
  const [starting, setStarting] = useState<RequestId | null>(null)
  const waiting = useRef<(() => void)[]>([])

  useEffect(() => {
    call.onShow(
      (requestId) =>
        new Promise((resolve) => {
          waiting.current.push(resolve)
          // At once and not when React next finds the time: the whole call waits for this page. A fresh render is needed
          // even where the mark already stands, since its layout effect is the answer.
          flushSync(() => setStarting(null))
          flushSync(() => setStarting(requestId))
        }),
    )
  }, [call])

  const onMark = useCallback(() => {
    for (const resolve of waiting.current.splice(0)) resolve()
  }, [])
  return { starting, onMark }
}
