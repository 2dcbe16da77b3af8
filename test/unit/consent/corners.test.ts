import { describe, expect, test } from 'vitest'
import { idle, permitFor, step, viewFor } from '#consent'
import { ProducerId, type PersonId } from '#protocol'
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
  play,
  reach,
  requestId,
  say,
  yesLogged,
} from './scene.ts'

const microphone = (person: PersonId) => ({
  producerId: ProducerId.parse(`prod_${'m'.repeat(16)}`),
  person,
  source: 'microphone' as const,
})
const shown = (person: PersonId, gate: number) => ({ type: 'shown', person, gate }) as const

describe('a yes that was taken back', () => {
  test('does not revive when the log gets to it late: only the newest yes counts', () => {
    const answering = play(
      reach('each').asking,
      [decide(bob, 'given'), 1],
      [decide(bob, 'withdrawn'), 2],
      [decide(bob, 'given'), 3],
    )
    expect(answering.effects.map(say)).toEqual([
      'log(bob given by click)',
      'log(bob withdrawn by click)',
      'log(bob given by click)',
    ])
    const stale = play(answering.consent, [yesLogged(bob, 30, 1), 4])
    expect(stale.consent).toBe(answering.consent)
    const fresh = play(answering.consent, [yesLogged(bob, 32, 2), 4]).consent
    expect('people' in fresh && fresh.people.get(bob)?.standing).toEqual({ is: 'given', index: 32 })
  })

  test('is in no gate: who agrees again while it runs is named by a new one, and shown the mark again', () => {
    const { recording } = reach('each')
    const away = play(
      recording,
      [decide(alice, 'withdrawn'), 50],
      [decide(alice, 'given'), 51],
      [yesLogged(alice, 40, 2), 52],
    )
    expect(away.effects.map(say)).toEqual([
      'release(alice)',
      'log(alice withdrawn by click)',
      'log(alice given by click)',
      'log(gate 2 for host+alice)',
    ])
    const onOldGate = play(away.consent, [shown(alice, 1), 53], [shown(alice, 2), 53]).consent
    expect(permitFor(onOldGate, [microphone(alice)])?.tracks).toEqual([])
    const onNewGate = play(away.consent, [gateLogged(2, 41), 54], [shown(alice, 2), 55])
    expect(onNewGate.effects.map(say)).toEqual(['show(alice)', 'capture'])
    expect(permitFor(onNewGate.consent, [microphone(alice)])?.tracks).toEqual([
      { ...microphone(alice), notBefore: 55 },
    ])
  })

  test('does not stand in the list of those who are in it', () => {
    const { consent } = play(
      reach('each').recording,
      [decide(alice, 'withdrawn'), 50],
      [decide(alice, 'given'), 51],
      [yesLogged(alice, 40, 2), 52],
    )
    const view = viewFor(consent, host, {
      notice: '',
      now: 60,
      request: null,
      prev: null,
      pagesOf: (person) => [person as never],
      isHost: () => false,
      isKept: () => false,
    })
    expect(view).toMatchObject({ state: 'recording', inIt: [host] })
  })
})

test('a yes to the old notice that is logged late is no yes to the new one', () => {
  const answering = play(
    reach('everyone').asking,
    [decide(host, 'given'), 1],
    [{ type: 'noticeChanged', noticeSha256: otherNotice }, 2],
    [decide(host, 'given', { noticeSha256: otherNotice }), 3],
  )
  expect(play(answering.consent, [yesLogged(host, 30, 1), 4]).consent).toBe(answering.consent)
})

describe('nobody', () => {
  test('is left to record when all who agreed have gone before it begins: it is over, and no gate is opened', () => {
    const settling = play(
      reach('each').asking,
      [decide(bob, 'given'), 2],
      [yesLogged(bob), 2],
      [decide(host, 'refused'), 3],
      [{ type: 'left', person: alice }, 4],
      [{ type: 'left', person: bob }, 5],
    ).consent
    expect(settling).toMatchObject({ state: 'settling', outcome: 'agreed' })
    const { consent, effects } = play(settling, [{ type: 'tick' }, 13])
    expect(consent).toMatchObject({ state: 'ended', outcome: 'empty' })
    expect(effects.map(say)).toEqual(['log(over: empty)'])
  })

  test('is asked when all who are there are minors', () => {
    const [consent, effects] = step(
      idle,
      { ...ask('each'), people: new Map([[host, { barred: 'minor' }]]) } as never,
      0,
    )
    expect([consent, effects]).toEqual([idle, []])
  })
})

