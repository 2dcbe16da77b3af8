import type { AboutMe, AboutMePort, Right, RightsRequest } from '#sdk'
import { useText } from '../language/text.tsx'
import { dayOf, type Do } from './about-me-page.tsx'
import { Ledger } from './ledger.tsx'

/** What this person demanded and where it stands, with the day by which it is answered. Nothing, where nothing was. */
export function Requests({
  about: { requests },
  port,
  perform,
}: {
  readonly about: AboutMe
  readonly port: AboutMePort
  readonly perform: Do
}) {
  const { t, locale } = useText()
  if (requests.length === 0) return null
  const takeBack = ({ id }: RightsRequest) =>
    perform(async () => {
      await port.act('withdraw', { id })
      return { key: 'me.takenBack' }
    })
  return (
    <section className="card" aria-labelledby="me-requests">
      <h2 id="me-requests">{t('me.requests')}</h2>
      <Ledger labelledBy="me-requests" heads={[t('me.col.what'), t('me.col.state')]}>
        {requests.map((request) => (
          <tr key={request.id}>
            <th scope="row">
              {t(rights[request.right])}
              <span className="hint">{dayOf(request.receivedAt, locale)}</span>
              {request.words !== null && <span className="hint">“{request.words}”</span>}
            </th>
            <td>
              <State request={request} />
              {request.state === 'received' && (
                <p>
                  <button className="btn" type="button" onClick={() => void takeBack(request)}>
                    {t('me.takeBack')}
                  </button>
                </p>
              )}
            </td>
          </tr>
        ))}
      </Ledger>
    </section>
  )
}

function State({ request }: { readonly request: RightsRequest }) {
  const { t, locale } = useText()
  const { state, dueAt, closedAt, reason } = request
  return (
    <>
      {t(states[state], { day: dayOf(closedAt ?? dueAt, locale) })}
      {reason !== null && (
        <span className="hint">{reason === 'ON_HOLD' ? t('me.hold') : `“${reason}”`}</span>
      )}
    </>
  )
}

const rights = {
  access: 'me.right.access',
  correct: 'me.right.correct',
  restrict: 'me.right.restrict',
  object: 'me.right.object',
  erase: 'me.right.erase',
} as const satisfies Record<Right, string>

const states = {
  received: 'me.state.received',
  done: 'me.state.done',
  refused: 'me.state.refused',
  withdrawn: 'me.state.withdrawn',
} as const satisfies Record<RightsRequest['state'], string>
