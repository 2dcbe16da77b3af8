import type { KeyboardEvent, ReactNode } from 'react'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Ring } from '../record/ring.tsx'

export interface ToolbarView {
  readonly muted: boolean
  readonly cameraOn: boolean
  readonly sharing: boolean
  /** What the sign-in allows to send; a tool for anything else would lead nowhere. */
  readonly canSpeak: boolean
  readonly canBeSeen: boolean
  readonly canShare: boolean
  /** Asking needs the grants and an idle recording; ending needs that it is yours to end. */
  readonly recording: 'canAsk' | 'canEnd' | null
  readonly panel: 'people' | 'settings' | 'details' | 'receipts' | null
}
export interface ToolbarActs {
  readonly microphone: () => void
  readonly camera: () => void
  readonly share: () => void
  readonly ask: () => void
  readonly end: () => void
  readonly people: () => void
  readonly settings: () => void
  readonly leave: () => void
}

/** What one does in a call. Left and right move along it. */
export function Toolbar({
  view,
  acts,
}: {
  readonly view: ToolbarView
  readonly acts: ToolbarActs
}) {
  const { t } = useText()
  const { muted, cameraOn, sharing, panel } = view
  return (
    <footer className="bar-wrap">
      <div
        className="bar"
        role="toolbar"
        tabIndex={-1}
        aria-label={t('tools')}
        onKeyDown={alongArrows}
      >
        {view.canSpeak && (
          <Tool
            icon={<Icon name={muted ? 'microphoneOff' : 'microphone'} />}
            off={muted}
            label={t(muted ? 'tool.unmute' : 'tool.mute')}
            onPress={acts.microphone}
          />
        )}
        {view.canBeSeen && (
          <Tool
            icon={<Icon name={cameraOn ? 'camera' : 'cameraOff'} />}
            off={!cameraOn}
            label={t('tool.camera')}
            state={t(cameraOn ? 'tool.camera.on' : 'tool.camera.off')}
            onPress={acts.camera}
          />
        )}
        {view.canShare && (
          <Tool
            icon={<Icon name="screen" />}
            roomy
            label={t(sharing ? 'share.stop' : 'tool.share')}
            onPress={acts.share}
          />
        )}
        {view.recording === 'canAsk' && (
          <Tool icon={<Ring shape="open" />} roomy label={t('ask.open')} onPress={acts.ask} />
        )}
        {view.recording === 'canEnd' && (
          <Tool icon={<Ring shape="ended" />} label={t('rec.end')} onPress={acts.end} />
        )}
        <Tool
          icon={<Icon name="people" />}
          label={t('tool.people')}
          expanded={panel === 'people'}
          onPress={acts.people}
        />
        <Tool
          icon={<Icon name="more" />}
          label={t('tool.more')}
          expanded={panel === 'settings'}
          onPress={acts.settings}
        />
        <Tool icon={<Icon name="leave" />} leave label={t('leave')} onPress={acts.leave} />
      </div>
    </footer>
  )
}

function Tool({
  icon,
  label,
  state,
  off = false,
  roomy = false,
  leave = false,
  expanded,
  onPress,
}: {
  readonly icon: ReactNode
  readonly label: string
  readonly state?: string
  readonly off?: boolean
  /** Stands in the menu instead where there is little room. */
  readonly roomy?: boolean
  readonly leave?: boolean
  readonly expanded?: boolean
  readonly onPress: () => void
}) {
  const className = ['tool', off && 'off', roomy && 'roomy', leave && 'leave']
    .filter(Boolean)
    .join(' ')
  return (
    <button className={className} type="button" aria-expanded={expanded} onClick={onPress}>
      {icon}
      <span>
        {label}
        {state !== undefined && <span className="sr">, {state}</span>}
      </span>
    </button>
  )
}

function alongArrows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
  const tools = [...event.currentTarget.querySelectorAll('button')].filter(
    (tool) => tool.offsetParent !== null,
  )
  const place = tools.findIndex((tool) => tool === document.activeElement)
  tools[(place + (event.key === 'ArrowRight' ? 1 : -1) + tools.length) % tools.length]?.focus()
}
