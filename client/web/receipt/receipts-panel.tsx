import { useEffect } from 'react'
import type { HeldReceipt } from '#sdk'
import { useText } from '../language/text.tsx'
import { Panel } from '../parts/panel.tsx'
import { Receipts } from './receipts.tsx'

/** One's receipts of this call, beside the call. */
export function ReceiptsPanel({
  receipts,
  fetchAnew,
  onClose,
}: {
  readonly receipts: readonly HeldReceipt[]
  /** Silence is a decision too, and witnesses take their time. */
  readonly fetchAnew: () => void
  readonly onClose: () => void
}) {
  const { t } = useText()
  useEffect(fetchAnew, [fetchAnew])
  return (
    <Panel title={t('receipt.all')} onClose={onClose}>
      <Receipts receipts={receipts} />
    </Panel>
  )
}
