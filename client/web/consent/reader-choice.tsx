import type { ReaderId, RecordingOptions } from '#sdk'
import { useText } from '../language/text.tsx'

/** Who will be able to open the recording, from the operator's list; never nobody. */
export function ReaderChoice({
  readers,
  chosen,
  onChange,
}: {
  readonly readers: RecordingOptions['readers']
  readonly chosen: readonly ReaderId[]
  readonly onChange: (chosen: ReaderId[]) => void
}) {
  const { t } = useText()
  const toggle = (readerId: ReaderId, wanted: boolean) => {
    const without = chosen.filter((one) => one !== readerId)
    onChange(wanted ? [...without, readerId] : without)
  }
  return (
    <fieldset>
      <legend className="legend">{t('ask.readers')}</legend>
      <div className="chips">
        {readers.map(({ readerId, name }) => (
          <label key={readerId} className="chip">
            <input
              type="checkbox"
              checked={chosen.includes(readerId)}
              onChange={({ target }) => toggle(readerId, target.checked)}
            />
            {name}
          </label>
        ))}
      </div>
      <p className="hint">{t(readers.length === 0 ? 'ask.readers.none' : 'ask.readers.hint')}</p>
    </fieldset>
  )
}
