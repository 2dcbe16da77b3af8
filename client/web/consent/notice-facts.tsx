import type { Notice } from '#sdk'
import { country, day, list } from '../language/format.ts'
import { useText, type Words } from '../language/text.tsx'
import { recorded } from '../receipt/recorded.ts'

/** The facts of a decision, from the notice and from nothing else. */
export function NoticeFacts({
  notice,
  late,
  all,
  onAll,
}: {
  readonly notice: Notice
  /** It already runs and waits for this person. */
  readonly late: boolean
  readonly all: boolean
  readonly onAll: () => void
}) {
  const words = useText()
  const { t, locale } = words
  const place = notice.storage.map(
    ({ location, country: code }) => `${location}, ${country(code, locale)}`,
  )
  const { version, date } = notice.policyText
  return (
    <dl className="facts">
      <div>
        <dt>{t('notice.recorded')}</dt>
        <dd>{recorded(notice.media, words)}</dd>
      </div>
      <div>
        <dt>{t('notice.rule')}</dt>
        <dd>{rule(notice, late, words)}</dd>
      </div>
      <div>
        <dt>{t('notice.kept')}</dt>
        <dd>
          {t('notice.kept.value', {
            days: notice.retention.recordingDays,
            place: list(place, locale),
          })}
        </dd>
      </div>
      <div>
        <dt>{t('notice.openedBy')}</dt>
        <dd>
          {t('notice.openedBy.value', {
            readers: list(
              notice.recipients.map(({ name }) => name),
              locale,
            ),
            controller: list(
              notice.controllers.map(({ name }) => name),
              locale,
            ),
          })}
        </dd>
      </div>
      <div>
        <dt>{t('notice.youCan')}</dt>
        <dd>{t('notice.youCan.value')}</dd>
      </div>
      <div>
        <dt>{t('notice.version')}</dt>
        <dd>
          {t('notice.version.value', { version, date: day(date, locale) })} ·{' '}
          <button className="link" type="button" aria-expanded={all} onClick={onAll}>
            {t('notice.readAll')}
          </button>
        </dd>
      </div>
      <div>
        <dt>{t('notice.limit')}</dt>
        <dd>
          {t('notice.limit.value')}
          {notice.policy === 'each' && <> {t('notice.limit.each')}</>}
        </dd>
      </div>
    </dl>
  )
}

function rule({ policy }: Notice, late: boolean, { t }: Words): string {
  if (policy === 'each') return t('notice.rule.each')
  return t(late ? 'notice.rule.everyone.late' : 'notice.rule.everyone')
}
