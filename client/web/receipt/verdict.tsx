import type { ReactNode } from 'react'
import { Icon } from '../parts/icon.tsx'

/** The one line above a receipt: whether it holds. Never told by colour alone. */
export function Verdict({
  holds,
  children,
}: {
  readonly holds: boolean
  readonly children: ReactNode
}) {
  return (
    <span className={holds ? 'verdict' : 'verdict failed'}>
      <Icon name={holds ? 'verified' : 'care'} />
      <span>{children}</span>
    </span>
  )
}
