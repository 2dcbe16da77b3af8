import type { ReactNode } from 'react'
import { Icon } from '../parts/icon.tsx'
import type { Account, Fact } from './account.ts'
import type { ReceiptWords } from './words.ts'

/** A receipt in words: what was said, the facts, what is proven, and what is not. `verdict` and `children` are its frame's. */
export function Told({
  account,
  words: { t },
  verdict,
  children,
}: {
  readonly account: Account
  readonly words: ReceiptWords
  readonly verdict: ReactNode
  readonly children?: ReactNode
}) {
  const { said, purpose, facts, proves, leaves, details } = account
  return (
    <>
      {verdict}
      <h3 className="said">{said}</h3>
      {purpose !== null && <p className="purpose">“{purpose}”</p>}
      <Facts facts={facts} />
      {children}
      <h4>{t('receipt.proves')}</h4>
      <Claims claims={proves} icon="done" />
      <h4>{t('receipt.notProven')}</h4>
      <Claims claims={leaves} icon="open" />
      <details>
        <summary>{t('receipt.details')}</summary>
        <Facts facts={details} />
      </details>
    </>
  )
}

function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ term, lines, code }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>
            {lines.map((line) => (
              <span className="line" key={line}>
                {line}
              </span>
            ))}
            {code !== undefined && <span className="line code">{code}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Claims({
  claims,
  icon,
}: {
  readonly claims: readonly string[]
  readonly icon: 'done' | 'open'
}) {
  return (
    <ul className={icon === 'done' ? 'proves' : 'proves not'}>
      {claims.map((claim) => (
        <li key={claim}>
          <Icon name={icon} />
          <span>{claim}</span>
        </li>
      ))}
    </ul>
  )
}
