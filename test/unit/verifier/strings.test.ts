import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isReceiptKey } from '../../../client/web/receipt/words.ts'
import { strings, wordsIn } from '../../../client/verifier/words.ts'

const holes = (text: unknown) => [...JSON.stringify(text).matchAll(/\{\w+\}/g)].map(String).toSorted()
const english = Object.entries(strings.en.own)

test.each(Object.entries(strings))(
  '%s has each text of the verifier, with its placeholders, and no other',
  (_language, { own }) => {
    expect(Object.keys(own).toSorted()).toEqual(english.map(([key]) => key).toSorted())
    for (const [key, text] of Object.entries(own)) {
      expect(holes(text), key).toEqual(holes(strings.en.own[key as keyof typeof own]))
      expect(text, key).toMatch(/\S/)
      expect(text, key).not.toMatch(/[!¡]/)
    }
  },
)

test('each text is used', () => {
  const source = globSync('client/verifier/*.{ts,tsx}')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const unused = english.filter(
    ([key]) => !source.includes(`'${key}'`) && !key.startsWith('untried.'),
  )
  expect(unused).toEqual([])
})

test('the texts that both pages share tell of receipts, and of nothing else', () => {
  const shared = Object.keys(strings.en.web).filter(isReceiptKey)
  expect(shared).toContain('receipt.notProven.device')
  expect(shared).not.toContain('leave')
  const words = wordsIn('de', ['de-CH'])
  expect(words.locale).toBe('de-CH')
  expect(words.t('receipt.log')).toBe('Im Protokoll')
  expect(words.own('summary', { verified: 1, count: 2 })).toBe('1 von 2 bestätigt')
})
