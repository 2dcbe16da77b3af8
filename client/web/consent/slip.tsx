import { useEffect, useRef, type ReactNode } from 'react'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'

/** A row between tiles and controls. It takes room; it never covers a face. */
export function Slip({
  mark,
  title,
  children,
  actions,
  onClose,
}: {
  readonly mark?: ReactNode
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
  readonly onClose?: (() => void) | undefined
}) {
  const { t } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // What was pressed to get here is gone; without this the keyboard would start at the top again.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <aside className={mark === undefined ? 'slip solo' : 'slip'} aria-label={t('slip')}>
      {mark}
      <div>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
      {(actions !== undefined || onClose !== undefined) && (
        <div className="slip-acts">
          {actions}
          {onClose !== undefined && (
            <button
              className="btn plain iconbtn"
              type="button"
              aria-label={t('close')}
              onClick={onClose}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
      )}
    </aside>
  )
}
