import { describe, expect, test } from 'vitest'
import type { ConsentView } from '#protocol'
import { announcementOf } from '../../../client/web/record/announce.ts'
import { comingsAndGoings, remindersOf } from '../../../client/web/record/reminders.ts'
import { asked, connecting, ended, joined, lost, paused, recording } from './call-state.ts'

const idle: ConsentView = { state: 'idle' }
const spoken = (announcement: ReturnType<typeof announcementOf>) =>
  announcement === null
    ? null
    : `${announcement.urgent ? 'urgent' : 'polite'} ${announcement.say.key}`
const heard = (before: ConsentView, after: ConsentView) =>
  spoken(announcementOf(joined(before), joined(after)))

test.each<[string, ConsentView, ConsentView, string | null]>([
  ['a request', idle, asked, 'urgent sr.asked'],
  ['a count that moves', asked, { ...asked, answered: 2 }, null],
  ['your own answer', asked, { ...asked, you: 'given' }, null],
  ['a start', { ...asked, you: 'given' }, recording, 'urgent sr.started'],
  [
    'a start without you',
    { ...asked, you: 'refused' },
    { ...recording, you: 'refused' },
    'urgent sr.startedWithoutYou',
  ],
  ['time that passes', recording, { ...recording, elapsedMs: 9000 }, null],
  ['a pause', recording, paused, 'urgent sr.paused'],
  ['a pause that lasts', paused, { ...paused, total: 6 }, null],
  ['a resumption', paused, recording, 'urgent sr.resumed'],
  [
    'your withdrawal under each',
    recording,
    { ...recording, you: 'withdrawn' },
    'urgent withdraw.done',
  ],
  ['your late yes under each', { ...recording, you: 'refused' }, recording, 'urgent sr.started'],
  ['an end', recording, ended, 'urgent sr.ended'],
  [
    'an asking that came to nothing',
    asked,
    { ...ended, elapsedMs: 0, outcome: 'declined' },
    'polite outcome.declined',
  ],
  ['nothing', idle, idle, null],
])('of %s', (_, before, after, text) => {
  expect(heard(before, after)).toBe(text)
})

test('a request is said when its notice is checked, once, with the name from the notice and the time left', () => {
  const checking = joined(asked, { notice: { state: 'checking' } })
  expect(announcementOf(joined(idle), checking)).toBe(null)
  expect(announcementOf(checking, joined(asked))).toEqual({
    say: { key: 'sr.asked', values: { name: 'Maya' } },
    timeMs: 9000,
    urgent: true,
  })
  expect(announcementOf(joined(asked), joined(asked))).toBe(null)
  expect(spoken(announcementOf(checking, joined(asked, { notice: { state: 'mismatch' } })))).toBe(
    'urgent notice.mismatch',
  )
})

describe('arriving', () => {
  test('in a quiet call says so, with the number of people', () => {
    expect(announcementOf(connecting, joined(idle))).toEqual({
      say: { key: 'sr.joined', values: { count: 5 } },
      timeMs: null,
      urgent: false,
    })
  })

  test('in a recording says that first', () => {
    expect(spoken(announcementOf(connecting, joined({ ...paused, you: 'asked' })))).toBe(
      'urgent rec.paused.late',
    )
    expect(spoken(announcementOf(connecting, joined({ ...recording, you: 'asked' })))).toBe(
      'urgent sr.startedWithoutYou',
    )
  })
})

test('a connection is lost once and comes back once', () => {
  expect(spoken(announcementOf(joined(recording), lost(recording)))).toBe('urgent conn.lost')
  expect(announcementOf(lost(recording), lost(recording))).toBe(null)
  expect(spoken(announcementOf(lost(recording), joined(recording)))).toBe('polite conn.back')
})

test.each([
  [120_000, [60_000, 20_000]],
  [84_000, [42_000, 20_000]],
  [40_000, [20_000]],
  [30_000, [20_000]],
  [20_000, []],
  [5000, []],
])('with %i ms left it reminds at %j', (leftMs, at) => expect(remindersOf(leftMs)).toEqual(at))

test('who came and went is named up to ten people', () => {
  const map = (...ids: string[]) => new Map(ids.map((id) => [id, id.toUpperCase()]))
  expect(comingsAndGoings(map('a', 'b'), map('b', 'c'))).toEqual({ came: ['C'], went: ['A'] })
  const eleven = map(...Array.from({ length: 11 }, (_, place) => `p${place}`))
  expect(comingsAndGoings(map('a'), eleven)).toEqual({ came: [], went: [] })
})
