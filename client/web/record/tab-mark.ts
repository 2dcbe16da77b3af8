import { useEffect } from 'react'
import { useText } from '../language/text.tsx'
import type { Line } from './line.ts'

/** The record line for who looks at another tab: in the title and the tab's icon, both from this origin. */
export function useTabMark(look: Line['look'], title: string): void {
  const { t } = useText()
  const name = look === 'on' || look === 'out' ? t('rec.title', { call: title })
    : look === 'paused' ? t('rec.title.paused', { call: title }) : `${title} · Assent`
  useEffect(() => { document.title = name }, [name])
  useEffect(() => {
    const file = look === 'on' || look === 'out' ? 'ring-closed' : look === 'paused' ? 'ring-paused' : 'ring-open'
    document.querySelector('link[rel="icon"]')?.setAttribute('href', `/${file}.svg`)
  }, [look])
}
