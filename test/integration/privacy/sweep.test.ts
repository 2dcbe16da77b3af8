import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordHeader, serverHeader } from '#audit'
import { newId } from '#protocol'
import { readRemoved } from '#recording'
import { dayMs } from '../../../src/privacy/retention.ts'
import type { Sweeper } from '../../../src/privacy/sweeper.ts'
import { findBytes } from '../../support/find-bytes.ts'
import { SweptFolder, words } from './swept.ts'

let at: SweptFolder
let sweeper: Sweeper
beforeEach(async () => {
  at = await SweptFolder.open()
  await restart()
})
afterEach(async () => {
  await sweeper[Symbol.asyncDispose]()
  await at[Symbol.asyncDispose]()
})
/** In the place of the one that is there. It has swept once when this resolves. */
async function restart(...change: Parameters<typeof at.sweeper>): Promise<void> {
  await sweeper?.[Symbol.asyncDispose]()
  sweeper = at.sweeper(...change)
  await sweeper.run(operator, { isDry: true }).catch(() => undefined)
}

const operator = { cause: 'operator', entity: 'root' } as const
const sweep = async (isDry = false): Promise<string[]> =>
  words((await sweeper.run(operator, { isDry })).things)

describe('a recording', () => {
  test('stays to the last millisecond of what its notice promised, then goes with all that sealed it', async () => {
    const call = await at.call(['Anna Adler', 'Ben Brandt'], { recordingDays: 30 })
    const traces = at.traces(call)
    expect(findBytes([at.recordingsDir], traces).length, 'it was there').toBeGreaterThan(8)

    at.clock.now = call.endedMs + 30 * dayMs - 1
    expect(await sweep()).toEqual([])
    expect(at.recordings()).toEqual([call.requestId])
    at.clock.now += 1
    expect(await sweep()).toEqual([`removed recording ${call.requestId}`])
    expect(at.recordings()).toEqual([])
    expect(findBytes([at.recordingsDir], traces)).toEqual([])
    expect(await readRemoved(join(at.dir, 'guard.recordings'))).toEqual([
      { requestId: call.requestId, person: null },
    ])
  })

  test('is written to the log as destroyed, once for each person, and the sweep with its count', async () => {
    const call = await at.call(['Anna', 'Ben'])
    at.clock.now += 31 * dayMs
    await sweep()
    await sweep()
    const destroyed = (await at.cores(call.session)).filter(({ type }) => type === 'destroyed')
    expect(destroyed).toEqual(
      call.people.map(({ ref }) =>
        expect.objectContaining({
          event: { state: 'destroyed', time: at.clock.now, cause: 'retention' },
          subject: { ref },
          recordingId: call.requestId,
          tracks: [{ source: 'microphone' }],
        }),
      ),
    )
    expect(await at.cores(null)).toMatchObject([
      { type: 'sweep', event: operator, removed: [{ kind: 'recording', count: 1 }] },
    ])
    await at.verify()
  })

  test('goes earlier where the table has become shorter than its notice', async () => {
    const call = await at.call(['Anna'], { recordingDays: 30 })
    await restart({ lives: { ...at.lives, recording: 7 } })
    at.clock.now = call.endedMs + 7 * dayMs - 1
    expect(await sweep()).toEqual([])
    at.clock.now += 1
    expect(await sweep()).toEqual([`removed recording ${call.requestId}`])
  })

  test('of which nobody can say what it was lives as long as the table allows', async () => {
    const [empty, broken] = [newId.request(), newId.request()]
    for (const id of [empty, broken]) mkdirSync(join(at.recordingsDir, id), { recursive: true })
    writeFileSync(join(at.recordingsDir, broken, 'journal.jsonl'), '{"type":"else"}\n')
    const changedAt = at.clock.now
    for (const id of [empty, broken])
      utimesSync(join(at.recordingsDir, id), changedAt / 1000, changedAt / 1000)
    at.clock.now = changedAt + 365 * dayMs - 1000
    expect(await sweep()).toEqual([])
    at.clock.now += 1000
    expect((await sweep()).toSorted()).toEqual(
      [empty, broken].map((id) => `removed recording ${id}`).toSorted(),
    )
  })

  test('whose removal could not be logged is opened by nobody, and the next sweep does the rest', async () => {
    const call = await at.call(['Anna'])
    let isBroken = true
    const append: typeof at.log.append = (entry) =>
      isBroken && entry.core.type === 'destroyed'
        ? Promise.reject(new Error('no'))
        : at.log.append(entry)
    await restart({ log: { ask: (question) => at.log.ask(question), append } })
    at.clock.now += 31 * dayMs
    expect(await sweep()).toEqual([`failed recording ${call.requestId}`])
    expect(readdirSync(call.folder)).toEqual(['manifest.json'])
    isBroken = false
    expect(await sweep()).toEqual([`removed recording ${call.requestId}`])
    expect(existsSync(call.folder)).toBe(false)
    const cores = await at.cores(call.session)
    expect(cores.filter(({ type }) => type === 'destroyed')).toHaveLength(1)
  })

  test('of someone the log has forgotten does not bring them back into it', async () => {
    const call = await at.call(['Anna', 'Ben'])
    const [anna, ben] = call.people
    await at.log.ask({ what: 'erase', target: { refs: [anna!.ref] }, reason: 'on-request' })
    at.clock.now += 31 * dayMs
    expect(await sweep()).toEqual([`removed recording ${call.requestId}`])
    const destroyed = (await at.cores(call.session)).filter((core) => core.type === 'destroyed')
    expect(destroyed.map(({ subject }) => subject.ref)).toEqual([ben!.ref])
    expect(await at.log.ask({ what: 'entries', refs: [anna!.ref] })).toEqual([])
    await at.verify()
  })
})

