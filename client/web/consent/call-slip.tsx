import type { ReactNode } from 'react'
import type { CallState, CallView, ConsentView } from '#sdk'
import { countdown } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { useNow } from '../parts/use-now.ts'
import { Ring } from '../record/ring.tsx'
import { neverText } from './never.ts'
import { outcomeText } from './outcome.ts'
import { Slip } from './slip.tsx'
import type { SlipKind } from './slip-kind.ts'

export interface SlipActs {
  readonly close: () => void
  readonly undo: () => void
  readonly cancel: () => void
}

/** Every slip but the one after withdrawing. */
export function CallSlip({
  kind,
  state,
  receipt,
  acts,
}: {
  readonly kind: Exclude<SlipKind, 'withdrawn'>
  readonly state: Extract<CallState, { connection: 'joined' | 'lost' }>
  /** The way to one's receipt, where there is one. */
  readonly receipt: ReactNode
  readonly acts: SlipActs
}) {
  const { t } = useText()
  const { call } = state
  const { consent } = call
  switch (kind) {
    case 'lost':
      return state.connection === 'lost' ? <Lost until={state.retryUntil} /> : null
    case 'stopping':
      return (
        <Slip mark={<Icon name="connection" />} title={t('conn.stopping')}>
          <p>{t('conn.stopping.text')}</p>
        </Slip>
      )
    case 'sending':
      return (
        <Slip title={t('wait.sending')}>
          <p>{t('wait.sending.text')}</p>
        </Slip>
      )
    case 'agreed':
      return consent.state === 'asked' ? (
        <Agreed call={call} asked={consent} receipt={receipt} acts={acts} />
      ) : null
    case 'declined': {
      const actions = (
        <>
          {receipt}
          {cancelOf(consent, acts)}
        </>
      )
      return (
        <Slip title={t('wait.declined')} actions={actions} onClose={acts.close}>
          <p>{t('wait.declined.text')}</p>
        </Slip>
      )
    }
    case 'undone':
      return (
        <Slip title={t('wait.undone')} actions={receipt} onClose={acts.close}>
          <p>{t('wait.declined.text')}</p>
        </Slip>
      )
    case 'minor':
    case 'restricted':
      return (
        <Slip title={t('notice.kicker')}>
          <p>{t(neverText[kind])}</p>
        </Slip>
      )
    case 'started':
      return (
        <Slip
          title={t(
            'policy' in consent && consent.policy === 'each'
              ? 'outcome.agreed.each'
              : 'outcome.agreed',
          )}
          actions={receipt}
          onClose={acts.close}
        >
          <p>{t('outcome.agreed.hint')}</p>
        </Slip>
      )
    case 'over':
      return consent.state === 'ended' ? (
        <Over over={consent} receipt={receipt} acts={acts} />
      ) : null
  }
}

type Asked = Extract<ConsentView, { state: 'asked' }>

/** How many have answered, never who and never how many said yes. The host sees no more than that either. */
function Agreed({
  call,
  asked,
  receipt,
  acts,
}: {
  readonly call: CallView
  readonly asked: Asked
  readonly receipt: ReactNode
  readonly acts: SlipActs
}) {
  const { t } = useText()
  const { answered, total, leftMs } = asked
  const now = useNow(leftMs !== undefined)
  const left = leftMs === undefined ? null : call.consentAt + leftMs - now
  const actions = (
    <>
      <button className="btn" type="button" onClick={acts.undo}>
        {t('wait.undo')}
      </button>
      {receipt}
      {cancelOf(asked, acts)}
    </>
  )
  return (
    <Slip
      mark={<Ring className="big" shape={{ answered, total }} />}
      title={t('wait.agreed')}
      actions={actions}
    >
      <p className="tnum">
        {t('wait.agreed.text', { answered, total })}
        {left !== null && ` ${t('notice.left', { time: countdown(left) })}.`}
      </p>
    </Slip>
  )
}

function cancelOf(consent: ConsentView, acts: SlipActs) {
  return consent.state === 'asked' && consent.youAsked ? (
    <Cancel onCancel={acts.cancel} />
  ) : undefined
}

function Cancel({ onCancel }: { readonly onCancel: () => void }) {
  const { t } = useText()
  return (
    <button className="btn" type="button" onClick={onCancel}>
      {t('ask.cancel')}
    </button>
  )
}

function Over({
  over,
  receipt,
  acts,
}: {
  readonly over: Extract<ConsentView, { state: 'ended' }>
  readonly receipt: ReactNode
  readonly acts: SlipActs
}) {
  const { t } = useText()
  const text = t(outcomeText[over.outcome])
  return over.you === 'refused' && over.elapsedMs === 0 ? (
    <Slip title={t('outcome.nothingChanges')} actions={receipt} onClose={acts.close}>
      <p>{text}</p>
    </Slip>
  ) : (
    <Slip title={text} actions={receipt} onClose={acts.close} />
  )
}

function Lost({ until }: { readonly until: number }) {
  const { t } = useText()
  const now = useNow(true)
  const seconds = Math.max(0, Math.ceil((until - now) / 1000))
  return (
    <Slip mark={<Icon name="connection" />} title={t('conn.lost.title')}>
      <p className="tnum">{t('conn.lost.text', { seconds })}</p>
    </Slip>
  )
}
