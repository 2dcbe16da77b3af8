import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  composeNotice,
  decisionProblem,
  permitFor,
  purposeKey,
  RecordingPermit,
  step,
  viewFor,
  type Consent,
  type Input,
} from '#consent'
import {
  Asking,
  CallError,
  ConsentView,
  methods,
  newId,
  Notice,
  PeerId,
  RecordingOptions,
  SessionId,
  type PersonId,
  Policy,
  type Source,
} from '#protocol'
import {
  alice,
  ask,
  bob,
  control,
  decide,
  gateLogged,
  host,
  late,
  logged,
  noticeSha256,
  otherNotice,
  otherRequest,
  play,
  reach,
  requestId,
  run,
  say,
  stranger,
  yesLogged,
} from './scene.ts'
import { asking, settings } from './settings.ts'

const policies = ['everyone', 'each'] as const satisfies Policy[]
const pageOf = (person: PersonId) => PeerId.parse(`peer_${person.at(-1)!.repeat(16)}`)
const facts = {
  notice: 'the notice',
  now: 50,
  request: null,
  prev: null,
  pagesOf: (person: PersonId) => [pageOf(person)],
  isHost: (person: PersonId) => person === host,
  isKept: () => false,
}
const producer = (person: PersonId, source: Source = 'microphone') => ({
  producerId: newId.producer(),
  person,
  source,
})
const everything = [host, alice, bob, late, stranger].flatMap((person) =>
  (['microphone', 'camera', 'screen', 'screenAudio'] as const).map((source) =>
    producer(person, source),
  ),
)
const recordedIn = (consent: Consent) =>
  new Set(permitFor(consent, everything)?.tracks.map(({ person }) => person))
const joins = (): Input => ({ type: 'joined', person: late, barred: null })
const everyoneAsked = () =>
  play({ state: 'idle', asked: new Set() }, [ask('everyone'), 0], [logged, 0]).consent

describe('L1 no media before the gate is durable', () => {
  test('only a recording names anyone in its permit; every other state has none', () => {
    for (const policy of policies) {
      const permits = Object.entries(reach(policy)).map(([state, consent]) => [
        state,
        permitFor(consent, everything) !== null,
      ])
      expect(Object.fromEntries(permits)).toEqual({
        idle: false,
        requesting: false,
        asking: false,
        settling: false,
        opening: false,
        recording: true,
        paused: false,
        ended: false,
      })
    }
  })

  test('the durable gate is not enough: a person enters once their pages show the mark, from that moment', () => {
    const open = play(reach('everyone').opening, [gateLogged(1, 33), 40])
    expect(open.effects.map(say)).toEqual(['show(host+alice+bob)'])
    expect(recordedIn(open.consent)).toEqual(new Set())
    const { consent, effects } = play(open.consent, [{ type: 'shown', person: alice, gate: 1 }, 47])
    expect(effects.map(say)).toEqual(['capture'])
    expect(permitFor(consent, [producer(alice), producer(bob)])).toMatchObject({
      gateIndex: 33,
      requestId,
      tracks: [{ person: alice, notBefore: 47 }],
    })
  })

  test('a permit comes from permitFor alone', () => {
    expect(() =>
      Reflect.construct(RecordingPermit, [Symbol('made by permitFor'), requestId, 1, []]),
    ).toThrow(TypeError)
  })

  test('only the media that were asked for are in it', () => {
    const sources = permitFor(reach('everyone').recording, everything)?.tracks.map(
      ({ source }) => source,
    )
    expect(new Set(sources)).toEqual(new Set(['microphone', 'camera']))
    const screen = {
      ...reach('everyone').recording,
      run: run('everyone', { media: { audio: false, video: false, screen: true } }),
    } as Consent
    expect(new Set(permitFor(screen, everything)?.tracks.map(({ source }) => source))).toEqual(
      new Set(['screen', 'screenAudio']),
    )
  })
})

