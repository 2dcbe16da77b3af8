import { useState, type ReactNode } from 'react'
import type { Notice, Policy } from '#sdk'
import { clock } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import type { Say } from '../record/line.ts'
import { failureText } from './failure.ts'
import { Slip } from './slip.tsx'

/** After withdrawing: two ways to go on, of one weight, neither of them needed. Destroying is asked once. */
export function WithdrawnSlip({
  policy,
  notice,
  elapsedMs,
  isKept,
  first = 'choose',
  receipt,
  onKeep,
  onDestroy,
}: {
  readonly policy: Policy
  readonly notice: Notice | null
  /** Recorded time at the moment of withdrawing; null where this page does not know it. */
  readonly elapsedMs: number | null
  /** Something of you is kept, or may be. */
  readonly isKept: boolean
  /** `sure` where destroying was chosen elsewhere and only the last question is left. */
  readonly first?: 'choose' | 'sure'
  readonly receipt: ReactNode
  readonly onKeep: () => void
  readonly onDestroy: () => Promise<void>
}) {
  const { t } = useText()
  const [step, setStep] = useState<'choose' | 'sure' | 'going' | 'done'>(first)
  const [problem, setProblem] = useState<Say | null>(null)
  const destroy = () => {
    setStep('going')
    onDestroy().then(
      () => setStep('done'),
      (failure: unknown) => {
        setProblem(failureText(failure))
        setStep('choose')
      },
    )
  }
  if (step === 'done')
    return (
      <Slip title={t('withdraw.destroyed')} onClose={onKeep}>
        <p>{t('withdraw.destroy.limit')}</p>
      </Slip>
    )
  if (step === 'sure' || step === 'going') {
    // The second press of a double click lands where the first one was: it has not read the question.
    const actions = (
      <div className="two">
        <button
          className="btn"
          type="button"
          disabled={step === 'going'}
          onClick={() => setStep('choose')}
        >
          {t('withdraw.keep')}
        </button>
        <button
          className="btn"
          type="button"
          disabled={step === 'going'}
          onClick={({ detail }) => {
            if (detail < 2) destroy()
          }}
        >
          {t('withdraw.destroy')}
        </button>
      </div>
    )
    return (
      <Slip title={t('withdraw.destroy.sure')} actions={actions}>
        <p>
          {t('withdraw.destroy.final')} {t('withdraw.destroy.limit')}
        </p>
      </Slip>
    )
  }
  const actions = (
    <>
      {receipt}
      {isKept && (
        <div className="two">
          <button className="btn" type="button" onClick={onKeep}>
            {t('withdraw.keep')}
          </button>
          <button className="btn" type="button" onClick={() => setStep('sure')}>
            {t('withdraw.destroy')}
          </button>
        </div>
      )}
    </>
  )
  const when = elapsedMs === null ? null : clock(elapsedMs)
  return (
    <Slip title={t('withdraw.done')} actions={actions} onClose={isKept ? undefined : onKeep}>
      <p>
        {when !== null && (
          <>
            {t(policy === 'each' ? 'withdraw.done.each' : 'withdraw.done.everyone', {
              time: when,
            })}{' '}
          </>
        )}
        {isKept && notice !== null && (
          <>
            {t('withdraw.kept', { days: notice.retention.recordingDays })} {t('withdraw.later')}
          </>
        )}
      </p>
      {problem !== null && (
        <p className="problem" role="alert">
          {t(problem.key, problem.values)}
        </p>
      )}
    </Slip>
  )
}
