import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  checkLog,
  nameOfLog,
  openConsentLog,
  recordHeader,
  type ConsentLog,
  type Entry,
  type LogOptions,
} from '#audit'
import { openCheckpoint } from '../../../src/audit/checkpoint.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import { parseVerifierKey } from '../../../src/audit/verifier-key.ts'
import { logFiles, logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'

let dir: string
const statements = newStatementKey()
let failures: Error[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-log-'))
  failures = []
})
afterEach(() => rmSync(dir, { recursive: true }))

const open = (change: Partial<LogOptions> = {}): Promise<ConsentLog> =>
  openConsentLog({
    ...logOptions(dir, statements),
    now: () => 1000,
    onFailed: (cause) => failures.push(cause),
    ...change,
  })
const entry = (key: string): Entry => ({
  key,
  core: { ...recordHeader('session-open', key), event: { state: 'opened', time: 1000 } },
})
/** Runs SQL beside the running log, as a full disk or a mistake would disturb it. */
const disturb = (file: 'log.db' | 'vault.db', sql: string): void => {
  // The log may be in the middle of a commit.
  using database = new DatabaseSync(join(dir, 'log', file), { timeout: 10_000 })
  database.exec(sql)
}

describe('an append', () => {
  test('resolves with its index and a checkpoint that the verifier key opens', async () => {
    await using log = await open()
    const verifier = await parseVerifierKey(sha256, log.vkey)
    const all = await Promise.all(['a', 'b', 'c'].map((key) => log.append(entry(key))))
    expect(all.map(({ index }) => index)).toEqual([0, 1, 2])
    for (const { index, checkpoint } of all) {
      const { origin, size } = await openCheckpoint(checkpoint, verifier)
      expect(origin).toBe(log.origin)
      expect(size).toBeGreaterThan(index)
    }
  })

  test('many at once share a commit', async () => {
    const commits: number[] = []
    await using log = await open({
      observe: ({ leaves, commitMs }) => {
        expect(commitMs).toBeGreaterThan(0)
        commits.push(leaves)
      },
    })
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append(entry(`k${i}`))))
    expect(commits.reduce((sum, leaves) => sum + leaves)).toBe(500)
    expect(commits.length).toBeLessThan(50)
  })

  test('of a key that is known gives its index again, also after a restart', async () => {
    {
      await using log = await open()
      await log.append(entry('a'))
      expect((await log.append(entry('b'))).index).toBe(1)
    }
    await using log = await open()
    expect((await log.append(entry('b'))).index).toBe(1)
    expect((await log.append(entry('c'))).index).toBe(2)
  })

  test('that is malformed, or whose key names another act, rejects alone', async () => {
    await using log = await open()
    const bad = { ...entry('a'), core: { ...entry('a').core, recordId: 'short' } }
    const results = await Promise.allSettled([
      log.append(bad),
      log.append(entry('b')),
      log.append({
        key: 'b',
        core: {
          ...recordHeader('session-close', 'b'),
          event: { state: 'closed', time: 1000, cause: 'empty' },
        },
      }),
      log.append(entry('d')),
    ])
    expect(
      results.map((one) => (one.status === 'rejected' ? one.reason.code : one.value.index)),
    ).toEqual(['BAD_REQUEST', 0, 'BAD_REQUEST', 1])
    expect(log.state).toBe('open')
  })

  test('that was sent before the log was closed is written, and one after is refused', async () => {
    const log = await open()
    const sent = log.append(entry('a'))
    const closed = log[Symbol.asyncDispose]()
    await expect(sent).resolves.toMatchObject({ index: 0 })
    await closed
    expect(log.state).toBe('closed')
    await expect(log.append(entry('b'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    await log[Symbol.asyncDispose]()
    expect(failures).toEqual([])
  })
})

describe('a log that cannot be written', () => {
  test.each(['log.db', 'vault.db'] as const)(
    '%s: every waiting and later append rejects, once and for good',
    async (file) => {
      const log = await open()
      await log.append(entry('before'))
      const table = file === 'log.db' ? 'entry' : 'opening'
      disturb(
        file,
        `CREATE TRIGGER broken BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
      )
      const waiting = await Promise.allSettled([log.append(entry('a')), log.append(entry('b'))])
      expect(waiting.map((one) => one.status === 'rejected' && one.reason.code)).toEqual([
        'LOG_UNAVAILABLE',
        'LOG_UNAVAILABLE',
      ])
      expect(log.state).toBe('failed')
      expect(failures.map(({ message }) => message)).toEqual([
        expect.stringContaining('disk is full'),
      ])

      disturb(file, 'DROP TRIGGER broken')
      await expect(log.append(entry('c'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
      await log[Symbol.asyncDispose]()
      expect(failures).toHaveLength(1)

      await using again = await open()
      expect((await again.append(entry('a'))).index).toBe(1)
      expect((await checkLog({ ...logFiles(dir), vkey: again.vkey })).findings).toEqual([])
    },
  )

  test('because another server took it over', async () => {
    const first = await open()
    await first.append(entry('a'))
    await using second = await open()
    await second.append(entry('b'))
    await expect(first.append(entry('c'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    expect(first.state).toBe('failed')
    await first[Symbol.asyncDispose]()
    expect((await second.append(entry('c'))).index).toBe(2)
    expect((await checkLog({ ...logFiles(dir), vkey: second.vkey })).findings).toEqual([])
  })
})

describe('the files', () => {
  test('the directory and the key are for their owner alone', async () => {
    await using log = await open()
    expect(statSync(join(dir, 'log')).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, 'key.pem')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dir, 'log/vkey'), 'utf8')).toBe(`${log.vkey}\n`)
  })
})

test('a new log may be given its name: a file vkey that begins with it, and the log completes it with its key', async () => {
  const name = 'localhost:4443/consent/2026-b'
  expect(nameOfLog(join(dir, 'log'))).toBeUndefined()
  mkdirSync(join(dir, 'log'), { mode: 0o700 })
  writeFileSync(join(dir, 'log/vkey'), `${name}+`)
  expect(nameOfLog(join(dir, 'log'))).toBe(name)
  await using log = await open({ origin: name })
  expect(readFileSync(join(dir, 'log/vkey'), 'utf8')).toBe(`${log.vkey}\n`)
  expect(nameOfLog(join(dir, 'log'))).toBe(name)
  expect((await checkLog({ ...logFiles(dir), vkey: log.vkey })).findings).toEqual([])
})

describe('the key', () => {
  test('is made on the very first start only, and only if allowed', async () => {
    await expect(open({ createKey: false })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(existsSync(join(dir, 'key.pem'))).toBe(false)
    const { vkey } = await closed(await open())
    rmSync(join(dir, 'key.pem'))
    await expect(open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('is missing; restore it'),
    })
    expect(existsSync(join(dir, 'key.pem'))).toBe(false)
    expect(vkey).toMatch(/^localhost:4443\/consent\/test\+[0-9a-f]{8}\+/)
  })

  test('that is another than the one that signed is refused', async () => {
    const log = await open()
    await log.append(entry('a'))
    await closed(log)
    writeFileSync(
      join(dir, 'key.pem'),
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    )
    await expect(open()).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  })

  test('that others can read is refused', async () => {
    await closed(await open())
    chmodSync(join(dir, 'key.pem'), 0o640)
    await expect(open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('chmod 600'),
    })
  })

  test('may be a raw seed, and is then the same key', async () => {
    const { vkey } = await closed(await open())
    const jwk = createPrivateKey(readFileSync(join(dir, 'key.pem'))).export({ format: 'jwk' })
    writeFileSync(join(dir, 'key.pem'), Buffer.from(jwk.d!, 'base64url'))
    expect((await closed(await open())).vkey).toBe(vkey)
  })

  test.each([
    [
      'another kind',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
    ],
    ['nothing', () => ''],
    ['33 bytes', () => Buffer.alloc(33)],
  ])('of %s is refused', async (_, bytes) => {
    writeFileSync(join(dir, 'key.pem'), bytes(), { mode: 0o600 })
    await expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test.each(['', 'with space', 'with+plus'])('for the origin %j is refused', async (origin) => {
    await expect(open({ origin })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

async function closed(log: ConsentLog): Promise<ConsentLog> {
  await log[Symbol.asyncDispose]()
  return log
}
