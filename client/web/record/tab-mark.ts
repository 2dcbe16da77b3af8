import { useEffect } from 'react'
import { useText } from '../language/text.tsx'
import type { Line } from './line.ts'

/** The record line for who looks at another tab: in the title and the tab's icon, both from this origin. */
export function useTabMark(word: Line['word'], title: string): void {
  const { t } = useText()
  const name =
    word === 'rec.mark'
      ? t('rec.title', { call: title })
      : word === 'rec.paused'
        ? t('rec.title.paused', { call: title })
        : `${title} · Assent`
  useEffect(() => {
    document.title = name
  }, [name])
  useEffect(() => {
    const file =
      word === 'rec.mark' ? 'ring-closed' : word === 'rec.paused' ? 'ring-paused' : 'ring-open'
    document.querySelector('link[rel="icon"]')?.setAttribute('href', `/${file}.svg`)
  }, [word])
}
