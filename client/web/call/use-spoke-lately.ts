import { useEffect, useRef, useState } from 'react'
import type { PeerId } from '#sdk'

const lately = 60_000

/** Who spoke within the last minute. The set stays the same object while its members do, so that tiles keep still. */
export function useSpokeLately(speaking: readonly PeerId[]): ReadonlySet<PeerId> {
  const spokeAt = useRef(new Map<PeerId, number>())
  const [recent, setRecent] = useState<ReadonlySet<PeerId>>(new Set())
  useEffect(() => {
    const now = Date.now()
    for (const peerId of speaking) spokeAt.current.set(peerId, now)
    const next = new Set(
      [...spokeAt.current].filter(([, at]) => now - at < lately).map(([peerId]) => peerId),
    )
    setRecent((before) => (before.size === next.size && next.isSubsetOf(before) ? before : next))
  }, [speaking])
  return recent
}