describe('a page that was away', () => {
  test.each(['everyone', 'each'] as const)(
    'must show the mark again when it is back, though another page of the person stayed (%s)',
    (policy) => {
      const back = play(reach(policy).recording, [{ type: 'back', person: alice }, 50])
      expect(back.effects.map(say)).toEqual(['release(alice)', 'show(alice)'])
      expect(permitFor(back.consent, [microphone(alice)])?.tracks).toEqual([])
      expect(play(back.consent, [shown(alice, 1), 51]).effects.map(say)).toEqual(['capture'])
    },
  )
})

describe('L28 a minor by another token', () => {
  test('who had agreed is not recorded any more under each', () => {
    const { consent, effects } = play(reach('each').recording, [
      { type: 'joined', person: alice, barred: 'minor' },
      50,
    ])
    expect(effects.map(say)).toEqual(['release(alice)'])
    expect(permitFor(consent, [microphone(alice)])?.tracks).toEqual([])
    const { effects: none } = play(
      consent,
      [decide(alice, 'given'), 51],
      [{ type: 'joined', person: alice, barred: null }, 52],
    )
    expect(none).toEqual([])
  })

  test('ends it under everyone', () => {
    expect(
      play(reach('everyone').recording, [{ type: 'joined', person: alice, barred: 'minor' }, 50])
        .consent,
    ).toMatchObject({ state: 'ended', outcome: 'notAll' })
  })
})

describe('a pause for a new notice', () => {
  test('is not turned into another one by the host, so that nothing ends or goes on before all have answered', () => {
    const anew = play(reach('each').recording, [
      { type: 'noticeChanged', noticeSha256: otherNotice },
      50,
    ]).consent
    expect(play(anew, [control('pause'), 51]).consent).toBe(anew)
    const some = play(
      anew,
      [decide(alice, 'given', { noticeSha256: otherNotice }), 52],
      [yesLogged(alice, 50, 2), 53],
    )
    expect(some.consent).toMatchObject({ state: 'paused', cause: 'notice' })
    expect(some.effects.map(say)).toEqual(['log(alice given by click)'])
    expect(step(some.consent, decide(alice, 'given', { requestId, noticeSha256 }), 54)[1]).toEqual(
      [],
    )
  })
})

describe('times', () => {
  test('the time to answer counts from when all were asked, not from when the host did', () => {
    const asking = play(idle, [ask('everyone'), 0], [logged, 700]).consent
    expect(play(asking, [decide(alice, 'given'), 1699]).effects.map(say)).toEqual([
      'log(alice given by click)',
    ])
    const tooLate = play(asking, [decide(alice, 'given'), 1700])
    expect(tooLate.effects.map(say)).toEqual([
      'log(host refused by timeout)',
      'log(alice refused by timeout)',
      'log(bob refused by timeout)',
    ])
  })

  test('pauses are left out of the recorded time', () => {
    const going = play(
      reach('everyone').recording,
      [control('pause'), 120],
      [control('resume'), 500],
      [gateLogged(2, 30), 600],
      [control('stop'), 650],
    )
    // From 20 to 120, and from 600 to 650.
    expect(going.consent).toMatchObject({ state: 'ended', recordedMs: 150 })
  })

  test('someone who came late has their own time to answer', () => {
    const paused = play(reach('everyone').recording, [
      { type: 'joined', person: late, barred: null },
      100,
    ]).consent
    expect(play(paused, [{ type: 'tick' }, 1099]).consent).toBe(paused)
    expect(play(paused, [{ type: 'tick' }, 1100])).toMatchObject({
      consent: { state: 'ended', outcome: 'notAll' },
    })
  })
})
