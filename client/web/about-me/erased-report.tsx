import { useEffect, useRef } from 'react'
import type { AboutMe, Erased } from '#sdk'
import { useText } from '../language/text.tsx'
import { dayOf } from './about-me-page.tsx'
import { Ledger } from './ledger.tsx'

/** What is gone, what stays, why and until when. Shown once: afterwards nobody can look it up any more. */
export function ErasedReport({
  erased: { tracks, whole, stays },
  before,
}: {
  readonly erased: Erased
  readonly before: AboutMe
}) {
  const { t, locale } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const since = new Map(before.calls.map((call) => [call.session, call.since]))
  const dayOfCall = (session: Erased['stays'][number]['session']) =>
    dayOf(since.get(session) ?? before.composedAt, locale)
  return (
    <section className="card erased" aria-labelledby="me-erased">
      <h1 id="me-erased" tabIndex={-1} ref={heading}>
        {t('me.erased')}
      </h1>
      <p>{t('me.erased.gone', { tracks, whole })}</p>
      <h2 id="me-stays">{t('me.erased.stays')}</h2>
      {stays.length === 0 ? (
        <p>{t('me.erased.nothing')}</p>
      ) : (
        <Ledger
          labelledBy="me-stays"
          heads={[t('me.col.call'), t('me.col.why'), t('me.col.until')]}
        >
          {stays.map(({ session, why, until }) => (
            <tr key={session}>
              <th scope="row">{dayOfCall(session)}</th>
              <td>{t(why === 'hold' ? 'me.erased.hold' : 'me.erased.proof')}</td>
              <td>{until === null ? t('me.until.none') : dayOf(until, locale)}</td>
            </tr>
          ))}
        </Ledger>
      )}
    </section>
  )
}
