import { useSyncExternalStore } from 'react'
import type { Devices, Kind } from '../join/devices.ts'
import { DeviceChoice } from '../join/device-choice.tsx'
import { DeviceNotes } from '../join/device-notes.tsx'
import { LanguageChoice } from '../language/language-choice.tsx'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Panel } from '../parts/panel.tsx'
import { Ring } from '../record/ring.tsx'
import type { ToolbarActs, ToolbarView } from './toolbar.tsx'

const keys = [
  ['Alt M', 'keys.microphone'],
  ['Alt V', 'keys.camera'],
  ['Alt S', 'keys.share'],
  ['Alt P', 'keys.people'],
  ['Alt R', 'keys.record'],
  ['Alt W', 'keys.withdraw'],
  ['Space', 'keys.space'],
  ['Esc', 'keys.escape'],
] as const

/** Devices, language and keys; on a phone also what the toolbar has no room for. */
export function SettingsPanel({
  devices,
  view,
  acts,
  keysOn,
  onKeys,
  onChosen,
  onClose,
}: {
  readonly devices: Devices
  readonly view: ToolbarView
  readonly acts: ToolbarActs
  readonly keysOn: boolean
  readonly onKeys: (on: boolean) => void
  readonly onChosen: (kind: Kind, track: MediaStreamTrack | null) => void
  readonly onClose: () => void
}) {
  const { t } = useText()
  const state = useSyncExternalStore(devices.subscribe, () => devices.state)
  return (
    <Panel title={t('tool.more')} onClose={onClose}>
      <div className="stack">
        <div className="narrow-only acts">
          {view.canShare && (
            <button className="btn" type="button" onClick={acts.share}>
              <Icon name="screen" />
              {t(view.sharing ? 'share.stop' : 'tool.share')}
            </button>
          )}
          {view.recording === 'canAsk' && (
            <button className="btn" type="button" onClick={acts.ask}>
              <Ring shape="open" />
              {t('ask.open')}
            </button>
          )}
        </div>
        <DeviceNotes devices={devices} state={state} />
        <DeviceChoice devices={devices} state={state} onChosen={onChosen} />
        <div className="field">
          <span aria-hidden="true">{t('language')}</span>
          <LanguageChoice />
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={keysOn}
            onChange={({ target }) => onKeys(target.checked)}
          />
          {t('keys.on')}
        </label>
        {keysOn && (
          <dl className="facts keys">
            {keys.map(([key, does]) => (
              <div key={key}>
                <dt>
                  <kbd>{key === 'Space' ? t('keys.spaceBar') : key}</kbd>
                </dt>
                <dd>{t(does)}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </Panel>
  )
}
