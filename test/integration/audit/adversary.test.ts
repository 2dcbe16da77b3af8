import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWitnessKey, startWitness, type RecordOf } from '#audit'
import { formatReceipt, parseReceipt } from '#audit/verify'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { parseVerifierKey } from '../../../src/audit/verifier-key.ts'
import { formatAddCheckpoint, monitorPath } from '../../../src/audit/witness.ts'
import { verifyCommand } from '../../../src/cli/verify.ts'
import { Attack } from '../../support/attack.ts'
import { at, attackScene, type AttackScene } from '../../support/attack-scene.ts'
import { CallLog, openLog } from '../../support/call-log.ts'
import { deeds } from '../../support/deeds.ts'
import { rewrite, signerOf } from '../../support/forger.ts'
import { receiptOf } from '../../support/receipts.ts'
import { logParty } from '../../unit/audit/parties.ts'

let root: string
let scene: AttackScene
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'assent-adversary-'))
  scene = await attackScene(root)
})
afterAll(() => rmSync(root, { recursive: true }))

let copies = 0
const copy = (): string => {
  const dir = join(root, `copy-${copies++}`)
  cpSync(join(root, 'honest'), dir, { recursive: true })
  return dir
}
const kept = (name: string): string => join(scene.kept, name)
const readText = (path: string): string => readFileSync(path, 'utf8')

async function assentVerify(...args: readonly string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => expect.fail(text) },
  }
  return { code: await verifyCommand(args, io), out }
}
/** As somebody runs it who has the log's key from elsewhere, and perhaps the guard and what others kept. */
const verify = (dir: string, ...more: readonly string[]) =>
  assentVerify('--data', dir, '--vkey', scene.calls.log.vkey, ...more)
const withGuard = (dir: string): readonly string[] => ['--guard', join(dir, 'guard')]

/** Code and place of everything that was found, as a person reads it. */
const placesIn = (out: string): string[] =>
  [...out.matchAll(/^ {2}(?:entry (\d+)|the log): .*\[([a-z-]+)\]$/gm)].map(
    ([, index, code]) => `${code}${index === undefined ? '' : `@${index}`}`,
  )

test('an honest log is verified, with its recordings and all that people kept; also from a shell', async () => {
  const dir = copy()
  const names = ['checkpoint-20', 'checkpoint-27', 'maya.json', 'ines-withdrawal.json']
  const everything = names.map(kept)
  const { code, out } = await verify(dir, ...withGuard(dir), ...everything)
  expect(code, out).toBe(0)
  expect(out).toContain(`Entries      ${at.size}, root`)
  expect(out).toContain('6 decisions signed by the people themselves, 0 attested')
  expect(out).toContain('1 recordings and when they were made')
  expect(out).toContain('4 receipts and checkpoints that someone kept')
  expect(out).not.toContain('name receipts or checkpoints')
  const main = join(import.meta.dirname, '../../../src/cli/main.ts')
  const args = [main, 'verify', '--data', dir, kept('maya.json')]
  const shell = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect([shell.status, shell.stderr]).toEqual([0, ''])
})

test.each(deeds)('an attacker $deed', async ({ act, found, says }) => {
  const attack = new Attack(scene, copy())
  const kept = (await act(attack)) ?? []
  const { code, out } = await verify(attack.dir, ...withGuard(attack.dir), ...kept)
  expect(placesIn(out)).toEqual(found)
  expect(out).toContain(says)
  expect(code).toBe(1)
})

type Asked = RecordOf<'request'>
const untold: readonly (readonly [what: string, logs: (asked: Asked) => Partial<Asked>])[] = [
  ['for how long it is kept', ({ retention }) => ({ retention: { ...retention, recordingDays: 9 } })],
  ['who may open it', () => ({ recipients: [] })],
  ['what for', ({ purposes }) => ({ purposes: [{ ...purposes[0]!, text: 'Marketing' }] })],
  ['until when a yes holds', ({ event }) => ({ event: { ...event, validity: { from: 2, until: 3 } } })],
  ['which text was shown', ({ notice }) => ({ notice: { ...notice, version: '2' } })],
]
test.each(untold)('a record that says otherwise than was shown and signed %s', async (_, logs) => {
  const dir = copy()
  await callIn(dir, (asked) => ({ ...asked, ...logs(asked) }))
  const found = placesIn((await verify(dir)).out)
  expect(found).toEqual(['notice-differs@28', 'request-differs@29'])
})

test('a record that says otherwise than was signed by which page it was shown', async () => {
  const dir = copy()
  const uiSha256 = 'e'.repeat(64)
  await callIn(dir, (asked) => ({ ...asked, notice: { ...asked.notice, uiSha256 } }))
  expect(placesIn((await verify(dir)).out)).toEqual(['request-differs@29'])
})

