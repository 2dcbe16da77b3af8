import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Text } from '../../../client/web/language/format.ts'
import {
  chooseLanguage,
  languages,
  loadStrings,
  type Language,
} from '../../../client/web/language/languages.ts'

const all = Object.keys(languages).filter((name): name is Language => name in languages)
const english = await loadStrings('en')
const holes = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => String(name))
    .toSorted((a, b) => a.localeCompare(b))
const forms = (text: Text): readonly string[] =>
  typeof text === 'string' ? [text] : Object.values(text)
const entries = Object.entries(english) as [keyof typeof english, Text][]

describe.each(all)('%s', (language) => {
  test('has each text of English and no other', async () => {
    expect(Object.keys(await loadStrings(language)).toSorted()).toEqual(
      Object.keys(english).toSorted(),
    )
  })

  test('has each placeholder of English in each form, and no other', async () => {
    const strings = await loadStrings(language)
    const differing = entries.flatMap(([key, text]) => {
      const wanted = holes(forms(text)[0] ?? '')
      return forms(strings[key])
        .filter((form) => JSON.stringify(holes(form)) !== JSON.stringify(wanted))
        .map((form) => `${key}: ${form}`)
    })
    expect(differing).toEqual([])
  })

  test('has every plural category that the language knows', async () => {
    const strings = await loadStrings(language)
    const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted()
    const plurals = Object.entries(strings).filter(([, text]) => typeof text !== 'string')
    expect(plurals.length).toBeGreaterThan(0)
    for (const [key, text] of plurals) expect(Object.keys(text).toSorted(), key).toEqual(wanted)
  })

  test('leaves nothing empty, and shouts at nobody', async () => {
    for (const [key, text] of Object.entries(await loadStrings(language))) {
      for (const form of forms(text)) {
        expect(form.trim(), key).not.toBe('')
        expect(form, key).not.toMatch(/[!¡]/)
      }
    }
  })
})

test('the page uses each text', () => {
  const source = globSync('client/web/**/*.{ts,tsx}')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const roles = ['all.controller', 'all.joint-controller', 'all.processor']
  expect(
    Object.keys(english).filter((key) => !source.includes(`'${key}'`) && !roles.includes(key)),
  ).toEqual([])
})

test.each<[string | null, string[], Language]>([
  [null, ['de-AT', 'en'], 'de'],
  [null, ['it', 'uk-UA'], 'uk'],
  [null, ['it'], 'en'],
  ['fr', ['de'], 'fr'],
  ['xx', ['es'], 'es'],
  [null, ['constructor', 'de'], 'de'],
])('remembered %j, preferred %j: %s', (remembered, preferred, language) => {
  expect(chooseLanguage(remembered, preferred)).toBe(language)
})