describe('L2 silence is a no, whatever its cause', () => {
  test.each([
    ['timeout', [{ type: 'tick' }, 1000], 'log(host refused by timeout)'],
    ['disconnect', [{ type: 'left', person: bob }, 10], 'log(bob refused by disconnect)'],
  ] as const)('%s', (cause, input, entry) => {
    const { consent, effects } = play(everyoneAsked(), input)
    expect(effects.map(say)).toContain(entry)
    expect(
      'people' in consent && consent.people.get(cause === 'timeout' ? host : bob)?.standing,
    ).toEqual({ is: 'refused', cause })
  })

  test('a lost connection answers nothing; when it does not come back in time that is a no', () => {
    const { consent, effects } = play(
      everyoneAsked(),
      [{ type: 'lost', person: bob }, 10],
      [{ type: 'tick' }, 1000],
    )
    expect(effects.map(say)).toContain('log(bob refused by timeout)')
    expect(consent).toMatchObject({ state: 'settling', outcome: 'expired' })
  })

  test('an answer at the deadline is too late', () => {
    const asked = everyoneAsked()
    expect(
      decisionProblem(asked, alice, { requestId, noticeSha256, decision: 'given', isSigned: true }, 999),
    ).toBeNull()
    expect(
      decisionProblem(asked, alice, { requestId, noticeSha256, decision: 'given', isSigned: true }, 1000),
    ).toBe('TOO_LATE')
    expect(play(asked, [decide(alice, 'given'), 1000]).effects.map(say)).not.toContain(
      'log(alice given by click)',
    )
  })

  test('an answer to other bytes, to another request or by someone who was not asked is none', () => {
    const asked = everyoneAsked()
    const answer = { requestId, noticeSha256, decision: 'given', isSigned: true } as const
    expect(decisionProblem(asked, alice, { ...answer, noticeSha256: otherNotice }, 1)).toBe(
      'NOTICE_MISMATCH',
    )
    expect(decisionProblem(asked, alice, { ...answer, requestId: otherRequest }, 1)).toBe(
      'NOT_FOUND',
    )
    expect(decisionProblem(asked, stranger, answer, 1)).toBe('NOT_FOUND')
    for (const input of [
      decide(alice, 'given', { noticeSha256: otherNotice }),
      decide(alice, 'given', { requestId: otherRequest }),
      decide(stranger, 'given'),
    ]) {
      expect(step(asked, input, 1)).toEqual([asked, []])
    }
  })

  test('no state but the asking, or what follows from it, takes an answer', () => {
    const answer = { requestId, noticeSha256, decision: 'given', isSigned: true } as const
    const { idle, requesting, ended } = reach('everyone')
    for (const consent of [idle, requesting, ended])
      expect(decisionProblem(consent, alice, answer, 1)).toBe('NOT_FOUND')
  })
})

test('L3 no way to ask, to answer or to configure carries a default answer', () => {
  const answer = { requestId, noticeSha256, decision: 'given' }
  for (const extra of ['default', 'auto', 'accept', 'preselected', 'remember']) {
    expect(Asking.safeParse({ ...asking(), [extra]: 'accept' }).success).toBe(false)
    expect(methods['consent.decide'].params.safeParse({ ...answer, [extra]: true }).success).toBe(
      false,
    )
    expect(
      RecordingOptions.safeParse({
        policies: ['everyone'],
        retentionDays: [7],
        answerMs: [1000],
        readers: [],
        [extra]: 'accept',
      }).success,
    ).toBe(false)
    expect(
      methods['session.join'].params.safeParse({
        router: noticeSha256,
        capabilities: { codecs: [], headerExtensions: [] },
        [extra]: 'given',
      }).success,
    ).toBe(false)
  }
  const { decision: _, ...undecided } = answer
  expect(methods['consent.decide'].params.safeParse(undecided).success).toBe(false)
})

test('L4 yes and no are one message of one shape, and neither says why', () => {
  for (const decision of ['given', 'refused', 'withdrawn']) {
    expect(
      Object.keys(
        methods['consent.decide'].params.parse({ requestId, noticeSha256, decision }),
      ).sort(),
    ).toEqual(['decision', 'noticeSha256', 'requestId'])
    expect(
      methods['consent.decide'].params.safeParse({
        requestId,
        noticeSha256,
        decision,
        reason: 'because',
      }).success,
    ).toBe(false)
  }
})

