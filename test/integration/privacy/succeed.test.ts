import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkLog, nextName, openConsentLog, type ConsentLog } from '#audit'
import { toBase64 } from '#audit/verify'
import { givenUpShelf } from '#privacy'
import { OperatorName } from '#protocol'
import { shardLeaf } from '../../../src/audit/leaf.ts'
import { dayMs } from '../../../src/privacy/retention.ts'
import { succeedCommand } from '../../../src/cli/succeed.ts'
import { logOptions } from '../../support/log-files.ts'
import type { RecordedCall } from '../../support/recorded-call.ts'
import { BackedUp, run, type Said } from './backed-up.ts'
import { holdSession } from '../../../src/privacy/holds.ts'

const [old, next] = ['localhost:4443/consent/test', 'localhost:4443/consent/test-b']
let it: BackedUp
let call: RecordedCall
beforeEach(async () => {
  it = await BackedUp.open()
  call = await it.at.call(['Anna'])
  await it.backup()
})
afterEach(() => it[Symbol.asyncDispose]())

/** A call more than the backup knows, then the machine is lost. */
async function loseTheNewest(): Promise<void> {
  await it.at.call(['Ben'])
  await it.at.log.ask({ what: 'hold', session: call.session, isHeld: true })
  await it.at.log[Symbol.asyncDispose]()
  expect((await it.restore()).exit).toBe(1)
  cpSync(join(it.at.dir, 'key.pem'), join(it.into, 'log.key'))
}

function succeed(giveUp: string): Promise<Said> {
  const config = join(it.safe, 'assent.json')
  const guardFile = join(it.safe, 'guard')
  const vaultKeyFile = join(it.at.dir, 'vault.key')
  writeFileSync(config, JSON.stringify({ dataDir: it.into, guardFile, vaultKeyFile }))
  return run(succeedCommand, ['--config', config, '--give-up', giveUp])
}

const started = (origin: string): Promise<ConsentLog> =>
  openConsentLog({
    ...logOptions(it.at.dir),
    dir: join(it.into, 'log'),
    guardFile: join(it.safe, 'guard'),
    keyFile: join(it.into, 'log.key'),
    origin,
    onFailed: () => undefined,
  })

test('an older log is refused until it is given up by its name; the new one’s first leaf says what it follows', async () => {
  await loseTheNewest()
  await expect(started(old)).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' })
  expect(await succeed('localhost:4443/consent/other')).toMatchObject({
    exit: 2,
    err: expect.stringContaining(`is called ${old}`),
  })
  expect(existsSync(join(it.into, 'logs'))).toBe(false)
  await expect(started(old)).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' })

  const given = await succeed(old)
  expect(given).toMatchObject({ exit: 0, err: '' })
  expect(given.out).toContain(`The next start begins ${next}`)
  const keyOf = (log: string): string => readFileSync(join(it.into, log, 'vkey'), 'utf8').trim()
  const kept = join(it.into, 'logs/test')
  {
    await using log = await started(next)
    expect(await log.ask({ what: 'hold', session: null })).toEqual([call.session])
  }
  // Once more: it is written once.
  await (await started(next))[Symbol.asyncDispose]()
  using tree = new DatabaseSync(join(it.into, 'log/log.db'), { readOnly: true })
  using before = new DatabaseSync(join(kept, 'log.db'), { readOnly: true })
  const { size, root } = before.prepare('SELECT size, root FROM head').get()!
  expect(tree.prepare('SELECT leaf FROM entry').all()).toEqual([
    { leaf: new Uint8Array(shardLeaf(old, Number(size), root as Uint8Array)) },
  ])
  expect(keyOf('log').split('+')[2]).not.toBe(keyOf('logs/test').split('+')[2])
  for (const [folder, guard] of [
    ['log', 'guard'],
    ['logs/test', undefined],
  ] as const) {
    const dir = join(it.into, folder)
    const report = await checkLog({
      log: join(dir, 'log.db'),
      vault: join(dir, 'vault.db'),
      keys: { keys: join(dir, 'keys.db'), master: join(it.at.dir, 'vault.key') },
      guard: guard && join(it.safe, guard),
      vkey: keyOf(folder),
    })
    expect(report.findings, folder).toEqual([])
    const place = { origin: old, size: Number(size), root: toBase64(root as Uint8Array) }
    expect(report.succeeds).toEqual(folder === 'log' ? place : null)
  }
})

test('a log as new as its guard is not given up', async () => {
  await it.at.log[Symbol.asyncDispose]()
  expect((await it.restore()).exit).toBe(0)
  const { exit, err } = await succeed(old)
  expect([exit, err]).toEqual([2, expect.stringContaining('there is nothing to give up')])
  expect(existsSync(join(it.into, 'log/log.db'))).toBe(true)
})

test('what a given-up log tells goes when its time is over, unless a call in it is on hold', async () => {
  await loseTheNewest()
  await succeed(old)
  await using log = await started(next)
  const shelf = givenUpShelf({ dir: join(it.into, 'logs'), lives: it.at.lives, log })
  const lastMs = (await shelf.due(Number.MAX_SAFE_INTEGER))[0]!.endedMs
  const end = lastMs + it.at.lives.evidence * dayMs
  expect(await shelf.due(end - 1)).toEqual([])
  expect(await shelf.due(end)).toMatchObject([{ id: 'test', isHeld: true }])
  const by = OperatorName.parse('root')
  await holdSession({ log, now: Date.now }, call.session, { isHeld: false, by })
  expect(await shelf.due(end)).toMatchObject([{ id: 'test', isHeld: false }])
  await shelf.remove('test')
  expect(existsSync(join(it.into, 'logs/test'))).toBe(false)
  expect(await shelf.due(end)).toEqual([])
})

test.each([
  ['h/consent/2026-a', 'h/consent/2026-b'],
  ['h/consent/2026-z', 'h/consent/2026-z-b'],
  ['h/consent/test', 'h/consent/test-b'],
])('after %s comes %s', (before, after) => {
  expect(nextName(before)).toBe(after)
})
