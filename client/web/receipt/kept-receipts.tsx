import { useEffect, useState } from 'react'
import { checkAgain, type HeldReceipt, type Keeper } from '#sdk'
import { useText } from '../language/text.tsx'
import { Receipts } from './receipts.tsx'

/** As much of what the browser keeps as belongs to the person to look at. */
export type ReceiptDrawer = Pick<Keeper, 'receipts' | 'forgetReceipt'>

/** After a call, or without one: what this browser still holds. Nothing is shown where it holds nothing. */
export function KeptReceipts({
  drawer,
  session,
}: {
  readonly drawer: ReceiptDrawer
  /** Those of one call; null for all. */
  readonly session: string | null
}) {
  const { t } = useText()
  const [kept, setKept] = useState<readonly HeldReceipt[]>([])
  useEffect(() => {
    let isGone = false
    const show = async () => {
      const all = await drawer.receipts()
      const wanted = all.filter((one) => session === null || one.session === session)
      // What was found when they came is not what is true of them now.
      const checked = await Promise.all(wanted.map(checkAgain))
      if (!isGone) setKept(checked)
    }
    // Storage that a browser refuses to open has nothing to show.
    show().catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [drawer, session])
  if (kept.length === 0) return null
  const forget = (id: string) => {
    setKept(kept.filter((one) => one.id !== id))
    void drawer.forgetReceipt(id).catch(() => undefined)
  }
  return (
    <section className="card wide kept" aria-labelledby="kept">
      <h2 id="kept">{t('receipt.all')}</h2>
      <Receipts receipts={kept} onForget={forget} />
    </section>
  )
}