describe('L5 a no costs nothing and is not asked again', () => {
  test('it asks nothing of the outside but to be logged', () => {
    expect(play(reach('each').asking, [decide(bob, 'refused'), 2]).effects.map(say)).toEqual([
      'log(bob refused by click)',
    ])
  })

  test.each([
    ['declined', [decide(bob, 'refused'), 2]],
    ['expired', [{ type: 'tick' }, 1000]],
    ['cancelled', [control('cancel'), 5]],
  ] as const)('%s: the same purpose is not asked again in this call', (outcome, input) => {
    const { consent } = play(reach('everyone').asking, input, [{ type: 'tick' }, 2000])
    expect(consent).toMatchObject({ state: 'ended', outcome })
    expect(
      step(consent, ask('everyone', [host, alice], { requestId: otherRequest }), 3000),
    ).toEqual([consent, []])
    expect(
      step(
        consent,
        ask('everyone', [host], { requestId: otherRequest, purpose: 'training' }),
        3000,
      )[0].state,
    ).toBe('requesting')
  })

  test('nor when a withdrawal ended it, or the host ended what others had refused', () => {
    for (const consent of [
      play(reach('everyone').recording, [decide(alice, 'withdrawn'), 50]).consent,
      reach('each').ended,
    ]) {
      expect(step(consent, ask('each', [host], { requestId: otherRequest }), 3000)).toEqual([
        consent,
        [],
      ])
    }
  })

  test('a purpose in other letters is the same purpose', () => {
    expect(purposeKey(' Ｍinutes,\tOF this  meeting! ')).toBe(purposeKey('minutes of this meeting'))
    expect(purposeKey('minutes of this meeting')).not.toBe(purposeKey('minutes of that meeting'))
  })
})

