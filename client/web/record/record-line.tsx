import { useLayoutEffect } from 'react'
import { useText } from '../language/text.tsx'
import { Elapsed } from './elapsed.tsx'
import type { Line } from './line.ts'
import { Ring } from './ring.tsx'

export interface LineActs {
  readonly withdraw: () => void
  readonly reopen: () => void
  readonly details: () => void
}

/** Always there, never overlaid, never dismissed: what the server says of recording, and the way out of it. */
export function RecordLine({
  line,
  since,
  withdrawing,
  acts,
  onMark,
}: {
  readonly line: Line
  readonly since: number
  /** Pressed, and not yet confirmed by the server. The mark stays until it is. */
  readonly withdrawing: boolean
  readonly acts: LineActs
  /** Called each time the mark of a recording stands in the document. */
  readonly onMark: () => void
}) {
  const { t } = useText()
  const { look, ring, word, elapsed } = line
  const marked = look === 'on' || look === 'out' || word === 'rec.paused'
  // A layout effect, not a frame: a hidden tab paints nothing, yet its mark stands.
  useLayoutEffect(() => {
    if (marked) onMark()
  })

  return (
    <section className="recline" data-state={look} aria-label={t('rec.region')}>
      <p>
        {word === 'rec.mark' ? (
          <span className="mark-rec">
            <Ring shape={ring} />
            {t(word)}
          </span>
        ) : (
          <>
            <Ring shape={ring} />
            {word !== null && <span className="mark-word">{t(word)}</span>}
          </>
        )}
        <button
          className="say"
          type="button"
          onClick={acts.details}
          disabled={line.action === null}
        >
          {elapsed !== null && (
            <>
              <Elapsed elapsed={elapsed} since={since} /> ·{' '}
            </>
          )}
          <span className="long">{t(line.long.key, line.long.values)}</span>
          <span className="short" aria-hidden="true">
            {t(line.short.key, line.short.values)}
          </span>
        </button>
      </p>
      <Action line={line} withdrawing={withdrawing} acts={acts} />
    </section>
  )
}

function Action({
  line,
  withdrawing,
  acts,
}: {
  readonly line: Line
  readonly withdrawing: boolean
  readonly acts: LineActs
}) {
  const { t } = useText()
  switch (line.action) {
    case null:
      return null
    case 'withdraw':
      return withdrawing ? (
        <span className="btn plain" aria-live="off">
          {t('withdraw.going')}
        </span>
      ) : (
        <button
          className="btn"
          id="withdraw"
          type="button"
          aria-label={t('withdraw.long')}
          onClick={acts.withdraw}
        >
          {t('withdraw')}
        </button>
      )
    case 'reopen':
      return (
        <button className="btn" type="button" onClick={acts.reopen}>
          {t('notice.reopen')}
        </button>
      )
    case 'details':
      return (
        <button className="btn" type="button" onClick={acts.details}>
          {t('rec.details')}
        </button>
      )
    case 'kept':
      return (
        <button className="btn" type="button" onClick={acts.details}>
          {t('rec.kept')}
        </button>
      )
  }
}
