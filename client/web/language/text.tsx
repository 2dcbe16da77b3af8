import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useState,
  type ReactNode,
} from 'react'
import { remember } from '../entry/remembered.ts'
import { fill, type Values } from './format.ts'
import { loadStrings, localeOf, type Key, type Language, type Strings } from './languages.ts'

export interface Words {
  readonly language: Language
  /** The language with the browser's own region, en-GB: how it writes dates and lists. */
  readonly locale: string
  readonly t: (key: Key, values?: Values) => string
  readonly setLanguage: (language: Language) => void
}

const Context = createContext<Words | null>(null)

/** The words of the page, in the language in use. Throws outside of WordsOf. */
export function useText(): Words {
  const words = use(Context)
  if (words === null) throw new Error('useText needs WordsOf above it')
  return words
}

/** Speaks `initial` first; another language is loaded before it is shown. */
export function WordsOf({
  initial,
  children,
}: {
  readonly initial: { readonly language: Language; readonly strings: Strings }
  readonly children: ReactNode
}) {
  const [{ language, strings }, setSpoken] = useState(initial)

  const setLanguage = useCallback((next: Language) => {
    const show = async () => setSpoken({ language: next, strings: await loadStrings(next) })
    // The words are files of this page: what cannot load leaves the present language standing.
    show().then(
      () => remember('language', next),
      () => undefined,
    )
  }, [])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  const words = useMemo(() => {
    const locale = localeOf(language, navigator.languages)
    return {
      language,
      locale,
      setLanguage,
      t: (key: Key, values: Values = {}) => fill(strings[key], values, locale),
    }
  }, [language, strings, setLanguage])
  return <Context value={words}>{children}</Context>
}