describe('L6 others never learn who said no', () => {
  /** What the others see of a story; the story is told once of alice and once of bob. */
  const seen = (
    policy: Policy,
    story: (who: PersonId) => readonly (readonly [Input, number])[],
    who: PersonId,
  ) => {
    const { consent } = play(
      { state: 'idle', asked: new Set() },
      [ask(policy, [host, alice, bob, late]), 0],
      [logged, 0],
      ...story(who),
    )
    return [host, late].map((viewer) => viewFor(consent, viewer, { ...facts, now: 5000 }))
  }
  const word = fc.constantFrom('refused' as const, 'withdrawn' as const)
  const yes = (person: PersonId, at: number) =>
    [
      [decide(person, 'given'), at],
      [yesLogged(person), at],
    ] as const

  test('under everyone every view of theirs is the same whether alice or bob did, at every moment', () => {
    const times = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(
        word,
        times,
        fc.integer({ min: 1, max: 6000 }),
        fc.boolean(),
        (decision, [a, b, c, d], until, othersAgree) => {
          const story = (who: PersonId) => {
            const other = who === alice ? bob : alice
            const acts: (readonly [Input, number])[] = [
              [decide(who, decision), a!],
              ...(othersAgree ? [...yes(other, b!), ...yes(host, c!), ...yes(late, d!)] : []),
            ]
            const ticks = Array.from(
              { length: 60 },
              (_, at) => [{ type: 'tick' }, at * 100] as const,
            )
            return [...acts, ...ticks].filter(([, at]) => at <= until).sort(([, x], [, y]) => x - y)
          }
          expect(seen('everyone', story, alice)).toEqual(seen('everyone', story, bob))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('under each it shows who is in it, and no difference between a no and no answer', () => {
    const running = reach('each').recording
    const pending = play(running, [joins(), 40]).consent
    const refused = play(pending, [decide(late, 'refused'), 41]).consent
    expect(viewFor(refused, host, facts)).toEqual(viewFor(pending, host, facts))
  })

  test('the end of the asking comes late, whichever it is; until then it looks like asking', () => {
    const declined = play(reach('everyone').asking, [decide(bob, 'refused'), 4]).consent
    const waiting = reach('everyone').asking
    expect(viewFor(declined, host, facts)).toEqual(viewFor(waiting, host, facts))
    expect(play(declined, [{ type: 'tick' }, 13]).consent.state).toBe('settling')
    expect(play(declined, [{ type: 'tick' }, 14]).consent.state).toBe('ended')
  })

  test('the count moves at most every two seconds, and counts answers, not yeses', () => {
    const one = play(
      everyoneAsked(),
      [decide(alice, 'given'), 1],
      [yesLogged(alice), 1],
      [{ type: 'tick' }, 999],
    )
    expect(viewFor(one.consent, host, facts)).toMatchObject({ answered: 0, total: 3 })
    const long = play(
      { state: 'idle', asked: new Set() },
      [ask('each', [host, alice, bob], { answerMs: 60_000 }), 0],
      [logged, 0],
    )
    const answered = (decision: 'given' | 'refused') =>
      play(
        long.consent,
        [decide(alice, decision), 1],
        [yesLogged(alice), 1],
        [{ type: 'tick' }, 2000],
      ).consent
    expect(viewFor(answered('given'), host, facts)).toMatchObject({ answered: 1 })
    expect(viewFor(answered('refused'), host, facts)).toEqual(
      viewFor(answered('given'), host, facts),
    )
    const next = play(
      answered('given'),
      [decide(bob, 'refused'), 2001],
      [{ type: 'tick' }, 3999],
    ).consent
    expect(viewFor(next, host, facts)).toMatchObject({ answered: 1 })
    expect(viewFor(play(next, [{ type: 'tick' }, 4000]).consent, host, facts)).toMatchObject({
      answered: 2,
    })
  })

  test('L29 while it is paused for newcomers nobody sees which of them has agreed already', () => {
    const paused = play(
      reach('everyone').recording,
      [joins(), 50],
      [{ type: 'joined', person: stranger, barred: null }, 51],
    ).consent
    const one = play(paused, [decide(late, 'given'), 52], [yesLogged(late), 53]).consent
    const two = play(paused, [decide(stranger, 'given'), 52], [yesLogged(stranger), 53]).consent
    for (const viewer of [host, alice]) {
      expect(viewFor(one, viewer, facts)).toEqual(viewFor(two, viewer, facts))
      expect(viewFor(one, viewer, facts)).toEqual(viewFor(paused, viewer, facts))
    }
  })

  test('every view is one that the wire allows', () => {
    for (const policy of policies) {
      for (const consent of Object.values(reach(policy))) {
        for (const viewer of [host, alice, bob, stranger])
          expect(
            ConsentView.safeParse(viewFor(consent, viewer, { ...facts, notice: 'n' })).error,
          ).toBeUndefined()
      }
    }
  })
})

describe('L7 all must agree, unless the notice says that each decides alone', () => {
  test('under everyone one no, one silence or one withdrawal ends it', () => {
    expect(
      play(reach('everyone').asking, [decide(bob, 'refused'), 2], [{ type: 'tick' }, 20]).consent,
    ).toMatchObject({ outcome: 'declined' })
    expect(
      play(reach('everyone').asking, [{ type: 'tick' }, 1000], [{ type: 'tick' }, 1010]).consent,
    ).toMatchObject({ outcome: 'expired' })
    expect(play(reach('everyone').recording, [decide(bob, 'withdrawn'), 50]).consent).toMatchObject(
      { outcome: 'notAll' },
    )
  })

  test('under each nothing of who did not agree is in the permit: no sound, no picture, no screen', () => {
    expect(recordedIn(reach('each').recording)).toEqual(new Set([host, alice]))
  })

  test('nobody at all is no agreement', () => {
    const { consent } = play(
      { state: 'idle', asked: new Set() },
      [ask('each', [host, alice]), 0],
      [logged, 0],
      [decide(host, 'refused'), 1],
      [decide(alice, 'refused'), 1],
      [{ type: 'tick' }, 20],
    )
    expect(consent).toMatchObject({ state: 'ended', outcome: 'declined' })
  })
})

describe('L8 a newcomer pauses the recording before anything of theirs could be in it', () => {
  test('the release is the first thing that happens, and nobody is in it until they have decided', () => {
    const { consent, effects } = play(reach('everyone').recording, [joins(), 50])
    expect(effects.map(say)[0]).toBe('release')
    expect([consent, recordedIn(consent)]).toMatchObject([
      { state: 'paused', cause: 'joined' },
      new Set(),
    ])
    expect(viewFor(consent, late, facts)).toMatchObject({
      state: 'paused',
      you: 'asked',
      late: true,
      leftMs: 1000,
    })
  })

  test('their yes opens a new gate that names them; their no ends it', () => {
    const paused = play(reach('everyone').recording, [joins(), 50]).consent
    expect(
      play(paused, [decide(late, 'given'), 60], [yesLogged(late), 61]).effects.map(say),
    ).toEqual(['log(late given by click)', 'log(gate 2 for host+alice+bob+late)'])
    expect(play(paused, [decide(late, 'refused'), 60]).consent).toMatchObject({
      state: 'ended',
      outcome: 'notAll',
    })
  })

  test('it does not go on by itself when the host had paused it', () => {
    const paused = play(
      reach('everyone').paused,
      [joins(), 50],
      [decide(late, 'given'), 51],
      [yesLogged(late), 52],
    ).consent
    expect(paused).toMatchObject({ state: 'paused', cause: 'host' })
  })

  test('no decision is inherited: a newcomer under each is out until they agree', () => {
    expect(recordedIn(play(reach('each').recording, [joins(), 50]).consent)).toEqual(
      new Set([host, alice]),
    )
  })
})

describe('L9 a yes is to one request and to the bytes that were shown', () => {
  test('other bytes ask everyone anew, and stop at once what runs', () => {
    for (const policy of policies) {
      const { consent, effects } = play(reach(policy).recording, [
        { type: 'noticeChanged', noticeSha256: otherNotice },
        50,
      ])
      expect(effects.map(say)).toEqual([
        'release',
        'log(closed: notice)',
        'endInterval',
        'log(host+alice+bob asked)',
      ])
      expect(
        'people' in consent && [...consent.people.values()].map(({ standing }) => standing.is),
      ).toEqual(['asked', 'asked', 'asked'])
    }
  })

  test('a new request starts with nobody’s yes', () => {
    const { consent } = play(
      reach('everyone').ended,
      [ask('everyone', [host, alice], { requestId: otherRequest }), 60],
      [{ type: 'requestLogged', requestId: otherRequest }, 61],
    )
    expect(
      'people' in consent && [...consent.people.values()].map(({ standing }) => standing.is),
    ).toEqual(['asked', 'asked'])
  })
})

test('L10 one request has one purpose, which is recording', () => {
  expect(Asking.safeParse({ ...asking(), purposes: ['recording', 'transcription'] }).success).toBe(
    false,
  )
  const notice = Notice.parse(JSON.parse(compose()))
  expect(notice.purposes).toMatchObject([{ id: 'recording', required: false }])
  expect(
    Notice.safeParse({ ...notice, purposes: [...notice.purposes, ...notice.purposes] }).success,
  ).toBe(false)
})

describe('what a recording is never for', () => {
  const notice = Notice.parse(JSON.parse(compose()))
  const purpose = notice.purposes[0]

  test('L25 no voice and no face is made into a template', () => {
    expect(notice.biometricTemplate).toBe(false)
    expect(Notice.safeParse({ ...notice, biometricTemplate: true }).success).toBe(false)
  })

  test.each(['training', 'transcription', 'analysis', 'sharing'])(
    'L26 no %s: there is no such purpose, and none beside the one that was asked for',
    (id) => {
      expect(Notice.safeParse({ ...notice, purposes: [{ ...purpose, id }] }).success).toBe(false)
      expect(
        Notice.safeParse({ ...notice, purposes: [purpose, { ...purpose, id }] }).success,
      ).toBe(false)
    },
  )

  test.each(['one-party', 'host', 'announced', 'none', 'most'])(
    'L27 no jurisdiction and no setting lets %s decide for the others',
    (policy) => {
      expect(Policy.options).toEqual(policies)
      expect(Asking.safeParse({ ...asking(), policy }).success).toBe(false)
      expect(Notice.safeParse({ ...notice, policy }).success).toBe(false)
    },
  )
})

describe('L11 a withdrawal acts before anything is written', () => {
  test.each(policies)('under %s the release comes before the log', (policy) => {
    expect(
      play(reach(policy).recording, [decide(alice, 'withdrawn'), 50])
        .effects.map(say)
        .slice(0, 2),
    ).toEqual([
      policy === 'everyone' ? 'release' : 'release(alice)',
      'log(alice withdrawn by click)',
    ])
  })

  test('it needs no reason, no second word and no time left', () => {
    expect(
      decisionProblem(
        reach('everyone').recording,
        alice,
        { requestId, noticeSha256, decision: 'withdrawn', isSigned: false },
        1e12,
      ),
    ).toBeNull()
  })
})

test('L12 the withdrawal of one stops the run for all under everyone, and is logged before its end', () => {
  const { consent, effects } = play(reach('everyone').recording, [decide(bob, 'withdrawn'), 50])
  expect(effects.map(say)).toEqual([
    'release',
    'log(bob withdrawn by click)',
    'log(closed: notAll)',
    'endInterval',
    'log(over: notAll)',
    'finish',
  ])
  expect(recordedIn(consent)).toEqual(new Set())
})

describe('L13 what becomes of the part until then is what the notice says', () => {
  test('it is kept until it is destroyed or has expired, and the person is told that there is something', () => {
    expect(Notice.parse(JSON.parse(compose())).withdrawal.afterwards).toBe(
      'keep-until-destroyed-or-expired',
    )
    const { consent } = play(reach('each').recording, [decide(alice, 'withdrawn'), 50])
    expect(viewFor(consent, alice, { ...facts, isKept: () => true })).toMatchObject({
      you: 'withdrawn',
      yoursIsKept: true,
    })
    expect(
      play(reach('each').recording, [decide(alice, 'withdrawn'), 50]).effects.some(
        ({ type }) => type === 'finish',
      ),
    ).toBe(false)
  })
})

test('L14 everyone sees the state, also who refused, came late or was never asked', () => {
  const late_ = play(reach('each').recording, [joins(), 50]).consent
  for (const viewer of [host, alice, bob, late, stranger]) {
    expect(viewFor(late_, viewer, facts)).toMatchObject({
      state: 'recording',
      inIt: [pageOf(host), pageOf(alice)],
      total: 4,
    })
    expect(viewFor(reach('everyone').paused, viewer, facts)).toMatchObject({
      state: 'paused',
      cause: 'host',
    })
  }
})

test('L15 the host who asks is asked too', () => {
  const { consent } = play(
    { state: 'idle', asked: new Set() },
    [ask('everyone', [host]), 0],
    [logged, 0],
  )
  expect(viewFor(consent, host, facts)).toMatchObject({
    state: 'asked',
    you: 'asked',
    youAsked: true,
    total: 1,
    answered: 0,
  })
  expect(play(consent, [decide(host, 'refused'), 1], [{ type: 'tick' }, 20]).consent).toMatchObject(
    { outcome: 'declined' },
  )
})

describe('L16 no notice leaves a field out', () => {
  test('every field of the notice is needed', () => {
    const notice = Notice.parse(JSON.parse(compose()))
    for (const field of Object.keys(notice)) {
      const { [field as keyof Notice]: _, ...rest } = notice
      expect(Notice.safeParse(rest).success, field).toBe(false)
    }
    expect(Notice.safeParse({ ...notice, recipients: [] }).success).toBe(false)
    expect(Notice.safeParse({ ...notice, more: 1 }).success).toBe(false)
  })

  test.each(
    Object.keys(settings).filter(
      (field) => !['readers', 'policies', 'retentionDays'].includes(field),
    ),
  )('settings without %s are refused by its name', (field) => {
    expect(codeOf(() => compose({ ...settings, [field]: undefined } as never))).toBe(
      'NOTICE_INCOMPLETE',
    )
  })

  test('readers, rule and retention come from what the controller offers', () => {
    expect(
      codeOf(() => compose(settings, asking({ readers: ['minutes', 'stranger'] as never }))),
    ).toBe('NO_READERS')
    expect(Asking.safeParse({ ...asking(), readers: [] }).success).toBe(false)
    expect(
      codeOf(() => compose({ ...settings, policies: ['everyone'] }, asking({ policy: 'each' }))),
    ).toBe('BAD_REQUEST')
    expect(codeOf(() => compose(settings, asking({ retentionDays: 8 })))).toBe('BAD_REQUEST')
    expect(Notice.parse(JSON.parse(compose())).recipients).toEqual([
      { name: 'Minutes desk', role: 'writes the minutes', country: 'DE' },
    ])
  })

  test('what was asked stands in it verbatim', () => {
    expect(
      Notice.parse(JSON.parse(compose(settings, asking({ purpose: 'Größe “quoted” <b>' })))),
    ).toMatchObject({
      purposes: [{ text: 'Größe “quoted” <b>' }],
      media: { audio: true, video: true, screen: false },
      policy: 'everyone',
      retention: { recordingDays: 7, evidenceDays: 365 },
      askedBy: { name: 'Host', at: 5 },
      validity: { from: 5, until: 'end-of-session' },
    })
  })
})

describe('L31 without a log nothing starts, and everything stops', () => {
  test.each(policies)('under %s', (policy) => {
    const states = reach(policy)
    for (const state of [
      'requesting',
      'asking',
      'settling',
      'opening',
      'recording',
      'paused',
    ] as const) {
      const { consent, effects } = play(states[state], [{ type: 'auditFailed' }, 50])
      expect(consent, state).toMatchObject({ state: 'ended', outcome: 'logFailed' })
      expect(effects.map(say).includes('release'), state).toBe(state === 'recording')
    }
  })

  test('nothing is asked before the request is durable, and no yes counts before it is', () => {
    expect(viewFor(reach('everyone').requesting, alice, facts)).toEqual({ state: 'idle' })
    const { consent } = play(
      everyoneAsked(),
      ...[host, alice, bob].map((who) => [decide(who, 'given'), 1] as const),
      [{ type: 'tick' }, 5000],
    )
    expect(consent.state).toBe('asking')
  })
})

describe('L33 it ends with the last person who is in it', () => {
  test('under each, though others are still there', () => {
    const { consent } = play(
      reach('each').recording,
      [decide(host, 'withdrawn'), 50],
      [{ type: 'left', person: alice }, 51],
    )
    expect(consent).toMatchObject({ state: 'ended', outcome: 'empty' })
  })

  test('when the host who asked leaves, unless another took over', () => {
    expect(
      play(reach('everyone').recording, [{ type: 'left', person: host }, 50]).consent,
    ).toMatchObject({ outcome: 'hostLeft' })
    const taken = play(
      reach('everyone').recording,
      [control('takeOver', alice), 50],
      [{ type: 'left', person: host }, 51],
    ).consent
    expect(taken).toMatchObject({ state: 'recording', run: { by: alice } })
    expect(play(taken, [{ type: 'left', person: alice }, 52]).consent).toMatchObject({
      outcome: 'hostLeft',
    })
  })

  test('nobody takes over where the notice did not say so, or who does not agree', () => {
    const fixed = {
      ...reach('everyone').recording,
      run: run('everyone', { hostMayChange: false }),
    } as Consent
    expect(play(fixed, [control('takeOver', alice), 50]).consent).toBe(fixed)
    expect(play(reach('each').recording, [control('takeOver', bob), 50])).toMatchObject({
      effects: [],
    })
  })
})

const session = { id: SessionId.parse(`call_${'c'.repeat(26)}`), startedAt: 1 }
function compose(given = settings, asked = asking()): string {
  return composeNotice(given, asked, { requestId, session, askedBy: 'Host', now: 5 })
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof CallError) return error.code
    throw error
  }
  return 'none'
}