describe('evidence', () => {
  test('L21 goes when its time is over: no byte of anybody is left, and the log still verifies', async () => {
    const call = await at.call(['Anna Adler', 'Ben Brandt'], { recordingDays: 30, evidenceDays: 90 })
    const other = await at.call(['Carla Curie'], { recordingDays: 30, evidenceDays: 365 })
    const traces = at.traces(call)
    const before = findBytes([at.dir], traces)
    for (const what of ['session', 'ref Anna Adler', 'key ', 'opening 3 core', 'notice, sealed', 'pseudonym', 'file 000000'])
      expect(before.some((found) => found.includes(`: ${what}`)), what).toBe(true)
    const { checked, size } = await at.verify()
    expect(checked.entries?.erasedEntries).toBe(0)

    at.clock.now = call.endedMs + 10 + 90 * dayMs - 1
    expect((await sweep()).filter((one) => one.includes('evidence'))).toEqual([])
    at.clock.now += 1
    expect(await sweep()).toEqual([`removed evidence ${call.session}`])
    // Names in the log of removals are those of recordings, which name nobody.
    expect(findBytes([join(at.dir, 'log'), at.recordingsDir], traces)).toEqual([])
    expect(findBytes([at.dir], traces).filter((one) => !one.endsWith('guard.recordings: requestId'))).toEqual([])
    const after = await at.verify()
    expect(after.checked.entries?.erasedEntries).toBe(13)
    // Each entry's end is said in the tree; two sweeps were written, two people told of their destroyed parts, and Carla.
    expect(after.size).toBe(size + 2 + 2 + 1 + 13)
    expect((await at.cores(other.session)).length).toBeGreaterThan(8)
  })

  test('never goes before the recording that it proves', async () => {
    const call = await at.call(['Anna'], { recordingDays: 60, evidenceDays: 30 })
    at.clock.now = call.endedMs + 59 * dayMs
    expect(await sweep()).toEqual([])
    at.clock.now += dayMs
    const both = (how: string) => [`${how} recording ${call.requestId}`, `${how} evidence ${call.session}`]
    expect(await sweep(true)).toEqual(both('due'))
    expect(await sweep()).toEqual(both('removed'))
  })

  test('of a call that goes on stays, whatever its terms', async () => {
    const call = await at.call(['Anna'], { recordingDays: 1, evidenceDays: 1 })
    at.live.add(call.session)
    at.clock.now += 40 * dayMs
    expect(await sweep()).toEqual([`removed recording ${call.requestId}`])
    at.live.delete(call.session)
    expect(await sweep()).toEqual([`removed evidence ${call.session}`])
    await at.verify()
  })

  test('of a call that a crash left open counts from the last that is known of it', async () => {
    const session = newId.session()
    await at.log.append({
      key: 'open',
      core: { ...recordHeader('session-open', session), event: { state: 'opened', time: at.clock.now } },
    })
    const begun = at.clock.now
    at.clock.now = begun + 1095 * dayMs - 1
    await at.log.append({
      key: 'held',
      core: {
        ...recordHeader('hold', session),
        event: { state: 'placed', time: at.clock.now, entity: 'root' },
      },
    })
    expect(await sweep()).toEqual([])
    at.clock.now += 1
    expect(await sweep()).toEqual([`removed evidence ${session}`])
  })

  test('of the server itself goes too, the oldest part of it', async () => {
    const operation = (key: string) =>
      at.log.append({
        key,
        core: {
          ...serverHeader('operation'),
          event: { state: 'done', time: at.clock.now, entity: 'alice' },
          act: 'backup',
        },
      })
    await operation('old')
    at.clock.now += 1
    await operation('young')
    at.clock.now += 1095 * dayMs - 1
    expect(await sweep()).toEqual(['removed evidence server'])
    expect((await at.cores(null)).map(({ type }) => type)).toEqual(['operation', 'sweep'])
    await at.verify()
  })
})

