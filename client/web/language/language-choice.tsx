import { LanguageSelect } from './language-select.tsx'
import { useText } from './text.tsx'

/** The page's own choice of language. */
export function LanguageChoice() {
  const { language, setLanguage, t } = useText()
  return <LanguageSelect label={t('language')} language={language} onLanguage={setLanguage} />
}
