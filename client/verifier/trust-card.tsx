import { list } from '../web/language/format.ts'
import type { Trust } from './check.ts'
import { FileButton } from './drop-zone.tsx'
import type { DroppedPolicy } from './dropped.ts'
import type { GivenTrust } from './given-trust.ts'
import type { VerifierWords } from './words.ts'

/** Against whose keys everything here is checked, and how to take others. */
export function TrustCard({
  words,
  given,
  brought,
  trust,
  onPolicy,
}: {
  readonly words: VerifierWords
  readonly given: GivenTrust | null
  readonly brought: DroppedPolicy | null
  readonly trust: Trust | null
  readonly onPolicy: (policy: DroppedPolicy | null) => void
}) {
  const { own, t } = words
  const choose = async ([file]: readonly File[]) => {
    // What cannot be read as a policy says so by itself.
    if (file !== undefined) onPolicy({ name: file.name, text: await file.text() })
  }
  const source =
    brought !== null
      ? own('trust.file', { name: brought.name })
      : given !== null
        ? own('trust.host', { host: given.host })
        : own('trust.none')
  return (
    <section className="card wide trust" aria-labelledby="trusted">
      <h2 id="trusted">{own('trust')}</h2>
      <p className="small">{source}</p>
      {trust?.state === 'read' && <Trusted trust={trust} words={words} />}
      {trust?.state === 'bad' && (
        <div className="problem" role="alert">
          <p>{own('trust.bad', { name: brought?.name ?? given?.host ?? '' })}</p>
          <p className="code">{trust.message}</p>
          <p className="code">{t('receipt.code', { code: trust.code })}</p>
        </div>
      )}
      <div className="row">
        <FileButton
          label={own(trust === null ? 'trust.add' : 'trust.choose')}
          onFiles={(files) => void choose(files)}
        />
        {brought !== null && given !== null && (
          <button className="btn plain" type="button" onClick={() => onPolicy(null)}>
            {own('trust.back', { host: given.host })}
          </button>
        )}
      </div>
    </section>
  )
}

function Trusted({
  trust: { policy },
  words: { own, locale },
}: {
  readonly trust: Extract<Trust, { state: 'read' }>
  readonly words: VerifierWords
}) {
  const { logs, witnesses, quorum } = policy
  return (
    <dl className="facts">
      <div>
        <dt>{own('trust.logs')}</dt>
        <dd>
          {logs.map(({ key }) => (
            <span className="line code" key={key.keyId}>
              {key.name}+{key.keyId}
            </span>
          ))}
        </dd>
      </div>
      <div>
        <dt>{own('trust.witnesses')}</dt>
        <dd>
          {quorum === undefined
            ? own('trust.noWitness')
            : list(
                witnesses.map(({ name }) => name),
                locale,
              )}
        </dd>
      </div>
    </dl>
  )
}
