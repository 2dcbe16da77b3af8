import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AboutMe, CallError, newId } from '#protocol'
import { findBytes } from '../../support/find-bytes.ts'
import { account, dayMs, issuer, Office, refOf } from './office.ts'

let office: Office
beforeEach(async () => {
  office = await Office.open()
})
afterEach(() => office[Symbol.asyncDispose]())

const ann = account('Ann')
const ben = account('Ben')
const see = (who = ann) => office.rights.acts.see(who, {})
const letter = { issuer, account: 'ann@example.org' }
const lives = { recording: 365, evidence: 365, 'rights-request': 1095, backup: 30 }
const doneAt = { state: 'done', closedAt: expect.any(Number) }

describe('a person sees', () => {
  test('their calls, what they were asked and decided, and their own part of each recording', async () => {
    const both = await office.call(['Ben', 'Ann'])
    const own = await office.call(['Ann'])
    const about = AboutMe.parse(await see())
    expect(about.calls.map(({ session, person }) => [session, person])).toEqual([
      [both.session, refOf(both, 'Ann')],
      [own.session, refOf(own, 'Ann')],
    ])
    expect(about.calls[0]!.entries.map(({ type, state }) => [type, state])).toEqual([
      ['request', 'requested'],
      ['decision', 'given'],
    ])
    expect(about.calls[0]!.asked).toMatchObject([{ requestId: both.requestId, recordingDays: 30 }])
    expect(about.recordings.map(({ recordingId, tracks }) => [recordingId, tracks.length])).toEqual([
      [both.requestId, 1],
      [own.requestId, 1],
    ])
    expect(about.recordings[0]!.until).toBe(both.endedMs + 30 * dayMs)
    expect(about.names.kept).toEqual(['Ann'])
    expect(about.kept.map(({ kind, count }) => `${count} ${kind}`)).toEqual([
      '2 recording',
      '2 decision',
      '1 name',
    ])
  })

  test('nothing that says who the others are', async () => {
    await office.call(['Ann', 'Ben'])
    const told = JSON.stringify(await see())
    expect(told).toContain('ann@example.org')
    expect(told).not.toContain('Ben')
    expect(told).not.toContain('ben@example.org')
  })

  test.each([
    ['somebody else', account('Zoe'), []],
    ['the same subject of another issuer', account('Ann', 'https://other.example'), 'NOT_FOUND'],
  ])('and %s sees nothing of them', async (_, who, expected) => {
    await office.call(['Ann', 'Ben'])
    if (expected === 'NOT_FOUND')
      await expect(see(who)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    else {
      const about = await see(who)
      expect([about.calls, about.recordings, about.requests, about.kept]).toEqual([[], [], [], []])
    }
  })
})

describe('a correction', () => {
  test('is the name of their next call, is in the log without it, and outlives a restart', async () => {
    const { request } = await office.rights.acts.correct(ann, { name: 'Anne-Marie' })
    expect(request).toMatchObject({ right: 'correct', ...doneAt })
    await office.restart()
    expect(office.rights.wishesOf(ann)).toEqual({ neverRecorded: false, name: 'Anne-Marie' })
    expect(office.rights.wishesOf(ben).name).toBe(null)
    expect(await office.demandsInLog()).toEqual(['correct received by page', 'correct done by page'])
    expect(findBytes([office.dir], { name: 'Anne-Marie', account: 'ann@example.org' })).toEqual([])
    await office.verify()
  })
})

describe('a restriction', () => {
  test('holds at once in the calls under way and in all to come, until it is lifted', async () => {
    await office.rights.acts.restrict(ann, { on: true })
    expect(office.told).toEqual(['withhold ann@example.org'])
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(true)
    expect(office.rights.wishesOf(ben).neverRecorded).toBe(false)
    expect((await see()).neverRecorded).toMatchObject({ by: 'restriction' })
    await office.restart()
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(true)
    const { request } = await office.rights.acts.restrict(ann, { on: false })
    expect(request?.state).toBe('withdrawn')
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(false)
    expect(await office.rights.acts.restrict(ann, { on: false })).toEqual({ request: null })
  })

  test('stops what runs even while the log cannot be written, and is told to it afterwards', async () => {
    office.append = () => Promise.reject(new CallError('LOG_UNAVAILABLE', 'full'))
    await expect(office.rights.acts.restrict(ann, { on: true })).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    })
    expect(office.told).toEqual(['withhold ann@example.org'])
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(true)
    office.append = (entry) => office.log.append(entry)
    await office.restart()
    expect(await office.demandsInLog()).toEqual(['restrict received by page', 'restrict done by page'])
    await office.verify()
  })
})

