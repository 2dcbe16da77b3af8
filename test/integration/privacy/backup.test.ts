import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkLog, openConsentLog, recordHeader } from '#audit'
import { newId } from '#protocol'
import { dayMs } from '../../../src/privacy/retention.ts'
import { findBytes } from '../../support/find-bytes.ts'
import { logFiles, logOptions } from '../../support/log-files.ts'
import { BackedUp } from './backed-up.ts'

let it: BackedUp
beforeEach(async () => {
  it = await BackedUp.open()
})
afterEach(() => it[Symbol.asyncDispose]())

/** In which of a data folder's databases and recordings any of it stands. */
function foundIn(dir: string, traces: ReturnType<typeof it.at.traces>): string[] {
  const found = findBytes([join(dir, 'log'), join(dir, 'recordings')], traces)
  const plain = found.map((one) => one.slice(dir.length).replace(/-(wal|shm): /, ': '))
  return [...new Set(plain)].toSorted()
}

/** By the verifier that ships. */
const verified = (dir: string) =>
  checkLog({
    ...logFiles(dir),
    keys: { keys: join(dir, 'log/keys.db'), master: join(it.at.dir, 'vault.key') },
    guard: undefined,
    vkey: it.at.log.vkey,
  })

describe('a backup', () => {
  test('made while the log is written is of one moment: restored, it verifies', async () => {
    await it.at.call(['Anna Adler', 'Ben Brandt'])
    let isWriting = true
    let written = 0
    const begun = Promise.withResolvers<void>()
    const writing = (async () => {
      while (isWriting) {
        const session = newId.session()
        const core = {
          ...recordHeader('session-open', session),
          event: { state: 'opened' as const, time: it.at.clock.now },
        }
        await it.at.log.append({ key: `${session}/open`, core })
        written += 1
        begun.resolve()
      }
    })()
    await begun.promise
    const before = written
    const made = await it.backup('--recordings')
    const meanwhile = written - before
    isWriting = false
    await writing
    expect(made).toMatchObject({ exit: 0, err: '' })
    expect(meanwhile, 'the interesting case').toBeGreaterThan(0)

    const { exit, out } = await it.restore()
    expect(exit, 'older than the guard, by what was written since').toBe(1)
    const [, entries] = /: (\d+) entries of localhost:4443\/consent\/test, verified/.exec(out) ?? []
    const report = await verified(it.into)
    expect(report.findings).toEqual([])
    expect(String(report.size)).toBe(entries)
    expect(readdirSync(join(it.into, 'recordings'))).toEqual(it.at.recordings())
  })

  test('is sealed, holds no secret key, leaves no copy behind, and is in the log with who made it', async () => {
    const call = await it.at.call(['Anna Adler'])
    const said = await it.backup('--recordings')
    expect(said.out).toContain('Nothing removes it by itself: do so by ')
    expect(findBytes([it.safe], it.at.traces(call))).toEqual([])
    expect(existsSync(join(it.at.dir, 'snapshot'))).toBe(false)
    expect(await it.at.cores(null)).toMatchObject([
      { type: 'operation', act: 'backup', event: { entity: userInfo().username } },
    ])
    expect((await it.restore()).exit).toBe(0)
    const secrets = ['vault.key', 'key.pem'].map((name) => readFileSync(join(it.at.dir, name)))
    expect(findBytes([it.into], { master: secrets[0]!, signing: secrets[1]! })).toEqual([])
    expect(readdirSync(it.into).toSorted()).toEqual(['log', 'recordings'])
    const files = readdirSync(join(it.into, 'log')).filter((name) => !/-(wal|shm)$/.test(name))
    expect(files.toSorted()).toEqual(['keys.db', 'log.db', 'vault.db', 'vkey'])
  })

  test('restored with its keys is served on, by a log that goes on where it was', async () => {
    const call = await it.at.call(['Anna Adler'])
    await it.backup()
    await it.at.log[Symbol.asyncDispose]()
    expect((await it.restore()).exit).toBe(0)
    const options = logOptions(it.at.dir)
    await using log = await openConsentLog({
      ...options,
      dir: join(it.into, 'log'),
      guardFile: join(it.safe, 'guard'),
      onFailed: () => undefined,
    })
    const kept = await log.ask({ what: 'session', session: call.session })
    expect(kept.length).toBeGreaterThan(8)
    const core = {
      ...recordHeader('session-open', newId.session()),
      event: { state: 'opened' as const, time: Date.now() },
    }
    expect((await log.append({ key: 'more', core })).index).toBe(kept.length + 1)
  })

  test.each([
    [['--to', 'age1nobody'], 'a recipient is no age public key (age1…)'],
    [['--data', '/nonexistent'], 'no server listens at /nonexistent/operator.sock'],
  ])('with %j says what is wrong, and leaves nothing', async (args, message) => {
    const { exit, err } = await it.backup(...args)
    expect(exit).toBe(2)
    expect(err).toContain(message)
    expect(existsSync(it.file)).toBe(false)
  })

  test('overwrites none', async () => {
    await it.backup()
    const { exit, err } = await it.backup()
    expect([exit, err]).toEqual([2, expect.stringContaining('is there already')])
    expect(existsSync(join(it.at.dir, 'snapshot'))).toBe(false)
  })
})

