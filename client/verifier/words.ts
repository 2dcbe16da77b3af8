import { fill, type Text, type Values } from '../web/language/format.ts'
import { localeOf, type Language } from '../web/language/languages.ts'
import webDe from '../web/language/strings/de.json' with { type: 'json' }
import webEn from '../web/language/strings/en.json' with { type: 'json' }
import webEs from '../web/language/strings/es.json' with { type: 'json' }
import webFr from '../web/language/strings/fr.json' with { type: 'json' }
import webUk from '../web/language/strings/uk.json' with { type: 'json' }
import type { ReceiptKey, ReceiptWords } from '../web/receipt/words.ts'
import de from './strings/de.json' with { type: 'json' }
import en from './strings/en.json' with { type: 'json' }
import es from './strings/es.json' with { type: 'json' }
import fr from './strings/fr.json' with { type: 'json' }
import uk from './strings/uk.json' with { type: 'json' }

export type OwnKey = keyof typeof en
export interface VerifierWords extends ReceiptWords {
  readonly own: (key: OwnKey, values?: Values) => string
}

/** All languages are in the file: where it is opened there may be no server to ask for one. */
export const strings: Record<
  Language,
  { readonly own: Readonly<Record<OwnKey, Text>>; readonly web: Readonly<Record<ReceiptKey, Text>> }
> = {
  en: { own: en, web: webEn },
  de: { own: de, web: webDe },
  fr: { own: fr, web: webFr },
  es: { own: es, web: webEs },
  uk: { own: uk, web: webUk },
}

export function wordsIn(language: Language, preferred: readonly string[]): VerifierWords {
  const locale = localeOf(language, preferred)
  const { own, web } = strings[language]
  return {
    locale,
    own: (key, values = {}) => fill(own[key], values, locale),
    t: (key, values = {}) => fill(web[key], values, locale),
  }
}
