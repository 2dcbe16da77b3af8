import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createWitnessKey,
  formatPolicy,
  openConsentLog,
  recordHeader,
  startCosigning,
  startWitness,
  type ConsentLog,
  type CosigningOptions,
  type WitnessServer,
} from '#audit'
import { parsePolicy, verifyReceipt } from '#audit/verify'
import { emptyTree } from '../../../src/audit/tree.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { parseVerifierKey } from '../../../src/audit/verifier-key.ts'
import { logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'

let dir: string
const statements = newStatementKey()
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-cosigning-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const open = (): Promise<ConsentLog> =>
  openConsentLog({
    ...logOptions(dir, statements),
    onFailed: (cause) => expect.fail(cause.message),
  })
const append = (log: ConsentLog, session: string) =>
  log.append({
    key: session,
    core: {
      ...recordHeader('session-open', session),
      event: { state: 'opened', time: Date.now() },
    },
  })
const witness = async (
  log: ConsentLog,
): Promise<{ server: WitnessServer; vkey: string; url: string }> => {
  const key = createWitnessKey('witness.example/w1', join(dir, 'witness.key'))
  const server = await startWitness({
    key,
    logs: [await parseVerifierKey(sha256, log.vkey)],
    stateFile: join(dir, 'seen.db'),
    listen: { host: '127.0.0.1', port: 0 },
    say: () => undefined,
    onFailed: (cause) => expect.fail(cause.message),
  })
  return { server, vkey: key.vkey, url: `http://127.0.0.1:${server.port}` }
}
const cosigningOf = (
  log: ConsentLog,
  witnesses: CosigningOptions['witnesses'],
): { started: Promise<AsyncDisposable>; until: (cosigned: number) => Promise<void> } => {
  let waiting: { size: number; done: () => void }[] = []
  const started = startCosigning({
    log,
    witnesses,
    everyMs: 1,
    onProgress: ({ cosigned }) => {
      for (const { size, done } of waiting) if (cosigned >= size) done()
      waiting = waiting.filter(({ size }) => cosigned < size)
    },
    onProblem: ({ message }) => expect.fail(message),
  })
  const until = (size: number) => new Promise<void>((done) => waiting.push({ size, done }))
  return { started, until }
}
const receiptOf = async (log: ConsentLog, index: number, seen = emptyTree) => {
  const answer = await log.ask({ what: 'receipts', indexes: [index], seen })
  return answer!.receipts[0]!
}

test('receipts carry what a witness has signed, as soon as it has, and still after a restart', async () => {
  let policyText: string
  {
    await using log = await open()
    const { server, vkey, url } = await witness(log)
    await using _ = server
    policyText = formatPolicy({
      log: { vkey: log.vkey, url: null },
      witnesses: [{ vkey, url }],
      quorum: null,
    })
    const policy = await parsePolicy(sha256, policyText)
    await append(log, 'call_1')
    expect(await verifyReceipt(sha256, await receiptOf(log, 0), policy)).toMatchObject({
      quorum: 'pending',
      witnesses: [],
    })

    const { started, until } = cosigningOf(log, [{ vkey, url }])
    await using __ = await started
    await until(1)
    const before = Date.now()
    const proven = await verifyReceipt(sha256, await receiptOf(log, 0), policy)
    expect(proven).toMatchObject({ quorum: 'reached', witnesses: [{ name: 'witness.example/w1' }] })
    expect(proven.bounds.beforeMs).toBeLessThanOrEqual(before)
    await append(log, 'call_2')
    await until(2)
  }
  await using log = await open()
  const policy = await parsePolicy(sha256, policyText)
  const proven = await verifyReceipt(sha256, await receiptOf(log, 1), policy)
  expect(proven).toMatchObject({ quorum: 'reached', log: { size: 2 } })
  // What no witness has seen yet is proven in the newest tree, which has no witness yet either.
  await append(log, 'call_3')
  expect(await verifyReceipt(sha256, await receiptOf(log, 2), policy)).toMatchObject({
    quorum: 'pending',
    log: { size: 3 },
  })
  expect(await verifyReceipt(sha256, await receiptOf(log, 1), policy)).toMatchObject({
    quorum: 'reached',
    log: { size: 2 },
  })
})

test('a policy asks for more than half of the witnesses, unless told', async () => {
  const vkeys = ['a', 'b', 'c', 'd'].map((name) => createWitnessKey(name, join(dir, name)).vkey)
  const witnesses = vkeys.map((vkey) => ({ vkey, url: 'https://witness.example' }))
  await using log = await open()
  const about = { log: { vkey: log.vkey, url: 'https://calls.example/consent/test/' }, witnesses }
  const thresholdOf = async (quorum: number | null) =>
    (await parsePolicy(sha256, formatPolicy({ ...about, quorum }))).groups[0]?.threshold
  expect(await thresholdOf(null)).toBe(3)
  expect(await thresholdOf(1)).toBe(1)
  expect(await thresholdOf(4)).toBe(4)
  const alone = formatPolicy({ ...about, witnesses: [], quorum: null })
  expect(alone).toBe(`log ${log.vkey} https://calls.example/consent/test/\nquorum none\n`)
  expect((await parsePolicy(sha256, alone)).quorum).toBeUndefined()
})
