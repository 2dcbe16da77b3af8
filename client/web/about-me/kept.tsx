import type { AboutMe, OwnKept } from '#sdk'
import { useText } from '../language/text.tsx'
import { list } from '../language/format.ts'
import { dayOf } from './about-me-page.tsx'
import { Ledger } from './ledger.tsx'

/** All that is not a recording: what, why and until when. And what is not held at all. */
export function Kept({ about }: { readonly about: AboutMe }) {
  const { t, locale } = useText()
  const rows = about.kept.flatMap((kept) => {
    const words = wordsOf(kept.kind)
    return words === null ? [] : [{ ...kept, ...words }]
  })
  const names = list(about.names.kept, locale)
  return (
    <section className="card" aria-labelledby="me-kept">
      <h2 id="me-kept">{t('me.kept')}</h2>
      {rows.length > 0 && (
        <Ledger labelledBy="me-kept" heads={[t('me.col.what'), t('me.col.why'), t('me.col.until')]}>
          {rows.map(({ kind, count, until, what, why }) => (
            <tr key={kind}>
              <th scope="row">{t(what, kind === 'name' ? { names } : { count })}</th>
              <td>{t(why)}</td>
              <td>
                {until === null
                  ? t('me.until.none')
                  : t('me.until.latest', { day: dayOf(until, locale) })}
              </td>
            </tr>
          ))}
        </Ledger>
      )}
      <p className="hint">{t('me.notHeld')}</p>
    </section>
  )
}

/** Recordings stand in a table of their own. */
function wordsOf(kind: OwnKept['kind']) {
  switch (kind) {
    case 'recording':
      return null
    case 'decision':
      return { what: 'me.kept.decision', why: 'me.kept.decision.why' } as const
    case 'name':
      return { what: 'me.kept.name', why: 'me.kept.name.why' } as const
    case 'rights-request':
      return { what: 'me.kept.request', why: 'me.kept.request.why' } as const
    case 'setting':
      return { what: 'me.kept.setting', why: 'me.kept.setting.why' } as const
  }
}
