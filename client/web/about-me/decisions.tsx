import type { AboutMe } from '#sdk'
import { useText } from '../language/text.tsx'
import { dateAndTime } from '../language/format.ts'
import { Ledger } from './ledger.tsx'
import { saidTo } from './said.ts'

/** Each request that this person was shown, and their answer. */
export function Decisions({ about }: { readonly about: AboutMe }) {
  const { t, locale } = useText()
  const rows = about.calls.flatMap((call) => call.asked.map((asked) => ({ call, asked })))
  return (
    <section className="card" aria-labelledby="me-decisions">
      <h2 id="me-decisions">{t('me.decisions')}</h2>
      {rows.length === 0 ? (
        <p className="small">{t('me.decisions.none')}</p>
      ) : (
        <Ledger labelledBy="me-decisions" heads={[t('me.col.asked'), t('me.col.call'), t('me.col.said')]}>
          {rows.map(({ call, asked }) => (
            <tr key={asked.requestId}>
              <th scope="row">“{asked.purpose}”</th>
              <td>{dateAndTime(asked.at, locale)}</td>
              <td>
                {t(saidTo(call, asked.requestId))}
                {call.isOnHold && <span className="hint">{t('me.hold')}</span>}
              </td>
            </tr>
          ))}
        </Ledger>
      )}
    </section>
  )
}
