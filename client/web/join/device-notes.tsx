import { useText } from '../language/text.tsx'
import type { Key } from '../language/languages.ts'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import type { Devices, DevicesState, Input, Kind } from './devices.ts'

type Trouble = 'blocked' | 'missing' | 'busy'
const texts: Record<Kind, Record<Trouble, readonly [bold: Key, todo: Key]>> = {
  microphone: {
    blocked: ['device.microphone.blocked', 'device.microphone.blocked.todo'],
    missing: ['device.microphone.missing', 'device.microphone.missing.todo'],
    busy: ['device.microphone.busy', 'device.busy.todo'],
  },
  camera: {
    blocked: ['device.camera.blocked', 'device.camera.blocked.todo'],
    missing: ['device.camera.missing', 'device.camera.missing.todo'],
    busy: ['device.camera.busy', 'device.busy.todo'],
  },
}

/** What is wrong with the camera or the microphone, and what can be done. Nothing where nothing is wrong. */
export function DeviceNotes({
  devices,
  state,
}: {
  readonly devices: Devices
  readonly state: DevicesState
}) {
  const { t } = useText()
  return (['microphone', 'camera'] as const).map((kind) => {
    const trouble = troubleOf(state[kind])
    if (trouble === null) return null
    const [bold, todo] = texts[kind][trouble]
    const again = (
      <button className="btn" type="button" onClick={() => void devices.open(kind)}>
        {t('again')}
      </button>
    )
    return (
      <Note key={kind} care icon={<Icon name={`${kind}Off`} />} bold={t(bold)} actions={again}>
        {t(todo)}
      </Note>
    )
  })
}

const troubleOf = ({ state }: Input): Trouble | null =>
  state === 'blocked' || state === 'missing' || state === 'busy' ? state : null
