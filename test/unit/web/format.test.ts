import { describe, expect, test } from 'vitest'
import {
  clock,
  countdown,
  country,
  day,
  days,
  fill,
  initials,
  inSentence,
  list,
  span,
} from '../../../client/web/language/format.ts'

const kept = {
  one: '{days} day in {place}',
  few: '{days} few in {place}',
  many: '{days} many in {place}',
  other: '{days} other in {place}',
}

describe('placeholders', () => {
  test('are filled, numbers as the language writes them', () => {
    expect(fill('{a} of {b}', { a: 2, b: 'five' }, 'en')).toBe('2 of five')
    expect(fill('{n}', { n: 1095 }, 'de')).toBe('1.095')
  })

  test('that nobody filled stay visible, so that a test can find them', () => {
    expect(fill('{name} asks', {}, 'en')).toBe('{name} asks')
  })

  test('in a value are not filled again', () => {
    expect(fill('{name} {place}', { name: '{place}', place: 'x' }, 'en')).toBe('{place} x')
  })

  test.each([
    ['en', 1, '1 day in x'],
    ['en', 2, '2 other in x'],
    ['uk', 1, '1 day in x'],
    ['uk', 3, '3 few in x'],
    ['uk', 30, '30 many in x'],
    ['uk', 21, '21 day in x'],
  ])('choose the plural of %s for %i', (language, count, text) => {
    expect(fill(kept, { days: count, place: 'x' }, language)).toBe(text)
  })

  test('without their category fall back to other', () => {
    expect(fill({ other: '{days} other' }, { days: 3 }, 'uk')).toBe('3 other')
  })
})

test.each([
  [0, '0:00'],
  [999, '0:00'],
  [1000, '0:01'],
  [724_000, '12:04'],
  [3_599_999, '59:59'],
  [3_600_000, '1:00:00'],
  [-5, '0:00'],
])('recorded time %i ms reads %s', (ms, text) => expect(clock(ms)).toBe(text))

test('time left is rounded up: 0:00 means that it is over', () => {
  expect([countdown(1), countdown(1000), countdown(1001), countdown(0)]).toEqual([
    '0:01',
    '0:01',
    '0:02',
    '0:00',
  ])
})

test('a day of a notice is the same day everywhere', () => {
  expect(day('2026-03-01', 'en-GB')).toBe('1 March 2026')
  expect(day('2026-03-01', 'de')).toBe('1. März 2026')
})

test('lengths of time are spoken', () => {
  expect([days(1, 'en'), days(30, 'en'), span(120_000, 'en'), span(84_000, 'en')]).toEqual([
    '1 day',
    '30 days',
    '2 minutes',
    '84 seconds',
  ])
})

test('lists and countries are the language’s own; what is no country stays as it is', () => {
  expect(list(['Maya', 'Ines'], 'de')).toBe('Maya und Ines')
  expect([country('DE', 'fr'), country('de', 'en'), country('1!', 'en')]).toEqual([
    'Allemagne',
    'Germany',
    '1!',
  ])
})

test('German nouns keep their capitals inside a sentence', () => {
  expect([inSentence('Kamerabilder', 'de'), inSentence('Cameras', 'en')]).toEqual([
    'Kamerabilder',
    'cameras',
  ])
})

test.each([
  ['Maya', 'M'],
  ['Maya de la Cruz', 'MC'],
  ['  ', '·'],
  ['Олена Шевченко', 'ОШ'],
  ['(guest) Ana', 'A'],
  ['😀 Kim', 'K'],
])('a face for %j: %s', (name, letters) => expect(initials(name)).toBe(letters))
