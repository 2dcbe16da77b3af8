import { useEffect, useRef, useState } from 'react'
import type { CallView, ConsentView, Notice } from '#sdk'
import { timeOfDay } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import type { Key } from '../language/languages.ts'
import { Icon } from '../parts/icon.tsx'
import { Sheet } from '../parts/sheet.tsx'
import type { Say } from '../record/line.ts'
import { Answers } from './answers.tsx'
import { Lapse } from './lapse.tsx'
import { neverText } from './never.ts'
import { NoticeAll } from './notice-all.tsx'
import { NoticeFacts } from './notice-facts.tsx'

export type Open = Exclude<ConsentView, { state: 'idle' | 'ended' }>

/**
 * What is asked, in full, beside the two answers. Not modal: the call goes on around it, and it takes the focus from no
 * field in use, and never gives it to an answer. Setting it aside answers nothing.
 */
export function NoticeSheet({
  call,
  consent,
  notice,
  canAgree,
  problem,
  sending,
  onAnswer,
  onSetAside,
}: {
  readonly call: CallView
  readonly consent: Open
  readonly notice: Notice
  readonly canAgree: boolean
  readonly problem: Say | null
  readonly sending: boolean
  readonly onAnswer: (decision: 'given' | 'refused') => void
  readonly onSetAside: () => void
}) {
  const { t, locale } = useText()
  const [all, setAll] = useState(false)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!isField(document.activeElement)) title.current?.focus({ preventScroll: true })
  }, [notice.requestId])

  const name = notice.askedBy.name
  const [purpose] = notice.purposes
  const never = consent.you === 'minor' || consent.you === 'restricted' ? consent.you : null
  return (
    <Sheet labelledBy="n-t" describedBy="n-p n-d n-f">
      <div className="notice-top">
        <div>
          <p className="kicker">{t(kickerOf(consent))}</p>
          <h2 id="n-t" ref={title} tabIndex={-1}>
            {t(titleOf(call, consent), { name })}
          </h2>
        </div>
        <button
          className="btn plain iconbtn"
          type="button"
          aria-label={t('notice.setAside')}
          onClick={onSetAside}
        >
          <Icon name="down" />
        </button>
      </div>
      <div className="side-body">
        <p className="purpose" id="n-p">
          “{purpose?.text}”
          {consent.late && (
            <span className="since">
              {' '}
              {t('notice.late.since', { name, time: timeOfDay(notice.askedBy.at, locale) })}
            </span>
          )}
        </p>
        <div id="n-d">
          <NoticeFacts
            notice={notice}
            late={consent.state !== 'asked'}
            all={all}
            onAll={() => setAll(!all)}
          />
          {all && <NoticeAll notice={notice} />}
        </div>
      </div>
      <div className="side-foot">
        {consent.leftMs !== undefined && never === null && (
          <Lapse
            endsAt={call.consentAt + consent.leftMs}
            ofMs={timeFor(consent.leftMs, call.recordingOptions.answerMs)}
          />
        )}
        {problem !== null && (
          <p className="problem" role="alert">
            {t(problem.key, problem.values)}
          </p>
        )}
        {never !== null ? (
          <p className="free" id="n-f">
            {t(neverText[never])}
          </p>
        ) : (
          <>
            <p className="free" id="n-f">
              <b>{t('notice.free')}</b> {t(freeOf(consent))}
            </p>
            {!canAgree && (
              <p className="problem" role="alert">
                {t(unsignable(call))}
              </p>
            )}
            <Answers sending={sending} canAgree={canAgree} onAnswer={onAnswer} />
          </>
        )}
      </div>
    </Sheet>
  )
}

/** A log that has changed is worse than a browser that cannot sign, and nobody should miss it. */
function unsignable({ key }: CallView): Key {
  const isLog = key.state === 'failed' && logDiffers.has(key.code)
  return isLog ? 'notice.logDiffers' : 'notice.unsignable'
}

const logDiffers = new Set(['LOG_DIFFERS', 'log-inconsistent', 'log-forked', 'log-key-changed'])

/** What is true of recording while this is read. */
function kickerOf({ state, late }: Open): Key {
  if (state === 'asked') return 'notice.kicker'
  return state === 'paused' && !late ? 'notice.again.kicker' : 'notice.late.kicker'
}

function titleOf(call: CallView, consent: Open): Key {
  if (consent.askedBy === call.you) return 'notice.title.host'
  return consent.late ? 'notice.late.title' : 'notice.title'
}

/** What a no means here, and honestly where the others can tell. */
function freeOf(consent: Open): Key {
  if (consent.policy === 'each') return 'notice.free.each'
  if (consent.late) return 'notice.free.late'
  return consent.total === 2 ? 'notice.free.two' : 'notice.free.everyone'
}

/** How long the whole asking lasts: the shortest choice that the time left fits into. */
const timeFor = (leftMs: number, choices: readonly number[]): number =>
  Math.min(...choices.filter((ms) => ms >= leftMs), Math.max(leftMs, ...choices))

const isField = (element: Element | null): boolean =>
  element instanceof HTMLElement && element.matches('input, textarea, select, [contenteditable]')
