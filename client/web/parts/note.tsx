import type { ReactNode } from 'react'

/** Something to know, in one bold sentence and what can be done, with at most two buttons. */
export function Note({
  icon,
  care = false,
  bold,
  children,
  actions,
}: {
  readonly icon: ReactNode
  readonly care?: boolean
  readonly bold: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <section className={care ? 'note care' : 'note'}>
      {icon}
      <p>
        <b>{bold}</b> {children}
      </p>
      {actions !== undefined && <div className="row">{actions}</div>}
    </section>
  )
}
