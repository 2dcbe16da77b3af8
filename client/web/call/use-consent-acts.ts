import { useCallback, useState } from 'react'
import {
  readNotice,
  type Asking,
  type Call,
  type CallView,
  type Notice,
  type RequestId,
} from '#sdk'
import { failureText } from '../consent/failure.ts'
import type { Say } from '../record/line.ts'

/** How long a withdrawal may wait for the server before the page says so. */
const patienceMs = 2000

export interface ConsentActs {
  readonly sending: boolean
  /** What went wrong with the last act, until the next one. */
  readonly problem: Say | null
  readonly withdrawing: boolean
  /** Recorded time when this page withdrew, by request. */
  readonly withdrawnAt: ReadonlyMap<RequestId, number>
  readonly answer: (decision: 'given' | 'refused') => void
  readonly withdraw: () => void
  readonly cancel: () => void
  readonly pause: () => void
  readonly resume: () => void
  readonly stop: () => void
  readonly takeOver: () => void
  readonly destroy: () => Promise<void>
  readonly preview: (asking: Asking) => Promise<Notice | Say>
  readonly ask: (asking: Asking) => Promise<Say | null>
  readonly complain: (failure: unknown) => void
  readonly clear: () => void
}

/** Everything one can do about recording, each act with what became of it. State follows from the server alone. */
export function useConsentActs(call: Call): ConsentActs {
  const [sending, setSending] = useState(false)
  const [withdrawing, setWithdrawing] = useState(false)
  const [problem, setProblem] = useState<Say | null>(null)
  const [withdrawnAt, setWithdrawnAt] = useState<ReadonlyMap<RequestId, number>>(new Map())
  const complain = useCallback((failure: unknown) => setProblem(failureText(failure)), [])

  const decide = async (decision: 'given' | 'refused' | 'withdrawn') => {
    const { consent } = viewOf(call)
    if (consent.state === 'idle') return
    await call.decide(consent.requestId, consent.noticeSha256, decision)
  }
  const act = (run: (requestId: RequestId) => Promise<unknown>) => {
    setProblem(null)
    const { consent } = viewOf(call)
    if (consent.state !== 'idle') run(consent.requestId).catch(complain)
  }

  return {
    sending,
    problem,
    withdrawing,
    withdrawnAt,
    complain,
    clear: () => setProblem(null),
    answer: (decision) => {
      setProblem(null)
      setSending(true)
      void decide(decision)
        .catch(complain)
        .finally(() => setSending(false))
    },
    withdraw: () => {
      setProblem(null)
      setWithdrawing(true)
      const view = viewOf(call)
      const { consent } = view
      if (consent.state === 'recording' || consent.state === 'paused') {
        const ms =
          consent.elapsedMs + (consent.state === 'recording' ? Date.now() - view.consentAt : 0)
        setWithdrawnAt((before) => new Map(before).set(consent.requestId, ms))
      }
      const late = setTimeout(() => setProblem({ key: 'withdraw.pending' }), patienceMs)
      void decide('withdrawn')
        .then(() => setProblem(null), complain)
        .finally(() => {
          clearTimeout(late)
          setWithdrawing(false)
        })
    },
    cancel: () => act((id) => call.cancel(id)),
    pause: () => act((id) => call.pause(id)),
    resume: () => act((id) => call.resume(id)),
    stop: () => act((id) => call.stop(id)),
    takeOver: () => act((id) => call.takeOver(id)),
    destroy: async () => {
      const { consent } = viewOf(call)
      if (consent.state !== 'idle') await call.destroyMine(consent.requestId)
    },
    preview: async (asking) => {
      try {
        return readNotice(await call.preview(asking)) ?? { key: 'notice.mismatch' }
      } catch (failure) {
        return failureText(failure)
      }
    },
    ask: async (asking) => {
      try {
        await call.ask(asking)
        return null
      } catch (failure) {
        return failureText(failure)
      }
    },
  }
}

/** The call as last known; its acts exist only on a page that shows one. */
function viewOf({ state }: Call): Pick<CallView, 'consent' | 'consentAt'> {
  return 'call' in state && state.call !== null
    ? state.call
    : { consent: { state: 'idle' }, consentAt: 0 }
}
