import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../src/audit/bytes.ts'
import { absolute, isoTime, recordUuid } from '../../../../src/audit/exports/evidence.ts'
import { asked, type DecisionEvidence } from '../../../../src/audit/exports/index.ts'
import { sha256 } from '../../../../src/audit/sha256.ts'
import { renderExamples } from '../../../../scripts/exports/render.ts'
import { exampleEvidence } from '../../../../scripts/exports/example.ts'
import { noticeOf } from '../../../support/notice-text.ts'
import { RequestId } from '#protocol'
import { formats, names } from './schemas.ts'

const evidence = exampleEvidence()

test.each(names)('%s tells a decision only by the notice that it was made on', (format) => {
  const { core } = evidence
  const others: DecisionEvidence['core'][] = [
    { ...core, noticeSha256: 'a'.repeat(64) },
    { ...core, requestId: 'req_other' },
    { ...core, session: { id: 'call_other' } },
  ]
  for (const other of others)
    expect(() => formats[format].write({ ...evidence, core: other })).toThrow(
      expect.objectContaining({ code: 'export-notice' }),
    )
})

test('what was asked is the notice by its hash, without the name of who asks', () => {
  const notice = noticeOf(RequestId.parse(`req_${'a'.repeat(26)}`))
  const bytes = utf8('exactly these bytes')
  const question = asked(notice, bytes)
  expect(question.notice.sha256).toBe(sha256(bytes).toHex())
  expect(question).toMatchObject({ requestId: notice.requestId, session: notice.session })
  expect(JSON.stringify(question)).not.toContain(notice.askedBy.name)
  const wrong = { ...notice, processingLocations: ['Berlin'] }
  expect(() => asked(wrong, bytes)).toThrow(expect.objectContaining({ code: 'shape' }))
})

test.each([
  ['00000000000000000000000000000000', '00000000-0000-8000-8000-000000000000'],
  ['ffffffffffffffffffffffffffffffff', 'ffffffff-ffff-8fff-bfff-ffffffffffff'],
  ['0123456789abcdef0123456789abcdef', '01234567-89ab-8def-8123-456789abcdef'],
  ['0123456789abcdef7123456789abcdef', '01234567-89ab-8def-b123-456789abcdef'],
])('the record %s is the UUID %s', (recordId, uuid) => {
  expect(recordUuid({ recordId })).toBe(uuid)
})

describe('an address', () => {
  test.each([
    ['/me', 'https://calls.example:4443/me'],
    ['policy?x=1', 'https://calls.example:4443/consent/1/policy?x=1'],
    ['https://clinic.example', 'https://clinic.example'],
    ['mailto:a@clinic.example', 'mailto:a@clinic.example'],
  ])('%s is %s to someone far from the server', (url, expected) => {
    const log = { origin: 'calls.example:4443/consent/1', index: 0, checkpoint: '' }
    expect(absolute(url, log)).toBe(expected)
  })

  test('stays as it is where the log has no host in its name', () => {
    expect(absolute('/me', { origin: 'a:b:c', index: 0, checkpoint: '' })).toBe('/me')
  })
})

test('a time has four digits for its year, or none at all', () => {
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(isoTime(last)).toBe('9999-12-31T23:59:59.999Z')
  for (const ms of [last + 1, Number.MAX_SAFE_INTEGER])
    expect(() => isoTime(ms)).toThrow(expect.objectContaining({ code: 'export-time' }))
})

test('the examples are what the code writes; npm run docs writes them anew', () => {
  const examples = [...renderExamples()]
  expect(examples.map(([file]) => file)).toEqual(names.map((name) => `docs/examples/${name}.json`))
  for (const [file, text] of examples) expect(readFileSync(file, 'utf8'), file).toBe(text)
})