/** One more call of one person, whose request the log tells as given. */
async function callIn(dir: string, logs: (asked: Asked) => Asked): Promise<void> {
  await using calls = await CallLog.open(dir)
  await calls.call([{ name: 'Dora', account: 'dora' }], { logs })
}

test('a history that its own operator wrote anew is sound in itself, and verify says who can tell', async () => {
  const on = new Attack(scene, copy())
  rewrite(on.dir, at.late.withdrawal, on.withoutWithdrawal(20))
  const { code, out } = await verify(on.dir, ...withGuard(on.dir))
  expect(code).toBe(0)
  expect(out).toContain('That others were shown this same log: name receipts or checkpoints')
})

/** The receipt of an entry of a log that lies there. */
async function receiptIn(dir: string, index: number): Promise<string> {
  await using log = await openLog(dir)
  return formatReceipt(await receiptOf(log, index))
}

test('two receipts of two trees of one size convict the log, without it', async () => {
  const on = new Attack(scene, copy())
  const { dir } = on
  rewrite(dir, 26, on.arrivals(26))
  writeFileSync(join(dir, 'other.json'), await receiptIn(dir, 3))
  const trust = ['--vkey', scene.calls.log.vkey]
  const { code, out } = await assentVerify(kept('maya.json'), join(dir, 'other.json'), ...trust)
  expect(code).toBe(1)
  expect(out.match(/another tree of 27 entries {2}\[log-forked\]/g)).toHaveLength(2)
})

test('a receipt for another call is refused, whether it was moved there in the log or in the file', async () => {
  const on = new Attack(scene, copy())
  const { dir } = on
  rewrite(dir, at.size, [on.movedYes()])
  writeFileSync(join(dir, 'moved.json'), await receiptIn(dir, 27))
  const trust = ['--vkey', scene.calls.log.vkey]
  const inLog = await assentVerify(join(dir, 'moved.json'), ...trust)
  expect(inLog).toMatchObject({ code: 1 })
  expect(inLog.out).toContain('the record is of another call  [record-session]')

  const read = (name: string) => parseReceipt(readText(kept(name)))
  const mixed = { ...read('maya.json'), opening: read('ines-yes.json').opening }
  writeFileSync(join(dir, 'mixed.json'), formatReceipt(mixed))
  const inFile = await assentVerify(join(dir, 'mixed.json'), ...trust)
  expect(inFile).toMatchObject({ code: 1 })
  expect(inFile.out).toContain('the signed tree has another leaf there  [proof-root]')
})

test('a witness refuses a log that was put back and went on, and what it cosigned before tells', async () => {
  const on = new Attack(scene, copy())
  const { dir } = on
  await using witness = await startWitness({
    key: createWitnessKey('witness.example/w1', join(dir, 'witness.key')),
    logs: [await parseVerifierKey(sha256, scene.calls.log.vkey)],
    stateFile: join(dir, 'seen.db'),
    listen: { host: '127.0.0.1', port: 0 },
    now: Date.now,
    say: () => undefined,
    onFailed: (cause) => expect.fail(cause.message),
  })
  const url = `http://127.0.0.1:${witness.port}`
  const add = (oldSize: number, checkpoint: string) =>
    fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint({ oldSize, proof: [], checkpoint }),
    })
  expect((await add(0, readText(kept('checkpoint-27')))).status).toBe(200)

  const other = rewrite(dir, 20, [...on.arrivals(21), ...on.opened(1)])
  const refused = await add(27, other)
  expect([refused.status, await refused.text()]).toEqual([
    422,
    expect.stringContaining('this witness has seen another root of this size'),
  ])
  const seen = await fetch(`${url}/${monitorPath(sha256, signerOf(dir).name)}`)
  writeFileSync(join(dir, 'cosigned'), await seen.text())
  const { out } = await verify(dir, ...withGuard(dir), join(dir, 'cosigned'))
  expect(placesIn(out)).toContain('kept-forked')
})

test('a kept file that proves nothing is found, and one that is none is misuse', async () => {
  const dir = copy()
  const receipt = readText(kept('maya.json'))
  const { signer } = await logParty(signerOf(dir).name)
  const tree = { origin: signer.name, size: 20, root: new Uint8Array(32) }
  writeFileSync(join(dir, 'foreign'), signCheckpoint(tree, signer))
  expect(placesIn((await verify(dir, join(dir, 'foreign'))).out)).toEqual(['note-unsigned'])
  writeFileSync(join(dir, 'cut.json'), receipt.slice(0, -1))
  let err = ''
  const io = { stdout: { write: () => 0 }, stderr: { write: (text: string) => (err += text) } }
  expect(await verifyCommand(['--data', dir, join(dir, 'cut.json')], io)).toBe(2)
  expect(err).toContain('[receipt-form]')
  expect(await verifyCommand(['--data', dir, '--recordings', join(dir, 'none')], io)).toBe(2)
  expect(err).toContain(`there is no folder ${join(dir, 'none')}`)
})
