import { useState, type ReactNode } from 'react'
import type { CallState, CallView } from '#sdk'
import { CallSlip } from '../consent/call-slip.tsx'
import { LeaveSlip } from '../consent/leave-slip.tsx'
import { Slip } from '../consent/slip.tsx'
import { slipName, slipOf } from '../consent/slip-kind.ts'
import { WithdrawnSlip } from '../consent/withdrawn-slip.tsx'
import { ReceiptButton } from '../receipt/receipt-button.tsx'
import { useText } from '../language/text.tsx'
import type { ConsentActs } from './use-consent-acts.ts'

/** The one slip that is due: what was pressed and asks back, then what went wrong, then what happened. */
export function Slips({
  state,
  consent,
  leaving,
  destroying,
  sheetOpen,
  onReceipts,
  onStay,
  onLeave,
  onDestroyed,
}: {
  readonly state: Extract<CallState, { connection: 'joined' | 'lost' }>
  readonly consent: ConsentActs
  readonly leaving: boolean
  /** Chosen in the details: only the last question is left. */
  readonly destroying: boolean
  readonly sheetOpen: boolean
  readonly onReceipts: () => void
  readonly onStay: () => void
  readonly onLeave: () => void
  readonly onDestroyed: () => void
}) {
  const { t } = useText()
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const view = state.call
  // Adjusted while rendering: a connection that was lost and is there again.
  const [back, setBack] = useState(false)
  const [wasLost, setWasLost] = useState(false)
  if (wasLost !== (state.connection === 'lost')) {
    setWasLost(state.connection === 'lost')
    setBack(state.connection === 'joined')
  }
  if (leaving)
    return (
      <LeaveSlip
        mayChange={noticeOf(view)?.hostMayChange ?? false}
        onStay={onStay}
        onLeave={onLeave}
      />
    )
  if (consent.problem !== null && !sheetOpen) {
    return <Slip title={t(consent.problem.key, consent.problem.values)} onClose={consent.clear} />
  }
  const kind = slipOf(state)
  const receipt = <ReceiptButton newest={state.receipts[0]} onOpen={onReceipts} />
  const name = kind === null ? '' : slipName(state, kind)
  const close = () => setClosed(new Set(closed).add(name))
  if (destroying)
    return (
      <Withdrawn
        key="destroying"
        view={view}
        consent={consent}
        first="sure"
        receipt={receipt}
        onKeep={onDestroyed}
      />
    )
  if (kind === null && back && !sheetOpen)
    return <Slip title={t('conn.back')} onClose={() => setBack(false)} />
  if (kind === null || sheetOpen || closed.has(name)) return null
  if (kind === 'withdrawn')
    return (
      <Withdrawn
        key={name}
        view={view}
        consent={consent}
        first="choose"
        receipt={receipt}
        onKeep={close}
      />
    )
  return (
    <CallSlip
      key={name}
      kind={kind}
      state={state}
      receipt={receipt}
      acts={{ close, undo: consent.withdraw, cancel: consent.cancel }}
    />
  )
}

function Withdrawn({
  view,
  consent,
  first,
  receipt,
  onKeep,
}: {
  readonly view: CallView
  readonly consent: ConsentActs
  readonly first: 'choose' | 'sure'
  readonly receipt: ReactNode
  readonly onKeep: () => void
}) {
  const asked = view.consent
  if (asked.state === 'idle' || asked.state === 'asked') return null
  return (
    <WithdrawnSlip
      policy={asked.policy}
      notice={noticeOf(view)}
      elapsedMs={consent.withdrawnAt.get(asked.requestId) ?? null}
      isKept={asked.yoursIsKept}
      first={first}
      receipt={receipt}
      onKeep={onKeep}
      onDestroy={consent.destroy}
    />
  )
}

const noticeOf = ({ notice }: CallView) => (notice.state === 'matches' ? notice.notice : null)
