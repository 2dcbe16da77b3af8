import type en from './strings/en.json'
import type { Text } from './format.ts'

export type Key = keyof typeof en
export type Strings = Readonly<Record<Key, Text>>

/** Each language by its own name, in the order of the menu. */
export const languages = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  uk: 'Українська',
} as const
export type Language = keyof typeof languages

/** Only the language in use is loaded. A language without a key does not compile. */
const files: Record<Language, () => Promise<{ default: Strings }>> = {
  en: () => import('./strings/en.json', { with: { type: 'json' } }),
  de: () => import('./strings/de.json', { with: { type: 'json' } }),
  fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
  es: () => import('./strings/es.json', { with: { type: 'json' } }),
  uk: () => import('./strings/uk.json', { with: { type: 'json' } }),
}

export const loadStrings = async (language: Language): Promise<Strings> =>
  (await files[language]()).default

/** The remembered language, else the first of the browser's that we speak, else English. */
export function chooseLanguage(remembered: string | null, preferred: readonly string[]): Language {
  const wanted = [remembered ?? '', ...preferred].map(
    (tag) => tag.toLowerCase().split('-')[0] ?? '',
  )
  return wanted.find(isLanguage) ?? 'en'
}

/** The first of the browser's languages that is this one, with its region; else the language alone. */
export const localeOf = (language: Language, preferred: readonly string[]): string =>
  preferred.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language

export const isLanguage = (name: string): name is Language => Object.hasOwn(languages, name)
