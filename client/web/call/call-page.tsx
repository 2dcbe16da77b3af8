import { useCallback, useState, useSyncExternalStore } from 'react'
import type { Call, CallState, RequestId } from '#sdk'
import { remember, remembered } from '../entry/remembered.ts'
import type { Devices } from '../join/devices.ts'
import { useMediaQuery } from '../parts/use-media-query.ts'
import { Announcer } from '../record/announcer.tsx'
import { frameOf, lineOf } from '../record/line.ts'
import { useTabMark } from '../record/tab-mark.ts'
import { useShowRequests } from '../record/use-show-requests.ts'
import { phoneWidth } from './grid.ts'
import { Side, type PanelName } from './side.tsx'
import { sheetOf } from './sheet.ts'
import { Slips } from './slips.tsx'
import { Stage } from './stage.tsx'
import { tileViews } from './tile-views.ts'
import { toolbarView } from './toolbar-view.ts'
import { Toolbar, type ToolbarActs } from './toolbar.tsx'
import { Top } from './top.tsx'
import { useConsentActs } from './use-consent-acts.ts'
import { useKeys } from './use-keys.ts'
import { useOwnMedia } from './use-own-media.ts'
import { useSounds } from './use-sounds.ts'

/** The call: one record line, the people, at most one sheet or panel, at most one slip, and the tools. */
export function CallPage({
  call,
  state,
  title,
  devices,
  onLeave,
}: {
  readonly call: Call
  readonly state: Extract<CallState, { connection: 'joined' | 'lost' }>
  readonly title: string
  readonly devices: Devices
  readonly onLeave: () => void
}) {
  const view = state.call
  const { camera } = useSyncExternalStore(devices.subscribe, () => devices.state)
  const isPhone = useMediaQuery(`(max-width: ${phoneWidth}px)`)
  const [panel, setPanel] = useState<PanelName | null>(null)
  const [asking, setAsking] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const [destroying, setDestroying] = useState(false)
  const [aside, setAside] = useState<RequestId | null>(null)
  const [again, setAgain] = useState<RequestId | null>(null)
  const [keysOn, setKeysOn] = useState(() => remembered('keysOff') === null)

  const consent = useConsentActs(call)
  const toReceipts = useCallback(() => setPanel('receipts'), [])
  // What cannot be fetched now is shown as it is held.
  const fetchReceipts = useCallback(() => void call.refreshReceipts().catch(() => undefined), [call])
  const toSettings = useCallback(() => setPanel('settings'), [])
  const media = useOwnMedia(call, devices, consent.complain, toSettings)
  const { starting, onMark } = useShowRequests(call)
  const sheet = sheetOf(state, { asking, aside, again })
  const line = lineOf(state, { starting, sheetOpen: sheet === 'notice' || sheet === 'mismatch' })
  useTabMark(line.word, title)
  useSounds(state.streams, view.you)

  const requestId = view.consent.state === 'idle' ? null : view.consent.requestId
  const toggle = (name: PanelName) => setPanel(panel === name ? null : name)
  const toDetails = () => {
    setAside(null)
    setAsking(false)
    if (line.action !== 'reopen' && line.action !== null) toggle('details')
  }
  const setSheetAside = () => {
    setAside(requestId)
    setAgain(null)
    setAsking(false)
    consent.clear()
  }
  const acts: ToolbarActs = {
    microphone: media.toggleMicrophone,
    camera: media.toggleCamera,
    share: media.toggleShare,
    ask: () => {
      setPanel(null)
      setAsking(true)
    },
    end: consent.stop,
    people: () => toggle('people'),
    settings: () => toggle('settings'),
    leave: () =>
      'youControl' in view.consent && view.consent.youControl ? setLeaving(true) : onLeave(),
  }
  useKeys(
    {
      ...acts,
      record: toDetails,
      focusWithdraw: () => document.getElementById('withdraw')?.focus(),
      escape: () => (sheet === null ? setPanel(null) : setSheetAside()),
      talk: media.talk,
    },
    keysOn,
  )

  const tools = toolbarView(state, camera, panel)
  return (
    <div className={sheet === null ? 'call' : 'call reading'} data-frame={frameOf(line)}>
      <Announcer state={state} />
      <Top
        title={title}
        line={line}
        since={view.consentAt}
        withdrawing={consent.withdrawing}
        onMark={onMark}
        acts={{ withdraw: consent.withdraw, reopen: toDetails, details: toDetails }}
      />
      <Side
        sheet={sheet}
        panel={panel}
        call={view}
        receipts={state.receipts}
        consent={consent}
        devices={devices}
        toolbar={tools}
        toolbarActs={acts}
        keysOn={keysOn}
        details={{
          ...consent,
          receipts: toReceipts,
          readAgain: () => setAgain(requestId),
          destroy: () => {
            setPanel(null)
            setDestroying(true)
          },
        }}
        onReceipts={fetchReceipts}
        onClose={() => setPanel(null)}
        onSetAside={setSheetAside}
        onAsked={() => setAsking(false)}
        onChosen={media.send}
        onKeys={(on) => {
          setKeysOn(on)
          remember('keysOff', on ? null : '1')
        }}
      />
      <Stage call={call} callView={view} views={tileViews(state, view, camera)} isPhone={isPhone} />
      <Slips
        state={state}
        consent={consent}
        leaving={leaving}
        destroying={destroying}
        sheetOpen={sheet !== null}
        onReceipts={toReceipts}
        onStay={() => setLeaving(false)}
        onLeave={onLeave}
        onDestroyed={() => setDestroying(false)}
      />
      <Toolbar view={tools} acts={acts} />
    </div>
  )
}
