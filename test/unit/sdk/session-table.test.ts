import { expect, test } from 'vitest'
import {
  attemptMs,
  patienceMs,
  step,
  type Effect,
  type Input,
  type Session,
} from '../../../client/sdk/session.ts'
import { ended } from '../../../client/sdk/errors.ts'
import { asked, bytes, joined, snapshot, speaking, view } from './fixtures.ts'

const now = 1_000
const until = now + patienceMs
const call = view({ consent: asked() })
const away = { tries: 0, until, resume: 'secret', refresh: 'possible' } as const
const trying = { phase: 'trying', giveUpAt: now + attemptMs, early: [] } as const
const waiting = { phase: 'waiting', at: now + 100 } as const

const states = {
  'connecting, trying': { state: 'connecting', ...away, attempt: trying },
  'connecting, waiting': { state: 'connecting', ...away, attempt: waiting },
  joined: { state: 'joined', n: 5, resume: 'secret', canRefresh: true, call },
  'lost, trying': { state: 'lost', ...away, attempt: trying, call, moved: false },
  'lost, waiting': { state: 'lost', ...away, attempt: waiting, call, moved: false },
  'moved, trying': { state: 'lost', ...away, attempt: trying, call, moved: true },
  ended: { state: 'ended', call, ended: ended('LEFT') },
} satisfies Record<string, Session>

const inputs = {
  snapshot: [{ type: 'event', event: joined(9) }, now],
  'an old snapshot': [{ type: 'event', event: joined(5) }, now],
  'the next event': [{ type: 'event', event: speaking(6) }, now],
  'an old event': [{ type: 'event', event: speaking(5) }, now],
  'an event too far': [{ type: 'event', event: speaking(7) }, now],
  'network closed': [{ type: 'closed', closeCode: 1006, chance: 0 }, now],
  'server stops': [{ type: 'closed', closeCode: 4503, chance: 0 }, now],
  removed: [{ type: 'closed', closeCode: 4410, chance: 0 }, now],
  'token expired': [{ type: 'closed', closeCode: 4402, chance: 0 }, now],
  'resume refused': [{ type: 'refused', code: 'RESUME_FAILED', chance: 0 }, now],
  'server fails': [{ type: 'refused', code: 'INTERNAL', chance: 0 }, now],
  'room full': [{ type: 'refused', code: 'ROOM_FULL', chance: 0 }, now],
  renewed: [{ type: 'renewed', grants: snapshot().grants, expiresInMs: 1 }, now],
  'key bound': [{ type: 'bound', key: { state: 'bound' } }, now],
  'notice checked': [{ type: 'noticeChecked', bytes, verdict: { state: 'mismatch' } }, now],
  online: [{ type: 'online' }, now],
  leave: [{ type: 'leave' }, now],
  'tick early': [{ type: 'tick' }, now],
  'tick when a wait is over': [{ type: 'tick' }, now + 100],
  'tick when a try takes too long': [{ type: 'tick' }, now + attemptMs],
  'tick at the end of patience': [{ type: 'tick' }, until],
  'snapshot at the end of patience': [{ type: 'event', event: joined(9) }, until],
} satisfies Record<string, [Input, number]>

type Row = Record<keyof typeof inputs, string>
const enters = 'joined(9): keepResume startMedia bind'
const opensIn8 = 'open wakeAt(9000)'

