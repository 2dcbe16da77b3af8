import { useCallback, useState } from 'react'
import type { Size } from './grid.ts'

/** The size of an element, renewed as it changes. */
export function useSize<E extends HTMLElement>(): [
  ref: (element: E | null) => (() => void) | undefined,
  size: Size,
] {
  const [size, setSize] = useState<Size>({ width: 1200, height: 640 })
  const ref = useCallback((element: E | null) => {
    if (element === null) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined)
        setSize({ width: entry.contentRect.width, height: entry.contentRect.height })
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size]
}
