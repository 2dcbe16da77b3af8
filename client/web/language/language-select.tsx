import { isLanguage, languages, type Language } from './languages.ts'

/** Each language under its own name, for who does not read the present one. */
export function LanguageSelect({
  label,
  language,
  onLanguage,
}: {
  readonly label: string
  readonly language: Language
  readonly onLanguage: (language: Language) => void
}) {
  return (
    <label className="language">
      <span className="sr">{label}</span>
      <select
        value={language}
        onChange={({ target }) => {
          if (isLanguage(target.value)) onLanguage(target.value)
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
