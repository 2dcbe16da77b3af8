import { describe, expect, test } from 'vitest'
import { encodeCore, serverHeader } from '../../../src/audit/entry.ts'
import type { GrammarCode } from '../../../src/audit/findings.ts'
import { checkGrammar } from '../../../src/audit/grammar.ts'
import { goodStory, origin, Story } from './story.ts'

const codes = (story: Story): string[] =>
  checkGrammar(story.entries, origin).map(({ code, index }) => `${code}@${index}`)

/** anna and ben are asked and agree under `everyone`: entries 0 to 4. */
function agreed(): Story {
  const story = new Story()
  story.open()
  story.request('anna')
  story.request('ben')
  story.given('anna')
  story.given('ben')
  return story
}
/** … and the gate is open from 2 000 000 on: entry 5. */
function gateOpen(): Story {
  const story = agreed()
  story.now = 2_000_000
  story.gateOpen([3, 4], ['anna', 'ben'])
  return story
}

test('a call in which both agree and are recorded is flawless, and every record can be written', () => {
  const story = goodStory()
  expect(codes(story)).toEqual([])
  for (const { core } of story.entries) expect(() => encodeCore(core)).not.toThrow()
})

/** Each way a story can be wrong, by the code it must get: the very code, where it happens, and no other. */
const violations: Record<Exclude<GrammarCode, 'record-malformed'>, () => [Story, at: number]> = {
  'record-id-repeated': () => {
    const story = agreed()
    const { recordId } = story.entries[3]!.core
    story.now = 2_000_000
    const at = story.gateOpen([3, 4], ['anna', 'ben'], { recordId })
    return [story, at]
  },
  'session-opened-twice': () => {
    const story = agreed()
    return [story, story.open()]
  },
  'session-not-open': () => {
    const story = new Story()
    return [story, story.close()]
  },
  'session-over': () => {
    const story = agreed()
    story.close()
    return [story, story.request('carl')]
  },
  'session-differs': () => {
    const story = agreed()
    const other = new Story('call_2')
    other.given('anna')
    story.add({
      ...other.header('session-open'),
      recordId: 'd'.repeat(32),
      event: { state: 'opened', time: 1 },
    })
    return [story, story.add({ ...other.entries[0]!.core, recordId: 'e'.repeat(32) })]
  },
  'request-repeated': () => {
    const story = agreed()
    return [story, story.request('anna')]
  },
  'request-policy-differs': () => {
    const story = agreed()
    return [story, story.request('carl', { policy: 'each' })]
  },
  'request-is-over': () => {
    const story = agreed()
    story.add({
      ...story.header('request-over'),
      requestId: 'req_1',
      event: { state: 'over', time: story.now, cause: 'cancelled' },
    })
    return [story, story.gateOpen([3, 4], ['anna', 'ben'])]
  },
  'request-unknown': () => {
    const story = agreed()
    return [
      story,
      story.add({
        ...story.header('host-changed'),
        requestId: 'req_2',
        event: { state: 'changed', time: 1, entity: 'ben' },
      }),
    ]
  },
  'decision-without-request': () => {
    const story = agreed()
    return [story, story.given('carl')]
  },
  'decision-notice-differs': () => {
    const story = agreed()
    story.request('carl')
    return [story, story.given('carl', { noticeSha256: 'f'.repeat(64) })]
  },
  'decision-out-of-order': () => {
    const story = agreed()
    return [story, story.given('anna')]
  },
  'gate-without-request': () => {
    const story = agreed()
    return [story, story.gateOpen([3, 4], ['anna', 'ben'], { requestId: 'req_2' })]
  },
  'gate-policy-differs': () => {
    const story = agreed()
    return [story, story.gateOpen([3, 4], ['anna', 'ben'], { policy: 'each' })]
  },
  'gate-decision-foreign': () => {
    const story = agreed()
    return [
      story,
      story.gateOpen([], ['anna'], {
        decisions: [
          [origin, 3],
          ['elsewhere', 3],
        ],
      }),
    ]
  },
  'gate-decision-unknown': () => {
    const story = agreed()
    return [story, story.gateOpen([3, 4, 1], ['anna', 'ben'])]
  },
  'gate-decision-not-given': () => {
    const story = agreed()
    story.request('carl')
    const no = story.refused('carl')
    return [story, story.gateOpen([3, 4, no], ['anna', 'ben'])]
  },
  'gate-decision-stale': () => {
    const story = agreed()
    story.withdrawn('anna')
    return [story, story.gateOpen([3, 4], ['ben'])]
  },
  'gate-decision-expired': () => {
    const story = agreed()
    story.request('carl')
    const yes = story.given('carl', { until: 2_000_000 })
    story.now = 2_000_000
    return [story, story.gateOpen([3, 4, yes], ['anna', 'ben'])]
  },
  'gate-party-undecided': () => {
    const story = agreed()
    return [story, story.gateOpen([3, 4], ['anna', 'ben', 'carl'])]
  },
  'gate-not-open': () => {
    const story = agreed()
    return [story, story.gateClosed()]
  },
  'gate-never-closed': () => {
    const story = gateOpen()
    return [story, story.close()]
  },
  'effect-without-gate': () => {
    const story = agreed()
    return [story, story.started(['anna'])]
  },
  'effect-party-uncovered': () => {
    const story = gateOpen()
    return [story, story.started(['anna', 'carl'])]
  },
  'effect-not-started': () => {
    const story = gateOpen()
    return [story, story.stopped([])]
  },
  'effect-never-stopped': () => {
    const story = gateOpen()
    story.started(['anna'])
    story.gateClosed()
    return [story, story.close()]
  },
  'media-inverted': () => {
    const story = gateOpen()
    story.started(['anna'])
    return [story, story.stopped([['anna', 2_000_020, 2_000_010]])]
  },
  'media-outside-gate': () => {
    const story = gateOpen()
    story.started(['anna'])
    return [story, story.stopped([['anna', 1_999_999, 2_000_010]])]
  },
  'media-while-pending': () => {
    const story = gateOpen()
    story.started(['anna'])
    story.now = 2_001_000
    story.request('carl')
    return [story, story.stopped([['anna', 2_000_010, 2_001_251]])]
  },
  'media-after-refusal': () => {
    const story = gateOpen()
    story.started(['anna'])
    story.now = 2_001_000
    story.request('carl')
    story.refused('carl')
    return [story, story.stopped([['anna', 2_001_001, 2_001_002]])]
  },
  'media-after-withdrawal': () => {
    const story = gateOpen()
    story.started(['anna'])
    story.now = 2_001_000
    story.withdrawn('ben')
    return [story, story.stopped([['anna', 2_000_010, 2_001_251]])]
  },
  'media-after-expiry': () => {
    const story = new Story()
    story.open()
    story.request('anna')
    const yes = story.given('anna', { until: 2_001_000 })
    story.now = 2_000_000
    story.gateOpen([yes], ['anna'])
    story.started(['anna'])
    return [story, story.stopped([['anna', 2_000_010, 2_001_251]])]
  },
  'recording-unknown': () => {
    const story = agreed()
    const event = { state: 'accessed', time: 1, entity: 'archive' } as const
    return [
      story,
      story.add({ ...story.header('access'), event, recordingId: 'rec_9', act: 'open' }),
    ]
  },
}

