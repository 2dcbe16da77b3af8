import { useText } from '../language/text.tsx'
import type { Devices, DevicesState, Kind } from './devices.ts'

/** Which microphone and which camera. A device without a label is numbered. */
export function DeviceChoice({
  devices,
  state,
  onChosen,
}: {
  readonly devices: Devices
  readonly state: DevicesState
  /** After another one was opened, so that a running call can send it. */
  readonly onChosen?: (kind: Kind, track: MediaStreamTrack | null) => void
}) {
  const { t } = useText()
  return (['microphone', 'camera'] as const).map((kind) => {
    const choices = state.choices[kind]
    const input = state[kind]
    const choose = async (deviceId: string) =>
      onChosen?.(kind, await devices.choose(kind, deviceId))
    return (
      <label key={kind} className="field">
        <span>{t(kind === 'microphone' ? 'device.microphone' : 'device.camera')}</span>
        <select
          value={input.state === 'on' ? input.deviceId : ''}
          disabled={choices.length === 0}
          onChange={(event) => void choose(event.target.value)}
        >
          {input.state !== 'on' && <option value="">{t('device.none')}</option>}
          {choices.map(({ deviceId, label }, place) => (
            <option key={deviceId} value={deviceId}>
              {label === '' ? t('device.numbered', { number: place + 1 }) : label}
            </option>
          ))}
        </select>
      </label>
    )
  })
}
