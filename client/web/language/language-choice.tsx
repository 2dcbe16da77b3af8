import { isLanguage, languages } from './languages.ts'
import { useText } from './text.tsx'

/** Each language under its own name, for who does not read the present one. */
export function LanguageChoice() {
  const { language, setLanguage, t } = useText()
  return (
    <label className="language">
      <span className="sr">{t('language')}</span>
      <select
        value={language}
        onChange={({ target }) => {
          if (isLanguage(target.value)) setLanguage(target.value)
        }}
      >
        {Object.entries(languages).map(([code, own]) => (
          <option key={code} value={code} lang={code}>
            {own}
          </option>
        ))}
      </select>
    </label>
  )
}
