import { describe, expect, test } from 'vitest'
import type { ConsentView, Standing } from '#protocol'
import { frameOf, lineOf, type Line } from '../../../client/web/record/line.ts'
import { requestId } from '../../e2e/support/scene-notice.ts'
import { asked, ended, joined, lost, paused, recording, type View } from './call-state.ts'

const around = { starting: null, sheetOpen: false }
const summary = (line: Line) =>
  `${line.look} ${line.word ?? '-'} ${line.long.key} ${line.action ?? '-'} ${frameOf(line) ?? '-'}`
const says = (consent: ConsentView, more = {}) =>
  summary(lineOf(joined(consent), { ...around, ...more }))

const standings: readonly Standing[] = [
  'asked',
  'answering',
  'given',
  'refused',
  'withdrawn',
  'minor',
  'restricted',
]
const table: Record<
  string,
  readonly [view: (you: Standing) => ConsentView, lines: Record<Standing, string>]
> = {
  asked: [
    (standing) => ({ ...asked, you: standing }),
    {
      asked: 'asked - rec.askedAnswered reopen -',
      answering: 'asked - rec.answeredNotYet - -',
      given: 'asked - rec.answeredNotYet - -',
      refused: 'asked - rec.answeredNotYet - -',
      withdrawn: 'asked - rec.answeredNotYet - -',
      minor: 'asked - rec.answeredNotYet - -',
      restricted: 'asked - rec.answeredNotYet - -',
    },
  ],
  'recording each': [
    (standing) => ({ ...recording, policy: 'each', you: standing }),
    {
      asked: 'out rec.mark rec.each.out reopen -',
      answering: 'out rec.mark rec.each.out details -',
      given: 'on rec.mark rec.each.in withdraw on',
      refused: 'out rec.mark rec.each.out details -',
      withdrawn: 'out rec.mark rec.each.out details -',
      minor: 'out rec.mark rec.each.out details -',
      restricted: 'out rec.mark rec.each.out details -',
    },
  ],
  'paused by a newcomer': [
    (standing) => ({ ...paused, you: standing }),
    {
      asked: 'paused rec.paused rec.paused.late reopen -',
      answering: 'paused rec.paused rec.paused.joined details -',
      given: 'paused rec.paused rec.paused.joined withdraw paused',
      refused: 'paused rec.paused rec.paused.joined details -',
      withdrawn: 'paused rec.paused rec.paused.joined details -',
      minor: 'paused rec.paused rec.paused.joined details -',
      restricted: 'paused rec.paused rec.paused.joined details -',
    },
  ],
}

describe.each(Object.entries(table))('%s', (_, [view, lines]) => {
  test.each(standings)('for who stands at %s', (standing) => {
    expect(says(view(standing))).toBe(lines[standing])
  })
})

test('under everyone, who is recorded sees so and can withdraw', () => {
  expect(says(recording)).toBe('on rec.mark rec.everyone withdraw on')
})

test.each<[View<'ended'>['outcome'], number, string]>([
  ['stopped', 7000, 'over - rec.over details -'],
  ['hostLeft', 7000, 'over - rec.over details -'],
  ['empty', 7000, 'over - rec.over details -'],
  ['notAll', 7000, 'over - rec.ended.notAll details -'],
  ['recorderFailed', 7000, 'paused rec.stopped rec.recorderFailed details -'],
  ['logFailed', 0, 'paused rec.stopped rec.logFailed - -'],
  ['declined', 0, 'idle - rec.declined - -'],
  ['notAll', 0, 'idle - rec.declined - -'],
  ['expired', 0, 'idle - rec.expired - -'],
  ['cancelled', 0, 'idle - rec.cancelled - -'],
  ['hostLeft', 0, 'idle - rec.idle - -'],
])('over by %s after %i ms', (outcome, elapsedMs, line) => {
  expect(says({ ...ended, outcome, elapsedMs })).toBe(line)
})

test('what is kept of you is one press away for as long as it is kept', () => {
  expect(says({ ...ended, yoursIsKept: true })).toBe('over - rec.over kept -')
})

test('an announced start is shown as a recording before the state says so, and only for its own request', () => {
  expect(says({ ...asked, you: 'given' }, { starting: requestId })).toBe(
    'on rec.mark rec.starting withdraw on',
  )
  expect(says({ ...asked, you: 'refused' }, { starting: requestId })).toBe(
    'out rec.mark rec.starting details -',
  )
  expect(says({ ...asked, you: 'given' }, { starting: 'req_other' })).toBe(
    'asked - rec.answeredNotYet - -',
  )
})

test('while the sheet is open the line does not offer to open it', () => {
  expect(says(asked, { sheetOpen: true })).toBe('asked - rec.askedAnswered - -')
  expect(says({ ...recording, policy: 'each', you: 'asked' }, { sheetOpen: true })).toBe(
    'out rec.mark rec.each.out details -',
  )
  expect(says({ ...paused, you: 'asked' }, { sheetOpen: true })).toBe(
    'paused rec.paused rec.paused.late - -',
  )
})

test('a lost connection shows no last known state, not even a recording', () => {
  expect(summary(lineOf(lost(recording), around))).toBe('idle - rec.unknown - -')
})
