import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLog, openConsentLog, recordHeader } from '#audit'
import { logFiles, logOptions } from '../../support/log-files.ts'

const rounds = 25
const seed = Number(process.env['ASSENT_SEED'] ?? Date.now() % 1e9)
let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-crash-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

/** Runs one appender until it has been promised `after` entries, kills it, and returns everything it was promised. */
async function killedRound(
  round: number,
  after: number,
  inFlight: number,
): Promise<Map<string, number>> {
  const appender = join(import.meta.dirname, 'appender.ts')
  const child = spawn(process.execPath, [appender, dir, String(round), String(inFlight)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const promised = new Map<string, number>()
  for await (const line of createInterface({ input: child.stdout })) {
    // Lines may arrive after the kill: those promises were made too.
    const [key, index] = line.split(' ')
    if (key === 'open') continue
    promised.set(key!, Number(index))
    if (promised.size === after) child.kill('SIGKILL')
  }
  const [, signal] = await ended
  expect(signal, 'it was killed, and did not fail').toBe('SIGKILL')
  return promised
}

test(`killed ${rounds} times at random moments: no promise is broken (ASSENT_SEED=${seed})`, async () => {
  const random = generator(seed)
  const promised = new Map<string, number>()
  let unacknowledged = 0
  for (let round = 0; round < rounds; round++) {
    const inFlight = [1, 8, 64][round % 3]!
    const before = promised.size
    for (const [key, index] of await killedRound(round, 1 + Math.floor(random() * 300), inFlight))
      promised.set(key, index)
    expect(promised.size).toBeGreaterThan(before)
  }

  await using log = await openConsentLog({
    ...logOptions(dir),
    createKey: false,
    onFailed: (cause) => expect.fail(cause.message),
  })
  const last = await log.append({
    key: 'last',
    core: { ...recordHeader('session-open', 'last'), event: { state: 'opened', time: Date.now() } },
  })
  unacknowledged = last.index - promised.size
  expect(new Set(promised.values()).size, 'no index was promised twice').toBe(promised.size)
  for (const [key, index] of [...promised].slice(-200)) {
    const again = await log.append({
      key,
      core: { ...recordHeader('session-open', key), event: { state: 'opened', time: Date.now() } },
    })
    expect(again.index, key).toBe(index)
  }
  const report = await checkLog({ ...logFiles(dir), vkey: log.vkey })
  expect(report.findings).toEqual([])
  expect(report.size).toBe(last.index + 1)
  expect(readFileSync(join(dir, 'log/vkey'), 'utf8')).toBe(`${log.vkey}\n`)
  expect(
    unacknowledged,
    'some were durable and not yet promised: the interesting case',
  ).toBeGreaterThan(0)
}, 300_000)

/** Mulberry32: small, and the same on every machine. */
function generator(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
