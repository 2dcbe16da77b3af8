import { useText } from '../language/text.tsx'

/** Above everything, on every page, and nothing closes it. */
export function DemoBanner() {
  const { t } = useText()
  return <div className="demo" role="note"><b>{t('demo')}</b> {t('demo.text')}</div>
}