test('what the server does to its data may stand anywhere, and a hold after the end of its call', () => {
  const story = goodStory()
  const time = story.now
  const entity = 'operator'
  story.add({ ...story.header('hold'), event: { state: 'placed', time, entity } })
  story.add({
    ...serverHeader('rights'),
    event: { state: 'received', time, cause: 'page' },
    rightsId: 'rights_1',
    right: 'erase',
  })
  story.add({
    ...serverHeader('sweep'),
    event: { state: 'swept', time, cause: 'daily' },
    removed: [{ kind: 'recording', count: 2 }],
  })
  story.add({
    ...serverHeader('operation'),
    event: { state: 'done', time, entity },
    act: 'backup',
  })
  expect(codes(story)).toEqual([])
  for (const { core } of story.entries) expect(() => encodeCore(core)).not.toThrow()
})

test.each(Object.entries(violations))(
  '%s is found, where it happens, and nothing else',
  (code, tell) => {
    const [story, at] = tell()
    expect(codes(story)).toEqual([`${code}@${at}`])
  },
)

describe('what a person may answer, by where they stand', () => {
  const standings = {
    pending: () => 0,
    given: (story: Story) => story.given('anna'),
    refused: (story: Story) => story.refused('anna'),
    withdrawn: (story: Story) => {
      story.given('anna')
      return story.withdrawn('anna')
    },
  }
  /** '-' means nothing is wrong with it. */
  const table: Record<keyof typeof standings, Record<'given' | 'refused' | 'withdrawn', string>> = {
    pending: { given: '-', refused: '-', withdrawn: 'decision-out-of-order' },
    given: { given: 'decision-out-of-order', refused: 'decision-out-of-order', withdrawn: '-' },
    refused: { given: '-', refused: 'decision-out-of-order', withdrawn: 'decision-out-of-order' },
    withdrawn: { given: '-', refused: 'decision-out-of-order', withdrawn: 'decision-out-of-order' },
  }
  for (const [standing, row] of Object.entries(table)) {
    test.each(Object.entries(row))(`${standing}, then %s: %s`, (answer, expected) => {
      const story = new Story()
      story.open()
      story.request('anna')
      standings[standing as keyof typeof standings](story)
      const at = story[answer as 'given' | 'refused' | 'withdrawn']('anna')
      expect(codes(story)).toEqual(expected === '-' ? [] : [`${expected}@${at}`])
    })
  }
})

