import type { Notice, Party } from '#sdk'
import { country, dateAndTime, days, list } from '../language/format.ts'
import { useText } from '../language/text.tsx'

/** Everything else that the notice says; with the facts above it, nothing of it is left out. */
export function NoticeAll({ notice }: { readonly notice: Notice }) {
  const { t, locale } = useText()
  const countries = (codes: readonly string[]) =>
    list(
      codes.map((code) => country(code, locale)),
      locale,
    )
  return (
    <dl className="facts all">
      {notice.controllers.map((party) => (
        <div key={party.name}>
          <dt>{t(`all.${party.role}`)}</dt>
          <dd>
            <PartyLines party={party} />
          </dd>
        </div>
      ))}
      {notice.processors.map((party) => (
        <div key={party.name}>
          <dt>{t('all.processor')}</dt>
          <dd>
            <PartyLines party={party} />
          </dd>
        </div>
      ))}
      <div>
        <dt>{t('all.basis')}</dt>
        <dd>
          {notice.lawfulBasis}. {t('all.optional')}
        </dd>
      </div>
      <div>
        <dt>{t('all.how')}</dt>
        <dd>
          {t('all.click')} {t('all.noProfile')}
        </dd>
      </div>
      <div>
        <dt>{t('all.host')}</dt>
        <dd>{t(notice.hostMayChange ? 'all.host.may' : 'all.host.mayNot')}</dd>
      </div>
      <div>
        <dt>{t('all.recipients')}</dt>
        <dd>
          {notice.recipients
            .map(({ name, role, country: code }) => `${name} (${role}, ${country(code, locale)})`)
            .join('; ')}
        </dd>
      </div>
      <div>
        <dt>{t('all.where')}</dt>
        <dd>
          {t('all.where.value', { places: countries(notice.processingLocations) })}{' '}
          {notice.transfers.length === 0 ? t('all.transfers.none') : list(notice.transfers, locale)}
        </dd>
      </div>
      <div>
        <dt>{t('all.retention')}</dt>
        <dd>
          {t('all.retention.value', {
            recording: days(notice.retention.recordingDays, locale),
            evidence: days(notice.retention.evidenceDays, locale),
          })}
        </dd>
      </div>
      <div>
        <dt>{t('all.withdrawal')}</dt>
        <dd>
          {t('all.withdrawal.value')} <Place to={notice.withdrawal.url} /> ·{' '}
          {notice.withdrawal.contact}
        </dd>
      </div>
      <div>
        <dt>{t('all.rights')}</dt>
        <dd>
          <Place to={notice.rights.url} />
        </dd>
      </div>
      <div>
        <dt>{t('all.authority')}</dt>
        <dd>
          {notice.authority.name} <Place to={notice.authority.url} />
        </dd>
      </div>
      <div>
        <dt>{t('all.law')}</dt>
        <dd>{notice.jurisdiction.join(', ')}</dd>
      </div>
      <div>
        <dt>{t('all.valid')}</dt>
        <dd>{t('all.valid.value', { from: dateAndTime(notice.validity.from, locale) })}</dd>
      </div>
      <div>
        <dt>{t('all.policy')}</dt>
        <dd>
          <Place to={notice.policyText.url} /> ({notice.policyText.lang})
        </dd>
      </div>
      <div>
        <dt>{t('all.purpose')}</dt>
        <dd className="code">
          {notice.purposes.map(({ id, category }) => `${id}: ${category}`).join(', ')} ·{' '}
          {notice.processing.join(', ')}
        </dd>
      </div>
      <div>
        <dt>{t('all.reference')}</dt>
        <dd className="code">
          {notice.requestId} · {notice.session.id} · {notice.schema}
        </dd>
      </div>
    </dl>
  )
}

function PartyLines({ party: { name, address, contact, url } }: { readonly party: Party }) {
  return (
    <>
      {name}, {address} · {contact} {url !== undefined && <Place to={url} />}
    </>
  )
}

/** A link where the address is one that a browser may follow, otherwise the address as text. */
function Place({ to }: { readonly to: string }) {
  return URL.canParse(to) && /^https?:$/.test(new URL(to).protocol) ? (
    <a href={to} target="_blank" rel="noreferrer">
      {to.replace(/^https?:\/\//, '')}
    </a>
  ) : (
    <>{to}</>
  )
}
