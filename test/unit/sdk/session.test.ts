import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { newId, type Event, type Peer } from '#protocol'
import {
  attemptMs,
  maxEarly,
  patienceMs,
  start,
  step,
  type Effect,
  type Input,
  type Numbered,
  type Session,
} from '../../../client/sdk/session.ts'
import {
  alice,
  asked,
  bob,
  bytes,
  joined,
  me,
  numbered,
  person,
  snapshot,
  speaking,
} from './fixtures.ts'

/** Runs inputs at one instant and returns what was reached and everything asked of the outside. */
function run(
  session: Session,
  inputs: readonly Input[],
  now = 0,
): { session: Session; effects: Effect[] } {
  const effects: Effect[] = []
  for (const input of inputs) {
    const [next, wanted] = step(session, input, now)
    session = next
    effects.push(...wanted)
  }
  return { session, effects }
}

const happened = (event: Numbered): Input => ({ type: 'event', event })
const [connecting] = start(null, false, 0)
const closed = { type: 'closed', closeCode: 1006, chance: 1 } as const

describe('coming in', () => {
  test('a stored secret goes up with the first try, and that this page has no media yet', () => {
    expect(start('kept', false, 0)[1]).toEqual([
      { type: 'open', resume: 'kept', freshMedia: true, freshToken: false },
      { type: 'wakeAt', time: attemptMs },
    ])
  })

  test('whatever order snapshot and events come in, the same call stands and nothing is lost', () => {
    const strangers = Array.from({ length: 4 }, () => newId.peer())
    const anEvent: fc.Arbitrary<Event> = fc.oneof(
      fc
        .constantFrom(...strangers)
        .map((peerId): Event => ({ event: 'peer.joined', params: { peer: person(peerId) } })),
      fc
        .constantFrom(...strangers)
        .map((peerId): Event => ({ event: 'peer.left', params: { peerId } })),
      fc
        .constantFrom(...strangers)
        .map((peerId): Event => ({ event: 'peer.speaking', params: { peerIds: [peerId] } })),
      fc
        .boolean()
        .map(
          (given): Event => ({
            event: 'consent.changed',
            params: { consent: given ? asked() : { state: 'idle' } },
          }),
        ),
    )
    let overtaken = 0
    fc.assert(
      fc.property(
        fc.array(anEvent, { maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        (told, upTo, late, twice) => {
          const events = told.map((event, index) => numbered(index + 2, event))
          const all = run(connecting, [joined(1), ...events].map(happened)).session
          // A snapshot made after `held` events, arriving after `seen` of them have passed it or come before it.
          const held = upTo % (events.length + 1)
          const seen = late % (events.length + 1)
          const after = run(connecting, [joined(1), ...events.slice(0, held)].map(happened)).session
          if (after.state !== 'joined' || all.state !== 'joined') throw new Error('not in the call')
          const covering = joined(held + 1, {
            peers: [...after.call.people],
            consent: after.call.consent,
          })
          const first = events.slice(Math.min(held, seen), seen)
          const arrival = [...first, ...(twice ? first : []), covering, ...events.slice(seen)]
          if (seen > held) overtaken++
          const { session } = run(connecting, arrival.map(happened))
          if (session.state !== 'joined') throw new Error(`reached ${session.state}`)
          expect(session.n).toBe(Math.max(held + 1, all.n))
          expect(session.call.people).toEqual(all.call.people)
          expect(session.call.consent).toEqual(all.call.consent)
          if (held === 0) expect(session.call.speaking).toEqual(all.call.speaking)
        },
      ),
      { seed: 11, numRuns: 2_000 },
    )
    expect(overtaken).toBeGreaterThan(200)
  })

  test('what overtook the snapshot acts on media after it', () => {
    const left = numbered(4, { event: 'peer.left', params: { peerId: alice } })
    const { effects } = run(connecting, [speaking(3), left, joined(2)].map(happened))
    expect(effects.map(({ type }) => type)).toEqual([
      'keepResume',
      'startMedia',
      'bind',
      'dropPerson',
    ])
  })

  test('a number missing among those that overtook it loses the connection', () => {
    expect(run(connecting, [speaking(5), joined(2)].map(happened)).session.state).toBe('lost')
  })

  test('more events than fit before a snapshot end the try', () => {
    const early = Array.from({ length: maxEarly + 1 }, (_, index) => happened(speaking(index + 1)))
    const { session, effects } = run(connecting, early)
    expect(session).toMatchObject({ state: 'connecting', attempt: { phase: 'waiting' } })
    expect(effects.map(({ type }) => type)).toEqual(['close', 'wakeAt'])
  })
})

describe('coming back', () => {
  const { session: inCall } = run(connecting, [happened(joined(1))])

  test('presents the secret of the snapshot and keeps everybody in their places', () => {
    const { session: lost } = run(inCall, [closed])
    const at = 250
    const [trying, effects] = step(lost, { type: 'tick' }, at)
    expect(effects).toContainEqual({
      type: 'open',
      resume: 'secret',
      freshMedia: false,
      freshToken: false,
    })
    const peers: Peer[] = [person(bob), person(alice), person(me)]
    const [back] = step(trying, happened(joined(7, { peers, resumed: true })), at)
    expect(back).toMatchObject({ state: 'joined', n: 7 })
    expect(back.state === 'joined' && back.call.people.map(({ peerId }) => peerId)).toEqual([
      me,
      alice,
      bob,
    ])
  })

  test('tries more and more seldom, never less than 125 ms nor more than 5 s apart, until 30 s are over', () => {
    const waits = [0, 1].map((chance) => waitsUntilTheEnd(chance))
    expect(waits).toEqual([
      [
        125, 250, 500, 1_000, 2_000, 2_500, 2_500, 2_500, 2_500, 2_500, 2_500, 2_500, 2_500, 2_500,
        2_500, 1_125,
      ],
      [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 2_250],
    ])
  })

  /** The waits between tries that fail at once, with the same luck each time. */
  function waitsUntilTheEnd(chance: number): number[] {
    const waits: number[] = []
    let [session] = step(inCall, { ...closed, chance }, 0)
    for (let now = 0; session.state === 'lost' && session.attempt.phase === 'waiting'; ) {
      waits.push(session.attempt.at - now)
      now = session.attempt.at
      const [trying] = step(session, { type: 'tick' }, now)
      const [next] = step(trying, { ...closed, chance }, now)
      session = next
    }
    expect(session).toMatchObject({
      state: 'ended',
      ended: { code: 'CONNECTION_LOST', retryable: true },
    })
    expect(waits.reduce((sum, wait) => sum + wait)).toBe(patienceMs)
    return waits
  }

  test('a token that has run out meanwhile is replaced before the try, once', () => {
    const [able] = start(null, true, 0)
    const { session: lost } = run(
      run(able, [happened(joined(1, { tokenExpiresInMs: 100 }))]).session,
      [closed],
    )
    const [trying, effects] = step(lost, { type: 'tick' }, 250)
    expect(effects).toContainEqual({
      type: 'open',
      resume: 'secret',
      freshMedia: false,
      freshToken: true,
    })
    const [over] = step(trying, { type: 'closed', closeCode: 4402, chance: 0 }, 251)
    expect(over).toMatchObject({
      state: 'ended',
      ended: { code: 'TOKEN_EXPIRED', retryable: true },
    })
  })

  test('without a way to fetch a token, an expired one ends it at once', () => {
    expect(step(inCall, { type: 'closed', closeCode: 4402, chance: 0 }, 0)[0]).toMatchObject({
      state: 'ended',
      ended: { code: 'TOKEN_EXPIRED', retryable: true },
    })
  })

  test('a stored secret that the server no longer knows is dropped, and the join goes on without it', () => {
    const [reloaded] = start('stale', false, 0)
    const [next, effects] = step(reloaded, { type: 'refused', code: 'RESUME_FAILED', chance: 0 }, 5)
    expect(next.state).toBe('connecting')
    expect(effects).toEqual([
      { type: 'keepResume', secret: null },
      { type: 'close' },
      { type: 'open', resume: null, freshMedia: false, freshToken: false },
      { type: 'wakeAt', time: 5 + attemptMs },
    ])
  })

  test('a server that announced its restart is left seconds, and joined anew when it forgot us', () => {
    const stopping = numbered(2, { event: 'session.stopping', params: { inMs: 20_000 } })
    const { session: lost, effects } = run(inCall, [happened(stopping), closed], 100)
    expect(effects.at(-1)).toEqual({ type: 'wakeAt', time: 2_100 })
    const [trying] = step(lost, { type: 'tick' }, 2_100)
    const [anew, wanted] = step(
      trying,
      { type: 'refused', code: 'RESUME_FAILED', chance: 0 },
      2_200,
    )
    expect(anew.state).toBe('lost')
    expect(wanted).toContainEqual({
      type: 'open',
      resume: null,
      freshMedia: false,
      freshToken: false,
    })
  })

  test.each([
    [4409, 'REPLACED', false],
    [4410, 'REMOVED', false],
    [4411, 'MINOR_REFUSED', false],
    [4403, 'ORIGIN_REFUSED', false],
    [4423, 'ROOM_FULL', true],
    [4401, 'UNAUTHENTICATED', true],
  ])('close %i ends it with %s, worth another join: %s', (closeCode, code, retryable) => {
    expect(step(inCall, { type: 'closed', closeCode, chance: 0 }, 0)[0]).toMatchObject({
      ended: { code, retryable },
    })
  })

  test.each([1000, 1001, 1005, 1006, 1011, 1012, 4413, 4429, 4503])(
    'close %i is worth a retry',
    (closeCode) => {
      expect(step(inCall, { type: 'closed', closeCode, chance: 0 }, 0)[0].state).toBe('lost')
    },
  )
})

describe('what the server tells', () => {
  const { session: inCall } = run(connecting, [happened(joined(1, { consent: asked() }))])
  const checking = { type: 'checkNotice', bytes } as const

  test('renewing narrows the grants and moves the expiry', () => {
    const grants = { ...snapshot().grants, publish: [] }
    expect(step(inCall, { type: 'renewed', grants, expiresInMs: 500 }, 10)[0]).toMatchObject({
      call: { grants, tokenExpiresAt: 510 },
    })
  })

  test('a notice is checked once it is there, and again when one byte of it or its rule changes', () => {
    expect(run(connecting, [happened(joined(1, { consent: asked() }))]).effects).toContainEqual(
      checking,
    )
    const verdict = { state: 'mismatch' } as const
    const judged = run(inCall, [{ type: 'noticeChecked', bytes, verdict }]).session
    expect(judged).toMatchObject({ call: { notice: verdict } })

    const counted = run(judged, [
      happened(numbered(2, { event: 'consent.changed', params: { consent: asked(bytes, 1) } })),
    ])
    expect(counted.effects).toEqual([])
    expect(counted.session).toMatchObject({ call: { notice: verdict, consent: { answered: 1 } } })

    for (const other of [
      { ...bytes, notice: '{ }' },
      { ...bytes, policy: 'each' as const },
      { ...bytes, request: 'signed anew' },
    ]) {
      const changed = run(judged, [
        happened(numbered(2, { event: 'consent.changed', params: { consent: asked(other) } })),
      ])
      expect(changed.effects).toEqual([{ type: 'checkNotice', bytes: other }])
      expect(changed.session).toMatchObject({ call: { notice: { state: 'checking' } } })
    }
  })

  test('what is asked is not judged before the page has a key, or cannot get one', () => {
    const { request: _, ...unsigned } = bytes
    const waiting = run(connecting, [happened(joined(1, { consent: asked(unsigned) }))])
    expect(waiting.effects.map(({ type }) => type)).toEqual(['keepResume', 'startMedia', 'bind'])
    const failed = run(waiting.session, [
      { type: 'bound', key: { state: 'failed', code: 'LOG_DIFFERS' } },
    ])
    expect(failed.effects).toEqual([
      { type: 'checkNotice', bytes: { ...unsigned, request: undefined } },
    ])
    expect(failed.session).toMatchObject({ call: { key: { code: 'LOG_DIFFERS' } } })
  })

  test.each([
    ['request', { requestId: newId.request() }],
    ['rule', { policy: 'each' as const }],
    ['text', { notice: '[]' }],
  ])('a verdict on another %s judges nothing', (_name, other) => {
    const verdict: Input = {
      type: 'noticeChecked',
      bytes: { ...bytes, ...other },
      verdict: { state: 'mismatch' },
    }
    expect(step(inCall, verdict, 0)).toEqual([inCall, []])
  })

  test('the view of consent says when it came, so that a countdown starts there', () => {
    const changed = numbered(2, { event: 'consent.changed', params: { consent: asked(bytes, 1) } })
    expect(step(inCall, happened(changed), 77)[0]).toMatchObject({ call: { consentAt: 77 } })
  })

  test('who leaves is gone from the people and from the speaking, and the others keep their places', () => {
    const { session } = run(
      inCall,
      [
        numbered(2, { event: 'peer.joined', params: { peer: person(bob) } }),
        speaking(3, [alice, bob]),
        numbered(4, { event: 'peer.changed', params: { peer: person(me, 'Me') } }),
        numbered(5, { event: 'peer.left', params: { peerId: alice } }),
      ].map(happened),
    )
    expect(session).toMatchObject({
      call: { people: [{ peerId: me, name: 'Me' }, { peerId: bob }], speaking: [bob] },
    })
  })

  test.each<[Event, string]>([
    [{ event: 'session.expiring', params: { inMs: 1 } }, 'renew'],
    [{ event: 'media.consumers', params: { consumers: [] } }, 'receive'],
    [{ event: 'media.consumersClosed', params: { consumerIds: [] } }, 'drop'],
    [
      {
        event: 'media.producerRefused',
        params: { producerId: newId.producer(), code: 'TOO_MANY' },
      },
      'stopSending',
    ],
    [
      { event: 'media.restarted', params: { transports: snapshot().transports, consumers: [] } },
      'restartMedia',
    ],
    [{ event: 'peer.left', params: { peerId: alice } }, 'dropPerson'],
  ])('$event asks for %s', (event, effect) => {
    expect(run(inCall, [happened(numbered(2, event))]).effects.map(({ type }) => type)).toEqual([
      effect,
    ])
  })
})