describe('pauses and newcomers', () => {
  /** Recorded until 2 001 000, paused for carl, who answers at 2 002 000. */
  function paused(): Story {
    const story = gateOpen()
    story.started(['anna', 'ben'])
    story.now = 2_001_000
    story.gateClosed({ event: { cause: 'joined' } })
    story.stopped([['anna', 2_000_010, 2_000_990]])
    story.request('carl')
    story.now = 2_002_000
    return story
  }

  test('a newcomer who agrees is recorded from the next gate on', () => {
    const story = paused()
    const yes = story.given('carl')
    story.gateOpen([3, 4, yes], ['anna', 'ben', 'carl'])
    story.started(['carl'])
    story.now = 2_003_000
    story.gateClosed()
    story.stopped([
      ['anna', 2_002_001, 2_003_000],
      ['carl', 2_002_001, 2_003_000],
    ])
    expect(codes(story)).toEqual([])
  })

  test('a newcomer who leaves without an answer does not stand in the way', () => {
    const story = paused()
    story.refused('carl', 'disconnect')
    story.gateOpen([3, 4], ['anna', 'ben'])
    story.started(['anna'])
    story.now = 2_003_000
    story.gateClosed()
    story.stopped([['anna', 2_002_001, 2_003_000]])
    expect(codes(story)).toEqual([])
  })

  test('a newcomer who refused and is there blocks the next gate', () => {
    const story = paused()
    story.refused('carl')
    const gate = story.gateOpen([3, 4], ['anna', 'ben', 'carl'])
    story.started(['anna'])
    story.now = 2_003_000
    story.gateClosed()
    const media = story.stopped([['anna', 2_002_001, 2_003_000]])
    expect(codes(story)).toEqual([`gate-party-undecided@${gate}`, `media-after-refusal@${media}`])
  })

  test('media of the pause itself is outside every gate', () => {
    const story = paused()
    const yes = story.given('carl')
    story.gateOpen([3, 4, yes], ['anna', 'ben', 'carl'])
    story.now = 2_003_000
    story.gateClosed()
    const media = story.stopped([['anna', 2_001_500, 2_003_000]])
    expect(codes(story)).toEqual([`media-outside-gate@${media}`])
  })

  test('a notice that changed asks everyone anew, and the old yes opens nothing', () => {
    const story = paused()
    story.given('carl')
    const shown = {
      sha256: 'd'.repeat(64),
      url: 'https://calls.example/privacy',
      lang: 'en',
      version: '2',
      date: '2026-02-01',
    }
    story.request('anna', { notice: shown })
    const gate = story.gateOpen([3, 4], ['ben', 'carl'])
    expect(codes(story)).toEqual([`gate-decision-stale@${gate}`, `gate-party-undecided@${gate}`])
  })
})

