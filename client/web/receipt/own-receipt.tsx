import { useState } from 'react'
import { checkAgain, receiptFile, type HeldReceipt } from '#sdk'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'
import { accountOf, reasonOf } from './account.ts'
import { Seal } from './seal.tsx'
import { Told } from './told.tsx'
import { Verdict } from './verdict.tsx'

/** A person's own receipt: checked in this browser, kept by it, and theirs to take away in one file. */
export function OwnReceipt({
  receipt,
  onForget,
}: {
  readonly receipt: HeldReceipt
  readonly onForget?: ((id: string) => void) | undefined
}) {
  const words = useText()
  const { t } = words
  const [held, setHeld] = useState(receipt)
  const [checking, setChecking] = useState(false)
  const again = () => {
    setChecking(true)
    void checkAgain(held)
      .then(setHeld)
      .finally(() => setChecking(false))
  }
  const { verdict } = held
  const holds = verdict.state === 'verified'
  const line = (
    <output>
      <Verdict holds={holds}>
        {checking
          ? t('receipt.checking')
          : holds
            ? t('receipt.verified')
            : t('receipt.notVerified', { reason: t(reasonOf[verdict.step]) })}
      </Verdict>
    </output>
  )
  const acts = (
    <div className="row after">
      <button className="btn" type="button" onClick={() => download(held)}>
        <Icon name="download" />
        {t('receipt.download')}
      </button>
      <button className="btn" type="button" disabled={checking} onClick={again}>
        {t('receipt.again')}
      </button>
      {onForget !== undefined && (
        <button className="btn plain" type="button" onClick={() => onForget(held.id)}>
          {t('receipt.forget')}
        </button>
      )}
    </div>
  )
  return (
    <article className="receipt">
      {verdict.state === 'verified' ? (
        <>
          <Seal name={held.id} />
          <Told account={accountOf(verdict.what, words, 'own')} words={words} verdict={line}>
            {acts}
          </Told>
        </>
      ) : (
        <>
          {line}
          <p className="code quiet after">{t('receipt.code', { code: verdict.code })}</p>
          {acts}
        </>
      )}
    </article>
  )
}

function download(receipt: HeldReceipt): void {
  const { name, text } = receiptFile(receipt)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  // Not at once: the browser still reads from it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
