import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeNotice } from '#consent'
import { newId, type Notice } from '#protocol'
import { utf8 } from '../../../src/audit/bytes.ts'
import { readNotice } from '../../../src/audit/notice-text.ts'
import { asking, settings } from '../consent/settings.ts'
import { generated } from './exports/evidence.ts'

const read = (notice: unknown) => readNotice(utf8(JSON.stringify(notice)))
const refused = expect.objectContaining({ name: 'Flaw', code: 'notice-form' })
const text = composeNotice(settings, asking(), {
  requestId: newId.request(),
  session: { id: newId.session(), startedAt: 1000 },
  askedBy: 'Maya',
  now: 2000,
})
const composed = JSON.parse(text) as Notice

test('what a server composes is read without a server, to the letter', () => {
  expect(JSON.stringify(readNotice(utf8(text)))).toBe(text)
  fc.assert(
    fc.property(generated, ({ notice }) => {
      expect(JSON.stringify(read(notice))).toBe(JSON.stringify(notice))
    }),
    { numRuns: 300 },
  )
})

test.each(Object.keys(composed))('a notice without %s is none', (name) => {
  expect(() => read({ ...composed, [name]: undefined })).toThrow(refused)
})

test('a notice that says a thing twice, in another order, or more than the rest, is none', () => {
  const twice = text.replace('"media":', '"media":{"audio":false,"video":false,"screen":true},"media":')
  expect(() => readNotice(utf8(twice))).toThrow(refused)
  const { schema, ...rest } = composed
  expect(() => read({ ...rest, schema })).toThrow(refused)
  expect(() => read({ ...composed, small: 'print' })).toThrow(refused)
  expect(() => readNotice(utf8(` ${text}`))).toThrow(refused)
})