describe('under `each`', () => {
  function each(): Story {
    const story = new Story()
    story.open()
    story.request('anna', { policy: 'each' })
    story.request('ben', { policy: 'each' })
    story.given('anna')
    story.now = 2_000_000
    story.gateOpen([3], ['anna', 'ben'], { policy: 'each' })
    story.started(['anna'])
    return story
  }

  test('who has not agreed does not stand in the way of who has', () => {
    const story = each()
    story.now = 2_001_000
    story.refused('ben')
    story.gateClosed()
    story.stopped([['anna', 2_000_001, 2_001_000]])
    expect(codes(story)).toEqual([])
  })

  test('who agrees later is let in by a gate that takes the place of the first, without a gap for the others', () => {
    const story = each()
    story.now = 2_001_000
    const yes = story.given('ben')
    story.gateOpen([3, yes], ['anna', 'ben'], { policy: 'each' })
    story.started(['ben'])
    story.now = 2_002_000
    story.gateClosed()
    story.stopped([
      ['anna', 2_000_001, 2_002_000],
      ['ben', 2_001_001, 2_002_000],
    ])
    expect(codes(story)).toEqual([])
  })

  test('who has not agreed is not recorded', () => {
    const story = each()
    story.now = 2_001_000
    story.gateClosed()
    const media = story.stopped([['ben', 2_000_001, 2_001_000]])
    expect(codes(story)).toEqual([`media-outside-gate@${media}`, `media-while-pending@${media}`])
  })

  test("a withdrawal ends only that person's media, although it is written after the media it ends", () => {
    const story = each()
    const yes = story.given('ben')
    story.gateOpen([3, yes], ['anna', 'ben'], { policy: 'each' })
    story.now = 2_002_000
    story.gateClosed()
    const media = story.stopped([
      ['anna', 2_000_001, 2_002_000],
      ['ben', 2_000_001, 2_002_000],
    ])
    story.now = 2_001_000
    const no = story.withdrawn('ben')
    expect(codes(story)).toEqual([`media-after-withdrawal@${media}`])
    expect(checkGrammar(story.entries, origin)[0]?.message).toContain(`entry ${no}`)
  })
})

describe('the edges in time', () => {
  /** Media of anna from `from` to `to`, under a gate from 2 000 000 to 2 001 000. */
  const media = (from: number, to: number): Story => {
    const story = gateOpen()
    story.started(['anna'])
    story.now = 2_001_000
    story.gateClosed()
    story.stopped([['anna', from, to]])
    return story
  }
  test.each([
    [2_000_000, 2_001_000, []],
    [1_999_999, 2_001_000, ['media-outside-gate@8']],
    [2_000_000, 2_001_250, []],
    [2_000_000, 2_001_251, ['media-outside-gate@8']],
    [2_001_001, 2_001_002, ['media-outside-gate@8']],
  ])('media from %i to %i: %j', (from, to, expected) => {
    expect(codes(media(from, to))).toEqual(expected)
  })

  test.each([
    [2_001_250, []],
    [2_001_251, ['media-after-withdrawal@7']],
  ])('a withdrawal at 2 001 000, media until %i: %j', (to, expected) => {
    const story = gateOpen()
    story.started(['anna'])
    story.now = 2_002_000
    story.stopped([['anna', 2_000_001, to]])
    story.now = 2_001_000
    story.withdrawn('ben')
    story.now = 2_002_000
    story.gateClosed()
    expect(codes(story)).toEqual(expected)
  })

  test.each([
    [2_001_000, 2_001_250, []],
    [2_001_001, 2_001_002, ['media-after-withdrawal@7']],
  ])(
    'a withdrawal at 2 001 000, media that begins at %i and ends at %i: %j',
    (from, to, expected) => {
      const story = gateOpen()
      story.started(['anna'])
      story.now = 2_002_000
      story.stopped([['anna', from, to]])
      story.now = 2_001_000
      story.withdrawn('ben')
      story.now = 2_002_000
      story.gateClosed()
      expect(codes(story)).toEqual(expected)
    },
  )

  test('a start that is written after its gate was closed again is judged by its time', () => {
    const story = gateOpen()
    story.now = 2_001_000
    story.gateClosed()
    const late = story.started(['anna'], { event: { time: 2_000_500 } })
    expect(codes(story)).toEqual([])
    story.started(['anna'], { event: { time: 2_001_001 } })
    expect(codes(story)).toEqual([`effect-without-gate@${late + 1}`])
  })

  test('a yes until the end of the session ends with it', () => {
    const story = gateOpen()
    story.started(['anna'])
    story.now = 2_001_000
    story.close()
    story.now = 2_009_000
    story.gateClosed()
    const at = story.stopped([['anna', 2_000_001, 2_002_000]])
    expect(codes(story)).toEqual([
      'gate-never-closed@7',
      'effect-never-stopped@7',
      `media-after-expiry@${at}`,
      `media-after-expiry@${at}`,
    ])
  })
})

test('after the end of a session stopping may be written and rights may be used, but nobody may say yes', () => {
  const story = goodStory()
  const event = { state: 'destroyed', time: story.now, cause: 'subject-request' } as const
  story.withdrawn('anna')
  story.add({
    ...story.header('destroyed'),
    event,
    subject: { ref: 'anna' },
    recordingId: 'rec_1',
    tracks: [{ source: 'microphone' }],
  })
  expect(codes(story)).toEqual([])
  const late = story.given('anna')
  expect(codes(story)).toEqual([`session-over@${late}`])
})

