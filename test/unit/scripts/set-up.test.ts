import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { npmProgress } from '../../../scripts/setup/dependencies.mjs'
import { fingerprint } from '../../../scripts/setup/fingerprint.mjs'
import { holdLock } from '../../../scripts/setup/lock.mjs'
import { isNodeRecentEnough } from '../../../scripts/setup/node.mjs'
import {
  cacheFolder,
  projectEnvironment,
  root,
  systemEnvironment,
} from '../../../scripts/setup/places.mjs'
import { run } from '../../../scripts/setup/run.mjs'
import { doneLine, elapsed } from '../../../scripts/setup/say.mjs'
import { workerKey } from '../../../scripts/setup/sfu-worker.mjs'
import { ninjaProgress } from '../../../scripts/sfu-worker/build.mjs'
import { applyPatch, patches } from '../../../scripts/sfu-worker/patches.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-scripts-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('Node 20 is the oldest that can set up', () => {
  expect(['20.0.0', '22.1.0', '26.10.0'].map(isNodeRecentEnough)).toEqual([true, true, true])
  expect(['18.20.4', '19.9.0', '8.0.0', ''].map(isNodeRecentEnough)).toEqual([
    false,
    false,
    false,
    false,
  ])
})

test('another mediasoup, processor or recipe is another worker', () => {
  const recipe = 'ab'.repeat(32)
  expect(workerKey('3.27.1', 'x64', recipe)).toBe('3.27.1-x64-abababababab')
  const others = [
    workerKey('3.27.2', 'x64', recipe),
    workerKey('3.27.1', 'arm64', recipe),
    workerKey('3.27.1', 'x64', 'cd'.repeat(32)),
  ]
  expect(new Set([workerKey('3.27.1', 'x64', recipe), ...others]).size).toBe(4)
})

test('the cache is per user, where the user wants it', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/var/tmp/me' })).toBe('/var/tmp/me/assent')
  expect(cacheFolder({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/assent$/)
})

test('the locked Node comes first for our programs, and is out of reach for npm ci', () => {
  const env = { PATH: `${root}/node_modules/.bin:/usr/bin:/elsewhere/node_modules/.bin:/bin` }
  expect(projectEnvironment(env)['PATH']).toBe(`${root}/node_modules/.bin:/usr/bin:/bin`)
  expect(systemEnvironment(env)['PATH']).toBe('/usr/bin:/bin')
})

test('a fingerprint sees content, names, new and moved files, and nothing else', () => {
  mkdirSync(join(folder, 'a', 'b'), { recursive: true })
  writeFileSync(join(folder, 'a', 'b', 'one'), 'x')
  const seen = [fingerprint(folder, ['a', 'missing'])]
  expect(fingerprint(folder, ['missing', 'a'])).toBe(seen[0])

  writeFileSync(join(folder, 'a', 'b', 'one'), 'y')
  seen.push(fingerprint(folder, ['a', 'missing']))
  writeFileSync(join(folder, 'a', 'two'), '')
  seen.push(fingerprint(folder, ['a', 'missing']))
  writeFileSync(join(folder, 'missing'), '')
  seen.push(fingerprint(folder, ['a', 'missing']))
  expect(new Set(seen).size).toBe(4)
})

test('the order in which paths are given or found is no change', () => {
  writeFileSync(join(folder, 'a'), '1')
  writeFileSync(join(folder, 'b'), '2')
  expect(fingerprint(folder, ['b', 'a'])).toBe(fingerprint(folder, ['a', 'b']))
})

test('one file that holds the name and content of a second is not the same as two', () => {
  writeFileSync(join(folder, 'a'), '1')
  writeFileSync(join(folder, 'b'), '2')
  const two = fingerprint(folder, ['a', 'b'])
  rmSync(join(folder, 'b'))
  writeFileSync(join(folder, 'a'), '1b\x002')
  expect(fingerprint(folder, ['a', 'b'])).not.toBe(two)
})

test('a patch applies only where its text stands exactly once', () => {
  const patch = { file: 'f', why: '', from: 'old', to: 'new' }
  expect(applyPatch('an old thing', patch)).toBe('an new thing')
  expect(applyPatch('a thing', patch)).toBeUndefined()
  expect(applyPatch('old and old', patch)).toBeUndefined()
})

test("the handshake of Debian's OpenSSL is mended", () => {
  expect(patches.map(({ file }) => file)).toContain('src/RTC/DtlsTransport.cpp')
})

test('the lock has one holder at a time', async () => {
  const file = join(folder, 'lock')
  const waits: string[] = []
  const release = await holdLock(file, () => {})
  const second = holdLock(file, (line) => {
    waits.push(line)
    release()
  })
  const releaseSecond = await second
  expect(waits).toEqual([`another set-up (process ${process.pid}) is at it`])
  releaseSecond()
  expect(readdirSync(folder)).toEqual([])
})

test('a lock whose holder has died is taken over', async () => {
  const file = join(folder, 'lock')
  const { output } = await run('sh', ['-c', 'echo $$'])
  symlinkSync(output, file)
  const release = await holdLock(file, () => {
    throw new Error('waited for the dead')
  })
  release()
  expect(existsSync(file)).toBe(false)
})

test("a program's lines, last output and code come back, and its log is whole", async () => {
  const lines: string[] = []
  const log = join(folder, 'logs', 'it.log')
  const onLine = (line: string) => {
    lines.push(line)
  }
  const end = await run('sh', ['-c', 'echo one; echo; echo two; exit 3'], { logFile: log, onLine })
  expect(end).toEqual({ code: 3, output: 'one\n\ntwo' })
  expect(lines).toEqual(['one', 'two'])
  expect(readFileSync(log, 'utf8')).toBe('one\n\ntwo\n')
})

test('a program that is missing ends with code 127', async () => {
  const { code, output } = await run('no-such-program', [])
  expect(code).toBe(127)
  expect(output).toContain('ENOENT')
})

test('a program over its time is stopped with what it started', async () => {
  const { code } = await run('sh', ['-c', 'sleep 600 & wait'], { timeoutMs: 50 })
  expect(code).not.toBe(0)
})

test('progress is told in words', () => {
  expect(ninjaProgress('[120/263] Compiling C++ object a.o')).toBe('compiled 120 of 263')
  expect(ninjaProgress('ninja: Entering directory')).toBeUndefined()
  expect(
    npmProgress(
      'npm http fetch GET 200 https://mirror.example/zod/-/zod-4.6.7.tgz 31ms (cache hit)',
    ),
  ).toBe('fetched zod-4.6.7')
  expect(npmProgress('added 167 packages in 10s')).toBe('added 167 packages in 10s')
})

test('a step that took no time says so by saying nothing', () => {
  expect(doneLine('Client', 'unchanged', 20)).toBe('✓ Client: unchanged')
  expect(doneLine('SFU worker', 'built', 201_000)).toBe('✓ SFU worker: built (3 min 21 s)')
  expect(elapsed(59_400)).toBe('59 s')
})
