import { initials } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Video } from '../parts/video.tsx'
import type { Devices, DevicesState, Kind } from './devices.ts'
import { LevelMeter } from './level-meter.tsx'

/** How the others will see and hear you. Nothing is sent before Join. */
export function Preview({
  devices,
  state,
  name,
}: {
  readonly devices: Devices
  readonly state: DevicesState
  readonly name: string
}) {
  const { t } = useText()
  const { camera, microphone } = state
  return (
    <section aria-label={t('join.preview')}>
      <div className="tile preview">
        {camera.state === 'on' ? (
          <Video stream={camera.stream} mirrored />
        ) : (
          <div className="initials" aria-hidden="true">
            <span>{initials(name)}</span>
          </div>
        )}
        <p className="plate">
          <Icon name={microphone.state === 'on' ? 'microphone' : 'microphoneOff'} />
          {name === '' ? (
            t('you')
          ) : (
            <>
              {name} <span className="you">{t('you')}</span>
            </>
          )}
        </p>
      </div>
      <div className="row preview-tools">
        <Switch kind="microphone" devices={devices} state={state} />
        <Switch kind="camera" devices={devices} state={state} />
        {microphone.state === 'on' && <LevelMeter stream={microphone.stream} />}
      </div>
    </section>
  )
}

function Switch({
  kind,
  devices,
  state,
}: {
  readonly kind: Kind
  readonly devices: Devices
  readonly state: DevicesState
}) {
  const { t } = useText()
  const on = state[kind].state === 'on'
  const label =
    kind === 'microphone'
      ? t(on ? 'join.microphoneOn' : 'join.microphoneOff')
      : t(on ? 'join.cameraOn' : 'join.cameraOff')
  const press = () => (on ? devices.off(kind) : void devices.open(kind))
  return (
    <button
      className={on ? 'btn' : 'btn off'}
      type="button"
      disabled={state[kind].state === 'opening'}
      onClick={press}
    >
      <Icon name={on ? kind : `${kind}Off`} />
      {label}
    </button>
  )
}
