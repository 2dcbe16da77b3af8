import type { Values } from '../language/format.ts'
import type { Key } from '../language/languages.ts'

/** How the keys of those texts begin that a receipt is told in: the verifier carries these and no others. */
const starts = [
  'language',
  'media.',
  'notice.kept',
  'notice.openedBy',
  'notice.recorded',
  'notice.rule',
  'notice.version',
  'receipt.',
] as const
export type ReceiptKey = Extract<Key, `${(typeof starts)[number]}${string}`>

export const isReceiptKey = (key: string): key is ReceiptKey =>
  starts.some((start) => key.startsWith(start))

/** As much of the page's words as tells of a receipt. */
export interface ReceiptWords {
  /** The language with its region. */
  readonly locale: string
  readonly t: (key: ReceiptKey, values?: Values) => string
}
