import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { remember } from '../entry/remembered.ts'
import { fill, type Values } from './format.ts'
import { loadStrings, type Key, type Language, type Strings } from './languages.ts'

export interface Words {
  readonly language: Language
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
export function WordsOf({ initial, children }: {
  readonly initial: { readonly language: Language; readonly strings: Strings }
  readonly children: ReactNode
}) {
  const [{ language, strings }, setSpoken] = useState(initial)

  const setLanguage = useCallback((next: Language) => {
    const show = async () => setSpoken({ language: next, strings: await loadStrings(next) })
    // The words are files of this page: what cannot load leaves the present language standing.
    show().then(() => remember('language', next), () => undefined)
  }, [])
  useEffect(() => { document.documentElement.lang = language }, [language])

  const words = useMemo(() => ({
    language,
    setLanguage,
    t: (key: Key, values: Values = {}) => fill(strings[key], values, language),
  }), [language, strings, setLanguage])
  return <Context value={words}>{children}</Context>
}
