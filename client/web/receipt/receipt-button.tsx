import type { HeldReceipt } from '#sdk'
import { useText } from '../language/text.tsx'
import { Icon } from '../parts/icon.tsx'

/** To the receipt of the newest decision; says so at once when that could not be verified. */
export function ReceiptButton({
  newest,
  onOpen,
}: {
  readonly newest: HeldReceipt | undefined
  readonly onOpen: () => void
}) {
  const { t } = useText()
  if (newest === undefined) return null
  const holds = newest.verdict.state === 'verified'
  return (
    <button className="btn" type="button" onClick={onOpen}>
      <Icon name={holds ? 'verified' : 'care'} />
      {t(holds ? 'wait.receipt' : 'wait.receipt.failed')}
    </button>
  )
}