/** Every state met by every input: 'next state: effects', or '-' for no change at all. */
const table: Record<keyof typeof states, Row> = {
  'connecting, trying': {
    snapshot: enters,
    'an old snapshot': 'joined(5): keepResume startMedia bind',
    'the next event': 'connecting, trying:',
    'an old event': 'connecting, trying:',
    'an event too far': 'connecting, trying:',
    'network closed': 'connecting, waiting: close wakeAt(1125)',
    'server stops': 'connecting, waiting: close wakeAt(1125)',
    removed: 'ended(REMOVED): close forgetResume endMedia',
    'token expired': `connecting, trying: close openFresh wakeAt(9000)`,
    'resume refused': `connecting, trying: forgetResume close openAnew wakeAt(9000)`,
    'server fails': 'connecting, waiting: close wakeAt(1125)',
    'room full': 'ended(ROOM_FULL): close forgetResume endMedia',
    renewed: '-',
    'key bound': '-',
    'notice checked': '-',
    online: `connecting, trying: close ${opensIn8}`,
    leave: 'ended(LEFT): close forgetResume endMedia',
    'tick early': '-',
    'tick when a wait is over': '-',
    'tick when a try takes too long': 'connecting, waiting: close wakeAt(9250)',
    'tick at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
    'snapshot at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
  },
  'connecting, waiting': {
    snapshot: '-',
    'an old snapshot': '-',
    'the next event': '-',
    'an old event': '-',
    'an event too far': '-',
    'network closed': '-',
    'server stops': '-',
    removed: '-',
    'token expired': '-',
    'resume refused': '-',
    'server fails': '-',
    'room full': '-',
    renewed: '-',
    'key bound': '-',
    'notice checked': '-',
    online: `connecting, trying: ${opensIn8}`,
    leave: 'ended(LEFT): close forgetResume endMedia',
    'tick early': '-',
    'tick when a wait is over': 'connecting, trying: open wakeAt(9100)',
    'tick when a try takes too long': 'connecting, trying: open wakeAt(17000)',
    'tick at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
    'snapshot at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
  },
  joined: {
    snapshot: enters,
    'an old snapshot': '-',
    'the next event': 'joined(6):',
    'an old event': '-',
    'an event too far': 'lost, waiting: close wakeAt(1250)',
    'network closed': 'lost, waiting: close wakeAt(1125)',
    'server stops': 'moved, waiting: close wakeAt(2000)',
    removed: 'ended(REMOVED): close forgetResume endMedia',
    'token expired': 'lost, trying: close openFresh wakeAt(9000)',
    'resume refused': '-',
    'server fails': '-',
    'room full': '-',
    renewed: 'joined(5):',
    'key bound': 'joined(5): checkNotice',
    'notice checked': 'joined(5):',
    online: 'joined(5): probe',
    leave: 'ended(LEFT): sayLeave forgetResume endMedia',
    'tick early': '-',
    'tick when a wait is over': '-',
    'tick when a try takes too long': '-',
    'tick at the end of patience': '-',
    'snapshot at the end of patience': enters,
  },
  'lost, trying': {
    snapshot: enters,
    'an old snapshot': 'joined(5): keepResume startMedia bind',
    'the next event': 'lost, trying:',
    'an old event': 'lost, trying:',
    'an event too far': 'lost, trying:',
    'network closed': 'lost, waiting: close wakeAt(1125)',
    'server stops': 'lost, waiting: close wakeAt(1125)',
    removed: 'ended(REMOVED): close forgetResume endMedia',
    'token expired': 'lost, trying: close openFresh wakeAt(9000)',
    'resume refused': 'ended(RESUME_FAILED): close forgetResume endMedia',
    'server fails': 'lost, waiting: close wakeAt(1125)',
    'room full': 'ended(ROOM_FULL): close forgetResume endMedia',
    renewed: '-',
    'key bound': '-',
    'notice checked': 'lost, trying:',
    online: `lost, trying: close ${opensIn8}`,
    leave: 'ended(LEFT): close forgetResume endMedia',
    'tick early': '-',
    'tick when a wait is over': '-',
    'tick when a try takes too long': 'lost, waiting: close wakeAt(9250)',
    'tick at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
    'snapshot at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
  },
  'lost, waiting': {
    snapshot: '-',
    'an old snapshot': '-',
    'the next event': '-',
    'an old event': '-',
    'an event too far': '-',
    'network closed': '-',
    'server stops': '-',
    removed: '-',
    'token expired': '-',
    'resume refused': '-',
    'server fails': '-',
    'room full': '-',
    renewed: '-',
    'key bound': '-',
    'notice checked': 'lost, waiting:',
    online: `lost, trying: ${opensIn8}`,
    leave: 'ended(LEFT): close forgetResume endMedia',
    'tick early': '-',
    'tick when a wait is over': 'lost, trying: open wakeAt(9100)',
    'tick when a try takes too long': 'lost, trying: open wakeAt(17000)',
    'tick at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
    'snapshot at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
  },
  'moved, trying': {
    snapshot: enters,
    'an old snapshot': 'joined(5): keepResume startMedia bind',
    'the next event': 'moved, trying:',
    'an old event': 'moved, trying:',
    'an event too far': 'moved, trying:',
    'network closed': 'moved, waiting: close wakeAt(1125)',
    'server stops': 'moved, waiting: close wakeAt(1125)',
    removed: 'ended(REMOVED): close forgetResume endMedia',
    'token expired': 'moved, trying: close openFresh wakeAt(9000)',
    'resume refused': 'moved, trying: forgetResume close openAnew wakeAt(9000)',
    'server fails': 'moved, waiting: close wakeAt(1125)',
    'room full': 'ended(ROOM_FULL): close forgetResume endMedia',
    renewed: '-',
    'key bound': '-',
    'notice checked': 'moved, trying:',
    online: `moved, trying: close ${opensIn8}`,
    leave: 'ended(LEFT): close forgetResume endMedia',
    'tick early': '-',
    'tick when a wait is over': '-',
    'tick when a try takes too long': 'moved, waiting: close wakeAt(9250)',
    'tick at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
    'snapshot at the end of patience': 'ended(CONNECTION_LOST): close forgetResume endMedia',
  },
  ended: Object.fromEntries(Object.keys(inputs).map((input) => [input, '-'])) as Row,
}

const rows = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([input, want]) => ({ state, input, want })),
)

test.each(rows)('$state + $input -> $want', ({ state, input, want }) => {
  const before: Session = states[state as keyof typeof states]
  const [given, at] = inputs[input as keyof typeof inputs]
  const [next, effects] = step(before, given, at)
  expect(
    next === before && effects.length === 0
      ? '-'
      : `${named(next)}: ${effects.map(asText).join(' ')}`.trim(),
  ).toBe(want)
  if (want === '-') expect(next).toBe(before)
})

function named(session: Session): string {
  switch (session.state) {
    case 'connecting':
      return `connecting, ${session.attempt.phase}`
    case 'lost':
      return `${session.moved ? 'moved' : 'lost'}, ${session.attempt.phase}`
    case 'joined':
      return `joined(${session.n})`
    case 'ended':
      return `ended(${session.ended.code})`
  }
}

function asText(effect: Effect): string {
  if (effect.type === 'wakeAt') return `wakeAt(${effect.time})`
  if (effect.type === 'open')
    return effect.freshToken ? 'openFresh' : effect.resume === null ? 'openAnew' : 'open'
  return effect.type === 'keepResume' && effect.secret === null ? 'forgetResume' : effect.type
}
