import { countdown } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { useNow } from '../parts/use-now.ts'

/** The time left to answer. Its end is a no. Never live, and in no hurry towards the end. */
export function Lapse({ endsAt, ofMs }: { readonly endsAt: number; readonly ofMs: number }) {
  const { t } = useText()
  // Whole seconds: the bar steps with the text.
  const leftMs = Math.max(0, Math.ceil((endsAt - useNow(true)) / 1000) * 1000)
  return (
    <>
      <div className="lapse" aria-hidden="true">
        <i style={{ width: `${Math.min(100, (leftMs / ofMs) * 100)}%` }} />
      </div>
      <p className="count">
        <b className="tnum">{t('notice.left', { time: countdown(leftMs) })}</b>
        <span className="quiet">{t('notice.silence')}</span>
      </p>
    </>
  )
}
