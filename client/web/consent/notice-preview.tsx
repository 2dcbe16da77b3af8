import { useEffect, useRef, useState } from 'react'
import type { Notice } from '#sdk'
import { useText } from '../language/text.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { NoticeAll } from './notice-all.tsx'
import { NoticeFacts } from './notice-facts.tsx'

/** Exactly what all will see, without the answers: nobody has been asked. */
export function NoticePreview({
  notice,
  onBack,
}: {
  readonly notice: Notice
  readonly onBack: () => void
}) {
  const { t } = useText()
  const [all, setAll] = useState(false)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  return (
    <Sheet labelledBy="p-t">
      <div className="notice-top">
        <div>
          <p className="kicker">{t('ask.preview.kicker')}</p>
          <h2 id="p-t" ref={title} tabIndex={-1}>
            {t('notice.title', { name: notice.askedBy.name })}
          </h2>
        </div>
      </div>
      <div className="side-body">
        <p className="purpose">“{notice.purposes[0]?.text}”</p>
        <NoticeFacts notice={notice} late={false} all={all} onAll={() => setAll(!all)} />
        {all && <NoticeAll notice={notice} />}
      </div>
      <div className="side-foot">
        <button className="btn wide" type="button" onClick={onBack}>
          {t('ask.preview.back')}
        </button>
      </div>
    </Sheet>
  )
}
