import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useText } from '../language/text.tsx'
import { Icon } from './icon.tsx'

/** A column beside the tiles; on phones a page with the record line on top. Escape closes it (see use-keys.ts). */
export function Panel({
  title,
  children,
  onClose,
}: {
  readonly title: string
  readonly children: ReactNode
  readonly onClose: () => void
}) {
  const { t } = useText()
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <aside className="side" aria-labelledby={id}>
      <div className="side-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button
          className="btn plain iconbtn"
          type="button"
          aria-label={t('close')}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="side-body">{children}</div>
    </aside>
  )
}
