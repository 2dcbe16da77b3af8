import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkLog, openConsentLog, recordHeader } from '#audit'
import { openDurable } from '../../../src/audit/database.ts'
import { logFiles, logOptions } from '../../support/log-files.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-durable-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('a durable database', () => {
  test('reads back every setting that durability and erasure rest on', () => {
    using database = openDurable(join(dir, 'x.db'), [], true)
    const setting = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name]
    expect([setting('journal_mode'), setting('synchronous'), setting('secure_delete')]).toEqual([
      'wal',
      2,
      1,
    ])
  })

  test('that cannot be had is refused: a setting that SQLite does not take', () => {
    expect(() => openDurable(':memory:', [], true)).toThrow(
      expect.objectContaining({
        code: 'LOG_UNAVAILABLE',
        message: 'SQLite did not take journal_mode = WAL',
      }),
    )
  })

  /** The fsyncs of twenty commits, counted by the kernel's side. */
  function fsyncs(...synchronous: string[]): number {
    const trace = join(dir, 'trace')
    const args = [
      '-f',
      '-qq',
      '-e',
      'trace=fsync,fdatasync,write',
      '-o',
      trace,
      process.execPath,
      join(import.meta.dirname, 'committer.ts'),
      join(dir, 'x.db'),
      ...synchronous,
    ]
    const { status, stderr } = spawnSync('strace', args, { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    const [, between = ''] = /<<begin>>([\s\S]*)<<end>>/.exec(readFileSync(trace, 'utf8')) ?? []
    return between.match(/f(data)?sync\(/g)?.length ?? 0
  }

  test('syncs each of twenty commits; with synchronous = NORMAL, the control, it would sync next to none', () => {
    expect(fsyncs()).toBeGreaterThanOrEqual(20)
    expect(fsyncs()).toBeLessThanOrEqual(22)
    expect(fsyncs('NORMAL')).toBeLessThanOrEqual(2)
  })
})

test('a decision costs two fsyncs: one for what opens it, one for the log', () => {
  const fsyncsOf = (decisions: number): number => {
    const trace = join(dir, `trace-${decisions}`)
    const bench = join(import.meta.dirname, '../../../bench/log.ts')
    const { status, stderr } = spawnSync(
      'strace',
      [
        '-f',
        '-qq',
        '-e',
        'trace=fsync,fdatasync',
        '-o',
        trace,
        process.execPath,
        bench,
        'traced',
        dir,
        String(decisions),
      ],
      { encoding: 'utf8' },
    )
    expect(status, stderr).toBe(0)
    return readFileSync(trace, 'utf8').match(/f(data)?sync\(/g)?.length ?? 0
  }
  fsyncsOf(1) // makes the files
  // Opening and closing cost their own, once.
  expect(fsyncsOf(101) - fsyncsOf(1)).toBe(200)
})

/** Runs an appender under strace with a fault in its nth call, until it ends; returns what it was promised. */
async function runWithFault(fault: string): Promise<Map<string, number>> {
  const appender = join(import.meta.dirname, 'appender.ts')
  const args = [
    '-f',
    '-qq',
    '-e',
    'trace=fsync,pwrite64',
    '-e',
    `inject=${fault}`,
    '-o',
    '/dev/null',
    process.execPath,
    appender,
    dir,
    'round',
    '4',
  ]
  const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const ended = once(child, 'exit')
  const promised = new Map<string, number>()
  for await (const line of createInterface({ input: child.stdout })) {
    const [key, index] = line.split(' ')
    if (key !== 'open') promised.set(key!, Number(index))
    // Should the fault never come, both processes of the group end here, and the test fails below.
    if (promised.size === maxPromised) process.kill(-child.pid!, 'SIGKILL')
  }
  await ended
  expect(promised.size, 'the fault came').toBeLessThan(maxPromised)
  return promised
}
const maxPromised = 2000

async function expectKept(promised: Map<string, number>): Promise<void> {
  await using log = await openConsentLog({
    ...logOptions(dir),
    onFailed: (cause) => expect.fail(cause.message),
  })
  for (const [key, index] of promised) {
    const again = await log.append({
      key,
      core: { ...recordHeader('session-open', key), event: { state: 'opened', time: Date.now() } },
    })
    expect(again.index, key).toBe(index)
  }
  const report = await checkLog({ ...logFiles(dir), vkey: log.vkey })
  expect(report.findings).toEqual([])
}

describe('a fault in one system call', () => {
  test.each([
    'fsync:signal=SIGKILL:when=19',
    'fsync:signal=SIGKILL:when=30',
    'fsync:signal=SIGKILL:when=45',
    'pwrite64:signal=SIGKILL:when=60',
    'pwrite64:signal=SIGKILL:when=151',
    'pwrite64:signal=SIGKILL:when=302',
  ])('%s: no promise is broken', async (fault) => {
    await expectKept(await runWithFault(fault))
  })

  // The database would take the next commit as if nothing had happened; the log must not.
  test.each([
    'fsync:error=EIO:when=30',
    'fsync:error=EIO:when=33',
    'pwrite64:error=ENOSPC:when=200',
    'pwrite64:error=EIO:when=203',
  ])('%s: the log fails for good, and no promise is broken', async (fault) => {
    await expectKept(await runWithFault(fault))
  })
})
