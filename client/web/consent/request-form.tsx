import { useEffect, useId, useRef, useState } from 'react'
import type { Asking, Media, Notice, ReaderId, RecordingOptions } from '#sdk'
import { days, span } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Sheet } from '../parts/sheet.tsx'
import type { Say } from '../record/line.ts'
import { MediaChoice } from './media-choice.tsx'
import { NoticePreview } from './notice-preview.tsx'
import { ReaderChoice } from './reader-choice.tsx'
import { RuleChoice } from './rule-choice.tsx'

/** What a host asks for. Asking is not agreeing: the host then gets the same notice as everybody. */
export function RequestForm({
  options,
  onPreview,
  onAsk,
  onClose,
}: {
  readonly options: RecordingOptions
  /** Resolve with what is wrong, or with the notice; `onAsk` with null when it was asked. */
  readonly onPreview: (asking: Asking) => Promise<Notice | Say>
  readonly onAsk: (asking: Asking) => Promise<Say | null>
  readonly onClose: () => void
}) {
  const { t, locale } = useText()
  const purposeId = useId()
  const title = useRef<HTMLHeadingElement>(null)
  const purpose = useRef<HTMLTextAreaElement>(null)
  const [asking, setAsking] = useState(() => firstChoice(options))
  const [problem, setProblem] = useState<Say | null>(null)
  const [preview, setPreview] = useState<Notice | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])

  const change = (part: Partial<Asking>) => {
    setProblem(null)
    setAsking({ ...asking, ...part })
  }
  const send = async (act: (complete: Asking) => Promise<Say | null>) => {
    const missing = missingIn(asking)
    setProblem(missing)
    if (missing?.key === 'ask.purpose.missing') purpose.current?.focus()
    if (missing !== null) return
    setBusy(true)
    const wrong = await act({ ...asking, purpose: asking.purpose.trim() })
    setBusy(false)
    setProblem(wrong)
  }
  const show = async (complete: Asking) => {
    const answer = await onPreview(complete)
    if ('key' in answer) return answer
    setPreview(answer)
    return null
  }
  if (preview !== null) return <NoticePreview notice={preview} onBack={() => setPreview(null)} />

  return (
    <Sheet labelledBy="ask-t">
      <div className="side-head">
        <h2 id="ask-t" ref={title} tabIndex={-1}>
          {t('ask.open')}
        </h2>
        <button
          className="btn plain iconbtn"
          type="button"
          aria-label={t('ask.close')}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <form
        className="side-body form stack"
        id={`${purposeId}-form`}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void send(onAsk)
        }}
      >
        <div className="field">
          <label htmlFor={purposeId}>{t('ask.purpose')}</label>
          <textarea
            id={purposeId}
            ref={purpose}
            value={asking.purpose}
            maxLength={200}
            rows={2}
            required
            aria-describedby={`${purposeId}-hint`}
            aria-invalid={problem?.key === 'ask.purpose.missing'}
            onChange={({ target }) => change({ purpose: target.value })}
          />
          <span className="hint" id={`${purposeId}-hint`}>
            {t('ask.purpose.hint')}
          </span>
        </div>
        <MediaChoice media={asking.media} onChange={(media) => change({ media })} />
        <RuleChoice
          policies={options.policies}
          policy={asking.policy}
          onChange={(policy) => change({ policy })}
        />
        <div className="two">
          <label className="field">
            <span>{t('ask.kept')}</span>
            <select
              value={asking.retentionDays}
              onChange={({ target }) => change({ retentionDays: Number(target.value) })}
            >
              {sorted(options.retentionDays).map((count) => (
                <option key={count} value={count}>
                  {days(count, locale)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('ask.time')}</span>
            <select
              value={asking.answerMs}
              onChange={({ target }) => change({ answerMs: Number(target.value) })}
            >
              {sorted(options.answerMs).map((ms) => (
                <option key={ms} value={ms}>
                  {span(ms, locale)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <ReaderChoice
          readers={options.readers}
          chosen={asking.readers}
          onChange={(readers) => change({ readers })}
        />
      </form>
      <div className="side-foot">
        <p className="small quiet">{t('ask.foot')}</p>
        {problem !== null && (
          <p className="problem" role="alert">
            {t(problem.key, problem.values)}
          </p>
        )}
        <div className="two">
          <button className="btn" type="button" disabled={busy} onClick={() => void send(show)}>
            {t('ask.preview')}
          </button>
          <button className="btn main" type="submit" form={`${purposeId}-form`} disabled={busy}>
            {t('ask.send')}
          </button>
        </div>
      </div>
    </Sheet>
  )
}

const presetMs = 120_000
const sorted = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b)

/** The rule that asks most of a recording, the shortest keeping, two minutes, all readers; never a purpose. */
function firstChoice({ policies, retentionDays, answerMs, readers }: RecordingOptions): Asking {
  const media: Media = { audio: true, video: true, screen: false }
  return {
    purpose: '',
    media,
    policy: policies.includes('everyone') ? 'everyone' : (policies[0] ?? 'everyone'),
    retentionDays: Math.min(...retentionDays),
    answerMs: answerMs.includes(presetMs) ? presetMs : Math.min(...answerMs),
    readers: readers.map(({ readerId }): ReaderId => readerId),
  }
}

function missingIn({ purpose, media, readers }: Asking): Say | null {
  if (purpose.trim() === '') return { key: 'ask.purpose.missing' }
  if (!media.audio && !media.video && !media.screen) return { key: 'ask.media.missing' }
  return readers.length === 0 ? { key: 'ask.readers.missing' } : null
}
