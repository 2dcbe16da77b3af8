import type { ReactNode } from 'react'

/**
 * A sheet that asks for something while the call goes on: a dialog that is not modal and takes no focus by itself. It
 * stands beside the tiles, on phones below them.
 */
export function Sheet({
  labelledBy,
  describedBy,
  children,
}: {
  readonly labelledBy: string
  readonly describedBy?: string
  readonly children: ReactNode
}) {
  return (
    <dialog
      className="side letterwide"
      open
      aria-modal="false"
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
    >
      {children}
    </dialog>
  )
}
