import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const titles = globSync(['test/**/*.test.ts', 'test/**/*.spec.ts']).flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/\(\s*['"`](L\d+ )/g)].map(([, number]) => number!),
)
const rowsOf = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^\| [LP]\d/.test(line))
    .map((line) => line.split(/ ?\| ?/).slice(1, -1))

const pathInText = /`((?:unit|integration|e2e|vectors|src|client|test)\/[\w./{},-]+)`/g

/** A rule that is of later work says so, with the reason, in place of its tests. */
const isLater = (tests: string): boolean => tests.startsWith('Later: ')

describe('docs/rules.md', () => {
  const rows = rowsOf('docs/rules.md')

  test('has each rule, in order', () => {
    expect(rows.map(([number]) => number)).toEqual(
      Array.from({ length: 34 }, (_, i) => `L${i + 1}`),
    )
  })

  test.each(rows.filter(([, , , tests]) => !isLater(tests!)))('%s has a test that bears its number', (number) => {
    expect(titles).toContain(`${number} `)
  })
})

const named = globSync(['*.md', 'docs/*.md', 'bench/*.md', 'test/crash/*.md']).flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(pathInText)].map(([, path]) => `${file} names ${path}`),
)

test.each([...new Set(named)])('%s, which is there', (naming) => {
  const path = naming.split(' names ')[1]!
  const places = /^(src|client|test)\//.test(path)
    ? [path]
    : ['', '.test.ts', '.spec.ts'].map((end) => join('test', `${path}${end}`))
  expect(places.some((place) => existsSync(place) || globSync(place).length > 0)).toBe(true)
})
