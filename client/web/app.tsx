import { useEffect, useEffectEvent, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { Call, CallState } from '#sdk'
import { CallPage } from './call/call-page.tsx'
import { EndPage } from './call/end-page.tsx'
import { failureText } from './consent/failure.ts'
import { aboutMeUrl, claimsOf, roomTitle } from './entry/token.ts'
import type { Devices } from './join/devices.ts'
import { JoinPage } from './join/join-page.tsx'
import { useText } from './language/text.tsx'
import { DemoBanner } from './parts/demo-banner.tsx'
import type { ReceiptDrawer } from './receipt/kept-receipts.tsx'
import type { Say } from './record/line.ts'

/** What a person brings to the door. */
export interface Entering {
  readonly token: string
  readonly name: string
  readonly devices: Devices
}

/** From the door to the call to the way out. `enter` rejects with CallError where the call cannot be reached. */
export function App({
  token,
  devices,
  demo,
  drawer,
  enter,
  onLeft,
}: {
  /** Null where this page was opened without an invitation. */
  readonly token: string | null
  readonly devices: Devices
  /** Known before joining; the call itself says so afterwards. */
  readonly demo: boolean
  readonly drawer: ReceiptDrawer
  readonly enter: (entering: Entering) => Promise<Call>
  readonly onLeft: () => void
}) {
  const { t } = useText()
  const [call, setCall] = useState<Call | null>(null)
  const [joining, setJoining] = useState(false)
  const [problem, setProblem] = useState<Say | null>(null)
  const claims = token === null ? null : claimsOf(token)
  const room = claims?.room ?? null
  const title = room === null ? t('call') : roomTitle(room)

  const join = (name: string) => {
    if (token === null) return
    setProblem(null)
    setJoining(true)
    enter({ token, name, devices })
      .then(setCall, (failure: unknown) => setProblem(failureText(failure)))
      .finally(() => setJoining(false))
  }
  const leave = () => {
    call?.leave()
    devices.release()
    onLeft()
  }
  const again = () => {
    setCall(null)
    void devices.openRemembered()
  }
  if (token === null)
    return (
      <EndPage
        code="NO_LINK"
        retryable={false}
        drawer={drawer}
        session={null}
        aboutMeUrl={null}
        onAgain={again}
      />
    )
  const door = (isJoining: boolean) => (
    <>
      {demo && <DemoBanner />}
      <JoinPage
        title={title}
        tokenName={claims?.name ?? null}
        devices={devices}
        joining={isJoining}
        problem={problem}
        aboutMeUrl={aboutMeUrl(token)}
        onJoin={join}
      />
    </>
  )
  if (call === null) return door(joining)
  return (
    <Joined call={call} entrance={door(true)} onEnded={() => devices.release()}>
      {(state) =>
        state.connection === 'ended' ? (
          <EndPage
            code={state.ended.code}
            retryable={state.ended.retryable}
            drawer={drawer}
            session={state.call?.session.id ?? null}
            aboutMeUrl={aboutMeUrl(token)}
            onAgain={again}
          />
        ) : (
          <>
            {state.call.demo && <DemoBanner />}
            <CallPage call={call} state={state} title={title} devices={devices} onLeave={leave} />
          </>
        )
      }
    </Joined>
  )
}

function Joined({
  call,
  entrance,
  children,
  onEnded,
}: {
  readonly call: Call
  readonly entrance: ReactNode
  readonly children: (state: Exclude<CallState, { connection: 'connecting' }>) => ReactNode
  readonly onEnded: () => void
}) {
  const state = useSyncExternalStore(
    (changed) => call.subscribe(changed),
    () => call.state,
  )
  const hasEnded = state.connection === 'ended'
  const end = useEffectEvent(onEnded)
  useEffect(() => {
    if (hasEnded) end()
  }, [hasEnded])
  useEffect(() => {
    // Closing the window would end the recording for everyone: the browser asks, as the Leave button does.
    const warn = (event: BeforeUnloadEvent) => {
      if (endsRecording(call.state)) event.preventDefault()
    }
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [call])
  return state.connection === 'connecting' ? entrance : children(state)
}

const endsRecording = (state: CallState): boolean =>
  state.connection === 'joined' &&
  'youControl' in state.call.consent &&
  state.call.consent.youControl