describe('a gate may rest on the yes of someone who was forgotten since:', () => {
  /** carl, dora and erik agree in entries 5 to 7, which are erased, as their requests are. Entry 8 is the first gate. */
  const story = (): Story => {
    const it = agreed()
    it.given('carl')
    it.given('dora')
    it.given('erik')
    it.now = 2_000_000
    return it
  }
  const erased = new Set([5, 6, 7])
  const codesOf = (it: Story, gone: ReadonlySet<number> = erased): string[] =>
    checkGrammar(
      it.entries.filter(({ index }) => !gone.has(index)),
      origin,
      gone,
    ).map(({ code, index }) => `${code}@${index}`)

  test('and their media is inside it', () => {
    const it = story()
    it.gateOpen([3, 4, 5], ['anna', 'ben', 'carl'])
    it.started(['anna', 'carl'])
    it.now = 3_000_000
    it.gateClosed()
    it.stopped([['carl', 2_000_010, 2_999_990]])
    expect(codesOf(it)).toEqual([])
  })

  test('each such yes is that of one person, however often it is named', () => {
    const it = story()
    it.gateOpen([3, 4, 5, 5], ['anna', 'ben', 'carl', 'dora'])
    expect(codesOf(it)).toEqual(['gate-party-undecided@8'])
    const two = story()
    two.gateOpen([3, 4, 5, 6], ['anna', 'ben', 'carl', 'dora'])
    expect(codesOf(two)).toEqual([])
  })

  test('it stays that person’s in every gate of the run', () => {
    const it = story()
    it.gateOpen([3, 4, 5], ['anna', 'ben', 'carl'])
    it.gateOpen([3, 4, 5], ['anna', 'ben', 'dora'])
    expect(codesOf(it)).toEqual(['gate-party-undecided@9'])
  })

  test('a later gate names it again, or does not rest on it', () => {
    const it = story()
    it.gateOpen([3, 4, 5], ['anna', 'ben', 'carl'])
    it.gateOpen([3, 4], ['anna', 'ben', 'carl'])
    expect(codesOf(it)).toEqual(['gate-party-undecided@9'])
  })

  test('where each decides alone, it lets one of them be recorded', () => {
    const it = new Story()
    it.open()
    it.request('anna', { policy: 'each' })
    it.given('carl')
    it.now = 2_000_000
    it.gateOpen([2], ['anna', 'carl', 'dora'], { policy: 'each' })
    it.started(['carl', 'dora'])
    expect(codesOf(it, new Set([2]))).toEqual(['effect-party-uncovered@4'])
  })

  test('people may come and go, whichever yes was whose', () => {
    const it = story()
    it.gateOpen([3, 4, 5, 6], ['anna', 'ben', 'carl', 'dora'])
    it.gateOpen([3, 4, 5], ['anna', 'ben', 'dora'])
    it.gateOpen([3, 4, 5, 7], ['anna', 'ben', 'dora', 'erik'])
    expect(codesOf(it)).toEqual([])
  })

  test('it does not also answer another request', () => {
    const it = story()
    it.gateOpen([3, 4, 5], ['anna', 'ben', 'carl'])
    it.gateClosed()
    it.request('anna', { requestId: 'req_2' })
    const yes = it.given('anna', { requestId: 'req_2' })
    const gate = it.gateOpen([yes, 5], ['anna', 'dora'], { requestId: 'req_2' })
    expect(codesOf(it)).toEqual([`gate-decision-unknown@${gate}`, `gate-party-undecided@${gate}`])
  })

  test('it came before', () => {
    const it = story()
    const gate = it.gateOpen([3, 4, 9], ['anna', 'ben', 'carl'])
    it.given('carl')
    const found = [`gate-decision-unknown@${gate}`, `gate-party-undecided@${gate}`]
    expect(codesOf(it, new Set([5, 6, 7, 9]))).toEqual(found)
    const itself = story()
    itself.gateOpen([3, 4, 8], ['anna', 'ben', 'carl'])
    const read = itself.entries.filter(({ index }) => !erased.has(index))
    const codesFound = checkGrammar(read, origin, new Set([8])).map(({ code }) => code)
    expect(codesFound).toEqual(['gate-decision-unknown', 'gate-party-undecided'])
  })
})
