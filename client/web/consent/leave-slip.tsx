import { useText } from '../language/text.tsx'
import { Slip } from './slip.tsx'

/** Asked of nobody but the host whose leaving ends a recording. */
export function LeaveSlip({
  mayChange,
  onStay,
  onLeave,
}: {
  /** The notice let another host carry it on. */
  readonly mayChange: boolean
  readonly onStay: () => void
  readonly onLeave: () => void
}) {
  const { t } = useText()
  const actions = (
    <div className="two">
      <button className="btn" type="button" onClick={onStay}>
        {t('leave.stay')}
      </button>
      <button className="btn" type="button" onClick={onLeave}>
        {t('leave')}
      </button>
    </div>
  )
  return (
    <Slip title={t('leave.ends')} actions={actions}>
      <p>{t(mayChange ? 'leave.ends.orTakeOver' : 'leave.ends.text')}</p>
    </Slip>
  )
}