describe('what was erased after the backup', () => {
  test('L23 stays erased: of a person, of a name, of a call, and no byte of it is in any restored file', async () => {
    const [whole, named, swept, kept] = [
      await it.at.call(['Anna Adler', 'Ben Brandt']),
      await it.at.call(['Carla Curie', 'Dora Dietz']),
      await it.at.call(['Emil Ernst'], { recordingDays: 1, evidenceDays: 1 }),
      await it.at.call(['Fritz Falk']),
    ]
    const traces = Object.fromEntries(
      [whole, named, swept, kept].map((call) => [call.people[0]!.name, it.at.traces(call)]),
    )
    await it.backup('--recordings')
    const erase = (refs: string[], reason: 'on-request' | 'name-on-request') =>
      it.at.log.ask({ what: 'erase', target: { refs }, reason })
    await erase([whole.people[0]!.ref], 'on-request')
    await it.at.vault.destroy(whole.requestId, whole.people[0]!.ref)
    await erase([named.people[0]!.ref], 'name-on-request')
    await it.at.vault.erase(swept.requestId)
    await it.at.log.ask({ what: 'erase', target: { session: swept.session }, reason: 'retention' })

    const { out } = await it.restore()
    expect(out).toMatch(/Erased again: \d\d entries or names in them, 2 recordings or parts\. On hold: 0 calls\./)
    for (const [of, hers] of Object.entries(traces)) {
      const [here, live] = [it.into, it.at.dir].map((dir) => foundIn(dir, hers))
      expect(here, `${of}: as where it was erased`).toEqual(live)
    }
    const gone = ['Anna Adler', 'anna.adler', 'Carla Curie', 'carla.curie', 'Emil Ernst', swept.session]
    expect(findBytes([it.into], Object.fromEntries(gone.map((one) => [one, one])))).toEqual([])
    expect(foundIn(it.into, traces['Emil Ernst']!)).toEqual([])
    expect(foundIn(it.into, traces['Carla Curie']!).join()).not.toMatch(/(account|pseudonym) Carla|notice,/)
    expect(foundIn(it.into, traces['Fritz Falk']!).length, 'it was there').toBeGreaterThan(8)
    expect((await verified(it.into)).findings).toEqual([])
  })

  test('comes back only where the operator says that the guard is lost, and is told so', async () => {
    const call = await it.at.call(['Anna Adler'])
    await it.backup()
    await it.at.log.ask({
      what: 'erase',
      target: { refs: [call.people[0]!.ref] },
      reason: 'on-request',
    })
    const { exit, out } = await it.restore({ guard: '' }, '--without-guard')
    expect(exit).toBe(0)
    expect(out).toContain('without the guard’s lists it is all here again')
    expect(findBytes([it.into], { ref: call.people[0]!.ref }).length).toBeGreaterThan(0)
  })
})

