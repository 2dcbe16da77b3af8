import { useText } from '../language/text.tsx'

/** Above everything, on every page, and nothing closes it. */
export function DemoBanner() {
  const { t } = useText()
  return (
    <section className="demo" aria-label={t('demo')}>
      <b>{t('demo')}</b> {t('demo.text')}
    </section>
  )
}