describe('an objection', () => {
  const objected = () => office.rights.acts.object(ann, { words: 'not in trainings' })

  test('restricts until it is answered; refused, it does no longer, and the reason is told', async () => {
    const { request } = await objected()
    expect(office.told).toEqual(['withhold ann@example.org'])
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(true)
    await office.rights.commands['rights.refuse']({ id: request.id, reason: 'must be kept' }, 'otto')
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(false)
    expect((await see()).requests).toMatchObject([
      { state: 'refused', words: 'not in trainings', reason: 'must be kept' },
    ])
    expect(await office.demandsInLog()).toEqual(['object received by page', 'object refused by letter'])
  })

  test('upheld, it restricts for good', async () => {
    const { request } = await objected()
    await office.rights.commands['rights.done']({ id: request.id, reason: 'agreed' }, 'otto')
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(true)
    expect((await see()).neverRecorded).toMatchObject({ by: 'objection' })
  })

  test('can be taken back by whose it is, and by nobody else', async () => {
    const { request } = await objected()
    await expect(office.rights.acts.withdraw(ben, { id: request.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await office.rights.acts.withdraw(ann, { id: request.id })
    expect(office.rights.wishesOf(ann).neverRecorded).toBe(false)
  })
})

describe('a demand by letter', () => {
  const register = (receivedAt: number, right: 'access' | 'erase' = 'access') =>
    office.rights.commands['rights.register']({ ...letter, right, words: '', receivedAt }, 'otto')
  const open = async () => (await office.rights.commands['rights.list']({}, 'otto')).open

  test('is due a month after it came, and counted when that has passed', async () => {
    office.clock.now = Date.parse('2026-03-05T12:00:00Z')
    const late = await register(Date.parse('2026-01-31T09:00:00Z'))
    const fresh = await register(Date.parse('2026-03-01T09:00:00Z'), 'erase')
    expect(await open()).toMatchObject([
      { id: late.request.id, dueAt: Date.parse('2026-02-28T09:00:00Z'), isOverdue: true },
      { id: fresh.request.id, dueAt: Date.parse('2026-04-01T09:00:00Z'), isOverdue: false },
    ])
    await office.restart()
    expect(office.observed.at(-1)).toEqual({ open: 2, overdue: 1 })
  })

  test('gets two months more, once, with a reason, and only while the first month runs', async () => {
    office.clock.now = Date.parse('2026-03-05T12:00:00Z')
    const late = (await register(Date.parse('2026-01-31T09:00:00Z'))).request
    const fresh = (await register(Date.parse('2026-03-01T09:00:00Z'), 'erase')).request
    const extend = (id: typeof late.id) =>
      office.rights.commands['rights.extend']({ id, reason: 'a great many calls' }, 'otto')
    await expect(extend(late.id)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    const { request } = await extend(fresh.id)
    expect(request).toMatchObject({ dueAt: Date.parse('2026-06-01T09:00:00Z'), isExtended: true })
    await expect(extend(fresh.id)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect((await see()).requests.find(({ id }) => id === fresh.id)?.reason).toBe('a great many calls')
    expect(await office.demandsInLog()).toEqual([
      'access received by letter',
      'erase received by letter',
      'erase extended by letter',
    ])
  })

  test('from the future is refused', async () => {
    await expect(register(office.clock.now + dayMs)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await open()).toEqual([])
  })

  test('names the operator in the log, and who looked at somebody’s data', async () => {
    const { request } = await register(office.clock.now)
    const shown = await office.rights.commands['rights.show']({ id: request.id }, 'otto')
    expect(shown.about?.account.subject).toBe('ann@example.org')
    const said = (await office.cores(null)).map(({ type, event }) => [
      type,
      'entity' in event ? event.entity : null,
    ])
    expect(said).toEqual([
      ['rights', 'otto'],
      ['operation', 'otto'],
    ])
  })

  test('is forgotten when its time is over, counted from when it was closed', async () => {
    const { request } = await register(office.clock.now)
    const shelf = office.rights.shelf(lives)
    expect(await shelf.due(office.clock.now + 5000 * dayMs)).toEqual([])
    await office.rights.commands['rights.done']({ id: request.id, reason: 'sent' }, 'otto')
    const end = office.clock.now + 365 * dayMs
    expect(await shelf.due(end - 1)).toEqual([])
    expect(await shelf.due(end)).toMatchObject([{ id: request.id, endsMs: end, isHeld: false }])
    await shelf.remove(request.id)
    expect((await see()).requests).toEqual([])
    const left = findBytes([office.dir], { id: request.id })
    expect(left.filter((path) => path.includes('/rights'))).toEqual([])
  })

  test('to restrict outlives that: it is still in force', async () => {
    await office.rights.acts.restrict(ann, { on: true })
    expect(await office.rights.shelf(lives).due(office.clock.now + 5000 * dayMs)).toEqual([])
    await office.rights.acts.restrict(ann, { on: false })
    expect(await office.rights.shelf(lives).due(office.clock.now + 5000 * dayMs)).toHaveLength(1)
  })
})

describe('destroying one’s own part', () => {
  test('takes it and nobody else’s, once, and says so in the log', async () => {
    const call = await office.call(['Ann', 'Ben'])
    const destroy = (who = ann) => office.rights.acts.destroy(who, { recordingId: call.requestId })
    expect(await destroy()).toEqual({ tracks: 1 })
    expect(await destroy()).toEqual({ tracks: 0 })
    const said = (await office.cores(call.session)).filter(({ type }) => type === 'destroyed')
    expect(said).toMatchObject([{ subject: { ref: refOf(call, 'Ann') } }])
    expect((await see()).recordings[0]?.tracks[0]?.destroyedAt).not.toBe(null)
    expect((await see(ben)).recordings[0]?.tracks[0]?.destroyedAt).toBe(null)
    await office.verify()
  })

  test('is refused while the call is on hold, and for recordings that one is not in', async () => {
    const call = await office.call(['Ann'])
    await office.hold(call.session, true)
    const destroy = (who = ann) => office.rights.acts.destroy(who, { recordingId: call.requestId })
    await expect(destroy()).rejects.toMatchObject({ code: 'ON_HOLD' })
    await expect(destroy(ben)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(
      office.rights.acts.destroy(ann, { recordingId: newId.request() }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await see()).recordings[0]?.tracks[0]?.destroyedAt).toBe(null)
  })
})
