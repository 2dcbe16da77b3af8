import { useState } from 'react'
import type { CallState, CallView } from '#sdk'
import { CallSlip } from '../consent/call-slip.tsx'
import { LeaveSlip } from '../consent/leave-slip.tsx'
import { Slip } from '../consent/slip.tsx'
import { slipName, slipOf } from '../consent/slip-kind.ts'
import { WithdrawnSlip } from '../consent/withdrawn-slip.tsx'
import { useText } from '../language/text.tsx'
import type { ConsentActs } from './use-consent-acts.ts'

/** The one slip that is due: what was pressed and asks back, then what went wrong, then what happened. */
export function Slips({
  state,
  consent,
  leaving,
  destroying,
  sheetOpen,
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
  const name = kind === null ? '' : slipName(state, kind)
  const close = () => setClosed(new Set(closed).add(name))
  if (destroying)
    return (
      <Withdrawn key="destroying" view={view} consent={consent} first="sure" onKeep={onDestroyed} />
    )
  if (kind === null && back && !sheetOpen)
    return <Slip title={t('conn.back')} onClose={() => setBack(false)} />
  if (kind === null || sheetOpen || closed.has(name)) return null
  if (kind === 'withdrawn')
    return <Withdrawn key={name} view={view} consent={consent} first="choose" onKeep={close} />
  return (
    <CallSlip
      key={name}
      kind={kind}
      state={state}
      acts={{ close, undo: consent.withdraw, cancel: consent.cancel }}
    />
  )
}

function Withdrawn({
  view,
  consent,
  first,
  onKeep,
}: {
  readonly view: CallView
  readonly consent: ConsentActs
  readonly first: 'choose' | 'sure'
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
      onKeep={onKeep}
      onDestroy={consent.destroy}
    />
  )
}

const noticeOf = ({ notice }: CallView) => (notice.state === 'matches' ? notice.notice : null)
