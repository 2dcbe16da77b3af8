import { inSentence, list } from '../language/format.ts'
import type { ReceiptWords } from './words.ts'

type Kinds = { readonly audio: boolean; readonly video: boolean; readonly screen: boolean }

/** What is recorded, and what is not, in one line. */
export function recorded(media: Kinds, { t, locale }: ReceiptWords): string {
  const named = (wanted: boolean) =>
    (['audio', 'video', 'screen'] as const)
      .filter((kind) => media[kind] === wanted)
      .map((kind) => t(mediaWords[kind]))
  const [first = '', ...more] = named(true)
  const taken = list([first, ...more.map((name) => inSentence(name, locale))], locale)
  const others = list(
    named(false).map((name) => inSentence(name, locale)),
    locale,
  )
  return others === ''
    ? t('notice.recorded.all', { media: taken })
    : t('notice.recorded.value', { media: taken, others })
}

const mediaWords = { audio: 'media.sound', video: 'media.camera', screen: 'media.screen' } as const
