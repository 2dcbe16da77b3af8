import { expect, test } from 'vitest'
import { RequestId, type ConsentView, type Standing } from '#protocol'
import type { NoticeCheck } from '#sdk'
import { sheetOf } from '../../../client/web/call/sheet.ts'
import { slipOf } from '../../../client/web/consent/slip-kind.ts'
import { requestId } from '../../e2e/support/scene-notice.ts'
import { asked, connecting, ended, joined, lost, paused, recording } from './call-state.ts'

const other = RequestId.parse(`req_${'z'.repeat(26)}`)
const standings: readonly Standing[] = [
  'asked',
  'answering',
  'given',
  'refused',
  'withdrawn',
  'minor',
  'restricted',
]
const nothing = { asking: false, aside: null, again: null }
const sheet = (
  consent: ConsentView,
  wishes: Partial<Parameters<typeof sheetOf>[1]> = {},
  notice?: NoticeCheck,
) => sheetOf(joined(consent, notice === undefined ? {} : { notice }), { ...nothing, ...wishes })

test('what was asked opens by itself, and only for who has not answered', () => {
  expect(standings.map((you) => sheet({ ...asked, you }))).toEqual([
    'notice',
    null,
    null,
    null,
    null,
    'notice',
    'notice',
  ])
  expect(standings.map((you) => sheet({ ...paused, you }))).toEqual([
    'notice',
    null,
    null,
    null,
    null,
    null,
    null,
  ])
  expect(standings.map((you) => sheet({ ...ended, you }))).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

test('it never opens over a notice that is not the one a decision would name', () => {
  expect(sheet(asked, {}, { state: 'mismatch' })).toBe('mismatch')
  expect(sheet(asked, {}, { state: 'checking' })).toBe(null)
})

test('set aside it stays aside, for that request alone', () => {
  expect(sheet(asked, { aside: requestId })).toBe(null)
  expect(sheet(asked, { aside: other })).toBe('notice')
})

test('a request goes before the form of another', () => {
  expect(sheet(asked, { asking: true })).toBe('notice')
  expect(sheet({ state: 'idle' }, { asking: true })).toBe('request')
  expect(sheet({ state: 'idle' })).toBe(null)
})

test('under each, and only there, who said no may read again while it runs', () => {
  const again = { again: requestId }
  expect(sheet({ ...recording, you: 'refused', policy: 'each' }, again)).toBe('notice')
  expect(sheet({ ...recording, you: 'refused', policy: 'each' }, { again: other })).toBe(null)
  expect(sheet({ ...recording, you: 'refused' }, again)).toBe(null)
  expect(sheet({ ...asked, you: 'refused', policy: 'each' }, again)).toBe(null)
  expect(sheet({ ...recording, policy: 'each' }, again)).toBe(null)
})

test('no sheet stands while there is no connection: no answer could arrive', () => {
  expect(sheetOf(lost(asked), nothing)).toBe(null)
  expect(sheetOf(connecting, { ...nothing, asking: true })).toBe(null)
})

test.each<[string, ConsentView, readonly (string | null)[]]>([
  ['while people are asked', asked, [null, 'sending', 'agreed', 'declined', 'undone', 'minor', 'restricted']],
  ['while it records', recording, [null, 'sending', 'started', null, 'withdrawn', null, null]],
  ['while it is paused', paused, [null, 'sending', null, null, 'withdrawn', null, null]],
  ['when it is over', ended, ['over', 'over', 'over', 'over', 'withdrawn', 'over', 'over']],
])('the slip %s', (_, consent, slips) => {
  expect(
    standings.map((you) => slipOf(joined('you' in consent ? { ...consent, you } : consent))),
  ).toEqual(slips)
})

test('a yes taken back before anything was recorded leaves nothing to keep or destroy', () => {
  expect(slipOf(joined({ ...ended, you: 'withdrawn', elapsedMs: 0 }))).toBe('over')
})

test('the connection goes before all', () => {
  expect(slipOf(lost(recording))).toBe('lost')
  expect(slipOf(joined(recording, { stoppingAt: 5 }))).toBe('stopping')
  expect(slipOf(connecting)).toBe(null)
  expect(slipOf(joined({ state: 'idle' }))).toBe(null)
})
