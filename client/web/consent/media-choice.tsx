import type { Media } from '#sdk'
import { useText } from '../language/text.tsx'

const names = { audio: 'media.sound', video: 'media.camera', screen: 'media.screen' } as const

export function MediaChoice({
  media,
  onChange,
}: {
  readonly media: Media
  readonly onChange: (media: Media) => void
}) {
  const { t } = useText()
  return (
    <fieldset>
      <legend className="legend">{t('ask.media')}</legend>
      <div className="chips">
        {(['audio', 'video', 'screen'] as const).map((kind) => (
          <label key={kind} className="chip">
            <input
              type="checkbox"
              checked={media[kind]}
              onChange={({ target }) => onChange({ ...media, [kind]: target.checked })}
            />
            {t(names[kind])}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
