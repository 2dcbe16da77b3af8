import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '#protocol'
import { fileNames } from '../../../src/cli/open-names.ts'

const person = newId.person()
const named = (...names: (string | null)[]): string[] => [
  ...fileNames(new Map(names.map((name) => [newId.person(), name]))).values(),
]

test.each([
  ['Ann', 'Ann'],
  ['Ann Lee', 'Ann-Lee'],
  ['../../etc/passwd', 'etc-passwd'],
  ['-rf', 'rf'],
  ['Zoë 李', 'Zoë-李'],
  ['a/b\\c:d', 'a-b-c-d'],
  ['x.mkv', 'x-mkv'],
])('%j becomes %j', (name, file) => {
  expect(named(name)).toEqual([file])
})

test.each([[null], [''], ['...'], ['/'], ['🙂']])('someone called %j goes by their id', (name) => {
  expect([...fileNames(new Map([[person, name]])).values()]).toEqual([person])
})

test('two of one name stay apart, also where capitals do not count', () => {
  expect(named('Ann', 'ann', 'Ann')).toEqual(['Ann', 'ann-2', 'Ann-3'])
})

test('whatever people call themselves, a name is one plain part of a path', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }), (names) => {
      const files = named(...names)
      const isApart = new Set(files.map((file) => file.toLowerCase())).size === names.length
      return (
        isApart && files.every((file) => /^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_-]*$/u.test(file))
      )
    }),
  )
})
