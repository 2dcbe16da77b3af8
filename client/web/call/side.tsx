import type { CallView, HeldReceipt } from '#sdk'
import { MismatchSheet } from '../consent/mismatch-sheet.tsx'
import { NoticeSheet } from '../consent/notice-sheet.tsx'
import { RequestForm } from '../consent/request-form.tsx'
import type { Devices, Kind } from '../join/devices.ts'
import { ReceiptsPanel } from '../receipt/receipts-panel.tsx'
import { DetailsPanel, type DetailActs } from '../record/details-panel.tsx'
import { PeoplePanel } from './people-panel.tsx'
import { SettingsPanel } from './settings-panel.tsx'
import type { Sheet } from './sheet.ts'
import type { ToolbarActs, ToolbarView } from './toolbar.tsx'
import type { ConsentActs } from './use-consent-acts.ts'

export type PanelName = NonNullable<ToolbarView['panel']>

/** At most one sheet or panel. A sheet replaces the panel and gives it back. */
export function Side({
  sheet,
  panel,
  call,
  receipts,
  consent,
  details,
  devices,
  toolbar,
  toolbarActs,
  keysOn,
  ...on
}: {
  readonly sheet: Sheet
  readonly panel: PanelName | null
  readonly call: CallView
  readonly receipts: readonly HeldReceipt[]
  readonly consent: ConsentActs
  readonly details: DetailActs
  readonly devices: Devices
  readonly toolbar: ToolbarView
  readonly toolbarActs: ToolbarActs
  readonly keysOn: boolean
  readonly onKeys: (on: boolean) => void
  readonly onChosen: (kind: Kind, track: MediaStreamTrack | null) => void
  readonly onReceipts: () => void
  readonly onClose: () => void
  readonly onSetAside: () => void
  readonly onAsked: () => void
}) {
  const { consent: asked, notice } = call
  if (
    sheet === 'notice' &&
    notice.state === 'matches' &&
    asked.state !== 'idle' &&
    asked.state !== 'ended'
  ) {
    // Who reads again without having been asked has nothing to decline: going back is all there is.
    const answer = (decision: 'given' | 'refused') =>
      decision === 'refused' && asked.you === 'refused' ? on.onSetAside() : consent.answer(decision)
    return (
      <NoticeSheet
        key={asked.requestId}
        call={call}
        consent={asked}
        notice={notice.notice}
        canAgree={notice.canAgree}
        problem={consent.problem}
        sending={consent.sending}
        onAnswer={answer}
        onSetAside={on.onSetAside}
      />
    )
  }
  if (sheet === 'mismatch') return <MismatchSheet onSetAside={on.onSetAside} />
  if (sheet === 'request') {
    const ask: typeof consent.ask = async (asking) => {
      const problem = await consent.ask(asking)
      if (problem === null) on.onAsked()
      return problem
    }
    return (
      <RequestForm
        options={call.recordingOptions}
        onPreview={consent.preview}
        onAsk={ask}
        onClose={on.onSetAside}
      />
    )
  }
  switch (panel) {
    case null:
      return null
    case 'people':
      return <PeoplePanel call={call} onClose={on.onClose} />
    case 'details':
      return <DetailsPanel call={call} acts={details} onClose={on.onClose} />
    case 'receipts':
      return (
        <ReceiptsPanel receipts={receipts} fetchAnew={on.onReceipts} onClose={on.onClose} />
      )
    case 'settings':
      return (
        <SettingsPanel
          devices={devices}
          view={toolbar}
          acts={toolbarActs}
          keysOn={keysOn}
          onKeys={on.onKeys}
          onChosen={on.onChosen}
          onClose={on.onClose}
        />
      )
  }
}