describe('a hold', () => {
  test('keeps the recording and its evidence, is told each time, and ends with its lifting', async () => {
    const call = await at.call(['Anna'], { recordingDays: 1, evidenceDays: 1 })
    await at.log.ask({ what: 'hold', session: call.session, isHeld: true })
    at.clock.now += 40 * dayMs
    const held = [`held recording ${call.requestId}`, `held evidence ${call.session}`]
    expect(await sweep()).toEqual(held)
    expect(await sweep(true)).toEqual(held)
    expect(at.told).toContain('ended, 2 held')
    expect(at.recordings()).toEqual([call.requestId])
    await at.log.ask({ what: 'hold', session: call.session, isHeld: false })
    expect(await sweep()).toEqual([
      `removed recording ${call.requestId}`,
      `removed evidence ${call.session}`,
    ])
  })
})

describe('a sweep', () => {
  test('L24 happens at the start and once a day, without anybody', async () => {
    const call = await at.call(['Anna'], { recordingDays: 2, evidenceDays: 4 })
    await at.pass(0, sweeper)
    expect(at.timers).toBe(1)
    await at.pass(dayMs, sweeper)
    expect(at.recordings()).toEqual([call.requestId])
    await at.pass(dayMs, sweeper)
    expect(at.recordings()).toEqual([])
    await at.pass(dayMs, sweeper)
    expect((await at.cores(call.session)).length).toBeGreaterThan(0)
    await at.pass(dayMs, sweeper)
    expect(await at.cores(call.session)).toEqual([])
    expect(at.told.filter((one) => one.startsWith('ended'))).toHaveLength(5)
    await sweeper[Symbol.asyncDispose]()
    expect(at.timers).toBe(0)
    expect((await at.cores(null)).map((core) => core.type === 'sweep' && core.event.cause)).toEqual([
      'daily',
      'daily',
    ])
  })

  test('that only looks removes nothing, writes nothing and tells what would go', async () => {
    const call = await at.call(['Anna'], { recordingDays: 30, evidenceDays: 30 })
    at.clock.now += 31 * dayMs
    const { size } = await at.verify()
    const { things, said } = await sweeper.run(operator, { isDry: true })
    expect(words(things)).toEqual([`due recording ${call.requestId}`, `due evidence ${call.session}`])
    expect(things[0]).toMatchObject({
      endedMs: call.endedMs,
      endsMs: call.endedMs + 30 * dayMs,
      isHeld: false,
    })
    expect(said).toBe(0)
    expect((await at.verify()).size).toBe(size)
    expect(at.recordings()).toEqual([call.requestId])
  })

  test('that removes nothing leaves no entry', async () => {
    await at.call(['Anna'])
    await sweep()
    expect(await at.cores(null)).toEqual([])
  })

  test('goes on past what cannot be removed, keeps its evidence, and tries again each time', async () => {
    const [stuck, other] = [
      await at.call(['Anna'], { recordingDays: 1, evidenceDays: 1 }),
      await at.call(['Ben'], { recordingDays: 1, evidenceDays: 1 }),
    ]
    let isBroken = true
    const erase: typeof at.vault.erase = (id, said) =>
      isBroken && id === stuck.requestId
        ? Promise.reject(new Error('EIO'))
        : at.vault.erase(id, said)
    await restart({ vault: { list: () => at.vault.list(), erase } })
    at.clock.now += 10 * dayMs
    await sweep()
    expect(at.recordings()).toEqual([stuck.requestId])
    expect(await at.cores(other.session)).toEqual([])
    const failing = [`failed recording ${stuck.requestId}`, `failed evidence ${stuck.session}`]
    expect(await sweep()).toEqual(failing)
    const { things } = await sweeper.run(operator, { isDry: false })
    expect(words(things)).toEqual(failing)
    expect(things.map(({ problem }) => problem)).toEqual([
      'see the server’s log',
      'a recording of this call could not be removed',
    ])
    expect(at.told).toContain(`cannot remove recording ${stuck.requestId}`)
    expect(at.told).toContain('failed recording')
    isBroken = false
    expect(await sweep()).toEqual([
      `removed recording ${stuck.requestId}`,
      `removed evidence ${stuck.session}`,
    ])
  })

  test('goes on past a shelf that cannot be looked into', async () => {
    const call = await at.call(['Anna'])
    const broken = {
      kind: 'backup',
      due: () => Promise.reject(new Error('no such folder')),
      remove: () => Promise.resolve(),
    } as const
    const due = { kind: 'backup', id: 'b', endedMs: 1, endsMs: 2, isHeld: false } as const
    await restart({}, [broken, { ...broken, due: () => Promise.resolve([due]) }])
    at.clock.now += 31 * dayMs
    const { things, unread } = await sweeper.run(operator, { isDry: false })
    expect(words(things)).toEqual([`removed recording ${call.requestId}`, 'removed backup b'])
    expect(unread).toEqual(['backup'])
    expect(at.told).toContain('cannot remove backup')
  })

  test('removes nothing while the log cannot be asked what is on hold, and says so', async () => {
    const call = await at.call(['Anna'])
    at.clock.now += 31 * dayMs
    await at.log[Symbol.asyncDispose]()
    at.told.length = 0
    await restart()
    await expect(sweeper.run(operator, { isDry: false })).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    })
    expect(at.recordings()).toEqual([call.requestId])
    expect(at.told.slice(0, 2)).toEqual(['failed sweep', 'cannot remove sweep'])
  })

  test('says in the tree what was erased since the last one', async () => {
    const call = await at.call(['Anna', 'Ben'])
    const [anna] = call.people
    await at.log.ask({ what: 'erase', target: { refs: [anna!.ref] }, reason: 'on-request' })
    const { size } = await at.verify()
    const { said } = await sweeper.run(operator, { isDry: false })
    expect(said).toBe(2)
    expect((await at.verify()).size).toBe(size + 2)
    expect(at.told.slice(-3)).toEqual(['2 pending', '0 pending', 'ended, 0 held'])
  })
})
