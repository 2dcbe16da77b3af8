import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PolicyTexts, watchPolicies } from '../../../src/config/index.ts'

let dir: string
let archive: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-policies-'))
  dir = join(folder, 'policy')
  archive = join(folder, 'data/policies')
  mkdirSync(dir)
})
afterEach(() => rmSync(join(dir, '..'), { recursive: true }))

const write = (lang: string, version: string, words = 'Privacy', date = '2026-01-01'): string => {
  const text = `${words}\nVersion: ${version}\nDate: ${date}\n`
  writeFileSync(join(dir, `${lang}.txt`), text)
  return text
}
const open = (): PolicyTexts => new PolicyTexts({ dir, archive })
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('a privacy notice', () => {
  test('has its language, version, date and hash', () => {
    const text = write('de', '1.2', 'Hinweise', '2026-03-04')
    const texts = open()
    const expected = { lang: 'de', version: '1.2', date: '2026-03-04', sha256: hashOf(text), text }
    expect(texts.current('de')).toEqual(expected)
    expect(texts.text('de')).toBe(text)
    expect(texts.text(hashOf(text))).toBe(text)
  })

  test.each([
    ['in a language that there is none for', 'xx', 'xx.txt: cannot be read'],
    ['in no language', '../guard', 'guard.txt: cannot be read'],
  ])('%s is not found', (_, lang, message) => {
    write('en', '1')
    expect(() => open().current(lang)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(message),
      }),
    )
    expect(open().text(lang)).toBeUndefined()
  })

  test.each(['Version: 1\n', 'Date: 2026-01-01\n', 'Version: 1 2\nDate: 2026-01-01\n', ''])(
    'that says %j of itself starts no server',
    (text) => {
      writeFileSync(join(dir, 'en.txt'), text)
      expect(open).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    },
  )
})

describe('a change', () => {
  test('with a new version is taken up, and the old words can still be read', () => {
    const old = write('en', '1')
    write('de', '1')
    const texts = open()
    expect(texts.reload()).toEqual({ changed: [], problems: [] })
    const fresh = write('en', '2', 'Other words')
    expect(texts.reload()).toEqual({ changed: ['en'], problems: [] })
    expect(texts.reload()).toEqual({ changed: [], problems: [] })
    expect(texts.current('en').version).toBe('2')
    for (const text of [old, fresh]) expect(texts.text(hashOf(text))).toBe(text)
    expect(open().text(hashOf(old))).toBe(old)
  })

  test('without a new version is refused, at run time and at the next start: the old words hold', () => {
    const old = write('en', '1')
    const texts = open()
    write('en', '1', 'Other words')
    expect(texts.reload()).toEqual({
      changed: [],
      problems: [expect.stringContaining('still says Version: 1')],
    })
    expect(texts.text('en')).toBe(old)
    expect(open).toThrow(/give it a new version and date/)
    write('en', '1')
    expect(texts.reload()).toEqual({ changed: [], problems: [] })
  })

  test('back to words that were shown before is one, too', () => {
    write('en', '1')
    const texts = open()
    write('en', '2', 'Other words')
    texts.reload()
    write('en', '1')
    expect(texts.reload()).toEqual({ changed: ['en'], problems: [] })
    expect(texts.current('en').version).toBe('1')
  })

  test('to something that cannot be read, or the loss of the file, leaves the old one in place', () => {
    const old = write('en', '1')
    const texts = open()
    writeFileSync(join(dir, 'en.txt'), 'half a sen')
    expect(texts.reload()).toMatchObject({ changed: [], problems: [/Version/] })
    rmSync(join(dir, 'en.txt'))
    expect(texts.reload()).toEqual({ changed: [], problems: [] })
    expect(texts.text('en')).toBe(old)
  })

  test('is kept once for each text', () => {
    write('en', '1')
    open()
    open()
    write('en', '2')
    open()
    expect(readdirSync(archive)).toHaveLength(2)
  })
})

describe('a running server', () => {
  test('takes up a change within seconds, and tells what it refuses once', () => {
    vi.useFakeTimers()
    try {
      write('en', '1')
      const texts = open()
      const told: unknown[] = []
      using _watch = watchPolicies(texts, {
        changed: (languages) => told.push(languages),
        refused: (problems) => told.push(problems.length),
      })
      const look = () => vi.advanceTimersByTime(5000)
      look()
      expect(told).toEqual([])
      const text = write('en', '2')
      look()
      look()
      expect(told.splice(0)).toEqual([['en']])
      write('en', '2', 'Other words')
      look()
      look()
      expect(told.splice(0)).toEqual([1])
      expect(texts.text('en')).toBe(text)
      write('en', '3', 'Other words')
      look()
      expect(told.splice(0)).toEqual([['en']])
    } finally {
      vi.useRealTimers()
    }
  })

  test('goes on with what it has when a notice cannot be read or kept', () => {
    const text = write('en', '1')
    const texts = open()
    rmSync(join(dir, 'en.txt'))
    mkdirSync(join(dir, 'en.txt'))
    expect(texts.reload()).toMatchObject({ changed: [], problems: [expect.any(String)] })
    expect(texts.text('en')).toBe(text)
  })
})