describe('a hold', () => {
  test('placed after the backup holds in what is restored; one that was lifted does not', async () => {
    const [held, lifted] = [await it.at.call(['Anna']), await it.at.call(['Ben'])]
    await it.at.log.ask({ what: 'hold', session: lifted.session, isHeld: true })
    await it.backup()
    await it.at.log.ask({ what: 'hold', session: lifted.session, isHeld: false })
    await it.at.log.ask({ what: 'hold', session: held.session, isHeld: true })
    await it.at.log[Symbol.asyncDispose]()
    expect((await it.restore()).out).toContain('On hold: 1 calls')
    await using log = await openConsentLog({
      ...logOptions(it.at.dir),
      dir: join(it.into, 'log'),
      guardFile: join(it.safe, 'guard'),
      onFailed: () => undefined,
    })
    expect(await log.ask({ what: 'hold', session: null })).toEqual([held.session])
    const erase = (session: string) =>
      log.ask({ what: 'erase', target: { session }, reason: 'retention' })
    expect(await erase(held.session)).toEqual({ entries: 0, held: [held.session] })
    expect((await erase(lifted.session)).entries).toBeGreaterThan(8)
  })
})

describe('an older log than the guard has seen', () => {
  test('is restored and told, with what to do, and no server takes it', async () => {
    await it.at.call(['Anna'])
    await it.backup()
    const later = await it.at.call(['Ben'])
    await it.at.log[Symbol.asyncDispose]()
    const { exit, out } = await it.restore()
    expect(exit).toBe(1)
    expect(out).toContain('it is OLDER than the log was')
    expect(out).toContain('--give-up localhost:4443/consent/test')
    expect(findBytes([it.into], { session: later.session })).toEqual([])
    const opening = openConsentLog({
      ...logOptions(it.at.dir),
      dir: join(it.into, 'log'),
      guardFile: join(it.safe, 'guard'),
      onFailed: () => undefined,
    })
    await expect(opening).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' })
  })
})

describe('a restore', () => {
  const wrong = async (change: Record<string, string>, ...flags: string[]): Promise<string> => {
    const { exit, out, err } = await it.restore(change, ...flags)
    expect([exit, out]).toEqual([2, ''])
    return err
  }

  test('into a folder that is not empty is refused, and touches nothing', async () => {
    await it.at.call(['Anna'])
    await it.backup()
    mkdirSync(it.into)
    writeFileSync(join(it.into, 'mine'), 'x')
    expect(await wrong({})).toContain('is not empty; nothing is overwritten')
    expect(readdirSync(it.into)).toEqual(['mine'])
  })

  test('with a wrong key, a damaged backup or a wrong vault key leaves nothing behind', async () => {
    const call = await it.at.call(['Anna'])
    it.at.clock.now += dayMs
    await it.backup()
    const strange = await BackedUp.open()
    expect(await wrong({ identity: join(strange.safe, 'backup.key') })).toContain('sealed to others')
    expect(await wrong({ 'vault-key': join(strange.at.dir, 'vault.key') })).toContain('restore')
    await strange[Symbol.asyncDispose]()
    const bytes = readFileSync(it.file)
    bytes[bytes.length - 3000]! ^= 1
    writeFileSync(it.file, bytes)
    expect(await wrong({})).not.toBe('')
    writeFileSync(it.file, bytes.subarray(0, 5000))
    expect(await wrong({})).not.toBe('')
    expect(existsSync(it.into)).toBe(false)
    expect(call.session).not.toBe('')
  })

  test.each([
    [{ guard: '' }, [], 'name the log’s guard with --guard'],
    [{}, ['--without-guard'], 'or say --without-guard when it is lost'],
    [{ 'vault-key': '' }, [], 'name the vault’s key'],
    [{ into: '' }, [], 'name a new folder with --into'],
    [{ guard: '/nonexistent' }, [], 'there is no file /nonexistent'],
  ])('with %j %j it says what is missing', async (change, flags, message) => {
    await it.at.call(['Anna'])
    await it.backup()
    expect(await wrong(change, ...flags)).toContain(message)
  })
})
