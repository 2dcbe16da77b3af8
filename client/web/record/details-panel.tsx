import { useState } from 'react'
import type { CallView, ConsentView } from '#sdk'
import { list, timeOfDay } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { NoticeAll } from '../consent/notice-all.tsx'
import { NoticeFacts } from '../consent/notice-facts.tsx'
import { outcomeText } from '../consent/outcome.ts'
import { Panel } from '../parts/panel.tsx'

export interface DetailActs {
  readonly pause: () => void
  readonly resume: () => void
  readonly takeOver: () => void
  /** Under `each`, who is not in it may read again and say yes; nobody asks them. */
  readonly readAgain: () => void
  readonly destroy: () => void
  readonly receipts: () => void
}
type Recorded = Extract<ConsentView, { state: 'recording' | 'paused' | 'ended' }>

/** What is recorded, for what, who is in it, and what you can do about it. */
export function DetailsPanel({
  call,
  acts,
  onClose,
}: {
  readonly call: CallView
  readonly acts: DetailActs
  readonly onClose: () => void
}) {
  const { t, locale } = useText()
  const [all, setAll] = useState(false)
  const { consent, notice } = call
  if (consent.state === 'idle' || consent.state === 'asked') return null
  return (
    <Panel title={t('rec.details.title')} onClose={onClose}>
      {consent.state === 'ended' ? (
        <p className="small after">{t(outcomeText[consent.outcome])}</p>
      ) : (
        <p className="small after">
          {t('rec.inIt', { names: list(namesOf(call, consent.inIt), locale) })}
        </p>
      )}
      <Acts consent={consent} acts={acts} />
      <div className="row after">
        <button className="btn" type="button" onClick={acts.receipts}>
          {t('wait.receipt')}
        </button>
      </div>
      {notice.state === 'matches' && (
        <>
          <p className="purpose">“{notice.notice.purposes[0]?.text}”</p>
          <p className="small quiet after">
            {t('notice.late.since', {
              name: notice.notice.askedBy.name,
              time: timeOfDay(notice.notice.askedBy.at, locale),
            })}
          </p>
          <NoticeFacts notice={notice.notice} late={false} all={all} onAll={() => setAll(!all)} />
          {all && <NoticeAll notice={notice.notice} />}
        </>
      )}
      {notice.state === 'mismatch' && <p className="problem">{t('notice.mismatch')}</p>}
    </Panel>
  )
}

function Acts({ consent, acts }: { readonly consent: Recorded; readonly acts: DetailActs }) {
  const { t } = useText()
  if (consent.state === 'ended') {
    return consent.yoursIsKept ? (
      <div className="row after">
        <button className="btn" type="button" onClick={acts.destroy}>
          {t('withdraw.destroy')}
        </button>
      </div>
    ) : null
  }
  const { youControl, youMayTakeOver, yoursIsKept, policy, you, state } = consent
  return (
    <div className="row after">
      {youControl && state === 'recording' && (
        <button className="btn" type="button" onClick={acts.pause}>
          {t('rec.pause')}
        </button>
      )}
      {youControl && state === 'paused' && consent.cause === 'host' && (
        <button className="btn" type="button" onClick={acts.resume}>
          {t('rec.resume')}
        </button>
      )}
      {youMayTakeOver && (
        <button className="btn" type="button" onClick={acts.takeOver}>
          {t('rec.takeOver')}
        </button>
      )}
      {policy === 'each' && (you === 'refused' || you === 'asked') && (
        <button className="btn" type="button" onClick={acts.readAgain}>
          {t('notice.reopen')}
        </button>
      )}
      {yoursIsKept && you !== 'given' && (
        <button className="btn" type="button" onClick={acts.destroy}>
          {t('withdraw.destroy')}
        </button>
      )}
    </div>
  )
}

const namesOf = ({ people }: CallView, ids: readonly string[]): readonly string[] =>
  people.filter(({ peerId }) => ids.includes(peerId)).map(({ name }) => name)
