import type { KeyboardEvent } from 'react'
import { useText } from '../language/text.tsx'

/** Turns pages of tiles, by pointer, Tab, or left and right. */
export function Pages({
  count,
  page,
  onTurn,
}: {
  readonly count: number
  readonly page: number
  readonly onTurn: (page: number) => void
}) {
  const { t } = useText()
  const turn = (by: number) => onTurn((page + by + count) % count)
  const byKey = ({ key }: KeyboardEvent) => {
    if (key === 'ArrowLeft') turn(-1)
    else if (key === 'ArrowRight') turn(1)
  }
  return (
    <nav className="pages" aria-label={t('stage.pages')}>
      <button
        className="btn plain iconbtn"
        type="button"
        aria-label={t('stage.before')}
        onClick={() => turn(-1)}
        onKeyDown={byKey}
      >
        ‹
      </button>
      <span className="dots" aria-hidden="true">
        {Array.from({ length: count }, (_, dot) => (
          <i key={dot} className={dot === page ? 'here' : ''} />
        ))}
      </span>
      <span className="small tnum">{t('stage.page', { page: page + 1, count })}</span>
      <button
        className="btn plain iconbtn"
        type="button"
        aria-label={t('stage.next')}
        onClick={() => turn(1)}
        onKeyDown={byKey}
      >
        ›
      </button>
    </nav>
  )
}
