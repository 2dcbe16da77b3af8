import type { HeldReceipt } from '#sdk'
import { useText } from '../language/text.tsx'
import { accountOf } from './account.ts'
import { OwnReceipt } from './own-receipt.tsx'

/** All receipts that one holds, the newest open. */
export function Receipts({
  receipts: [newest, ...older],
  onForget,
}: {
  readonly receipts: readonly HeldReceipt[]
  readonly onForget?: ((id: string) => void) | undefined
}) {
  const words = useText()
  const { t } = words
  if (newest === undefined) return <p className="small">{t('receipt.none')}</p>
  return (
    <>
      <OwnReceipt key={keyOf(newest)} receipt={newest} onForget={onForget} />
      {older.map((receipt) => (
        <details className="older" key={keyOf(receipt)}>
          <summary>
            {receipt.verdict.state === 'verified'
              ? accountOf(receipt.verdict.what, words, 'own').said
              : t('wait.receipt.failed')}
          </summary>
          <OwnReceipt receipt={receipt} onForget={onForget} />
        </details>
      ))}
      <p className="small quiet">{t('receipt.kept')}</p>
      <p className="small quiet">
        <a href="/verify.html" download="assent-verify.html">
          {t('receipt.verifier')}
        </a>
        {' · '}
        {t('receipt.verifier.text')}
      </p>
    </>
  )
}

/** A newer proof of the same receipt is checked, and shown, anew. */
const keyOf = ({ id, texts }: HeldReceipt): string => `${id} ${texts.tlogProof}`
