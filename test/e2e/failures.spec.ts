import { globSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@playwright/test'
import { ask, enter, expectMediaFlows } from './support/people.ts'
import { complaintsOf } from './support/probe.ts'
import { recordedCall } from './support/recorded-call.ts'
import { assent, startDemo, type RunningServer } from './support/running-server.ts'

test.describe.configure({ timeout: 240_000 })

test('the log cannot be written: a running recording stops, nobody can start one, the call goes on', async ({
  browser,
}) => {
  await using server = await startDemo()
  const { host, guest } = await recordedCall(browser, server)
  using _lock = locked(join(server.dataDir, 'log', 'vault.db'))
  // Someone comes in: that must be logged, and cannot be.
  const third = await enter(browser, server.links.guests[1]!, 'Bob', 3)
  for (const { line } of [host, guest]) await expect(line).toContainText('log')
  expect(await server.metric('assent_recorder_consumers')).toBe(0)
  await expectMediaFlows(host, 2)
  await expectMediaFlows(guest, 2)

  await ask(host, 'Another purpose')
  await expect(host.page.getByRole('alert').filter({ hasText: 'log' })).toBeVisible()
  await expect(third.page.getByRole('dialog')).toBeHidden()
  expect(await server.metric('assent_recorder_consumers')).toBe(0)
})

test('the recorder is killed: the recording stops, everyone is told, what was sealed opens, the call goes on', async ({
  browser,
}) => {
  await using server = await startDemo()
  const { host, guest } = await recordedCall(browser, server)
  const pid = recorderOf(server)
  process.kill(pid, 'SIGKILL')
  for (const { line } of [host, guest]) await expect(line).toContainText('recorder failed')
  await expectMediaFlows(host, 1)
  await expectMediaFlows(guest, 1)
  expect(await server.metric('assent_recorder_consumers')).toBe(0)

  const [recording] = globSync(join(server.dataDir, 'recordings', '*'))
  await expect.poll(() => readdirSync(recording!)).toContain('manifest.json')
  const out = join(server.dataDir, 'opened')
  assent('open', recording!, '--identity', join(server.dataDir, 'demo', 'reader.key'), '--out', out)
  const files = globSync(join(out, '*', '*.mkv'))
  expect(files.length).toBeGreaterThanOrEqual(4)
  for (const file of files) expect(complaintsOf(file), file).toBe('')
  expect(assent('verify', '--data', join(server.dataDir, 'log'))).toContain('VERIFIED')
})

/** Another process that holds the database: whoever writes is refused. */
function locked(file: string): Disposable {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  return { [Symbol.dispose]: () => database.close() }
}

function recorderOf(server: RunningServer): number {
  const children = readFileSync(
    `/proc/${server.process.pid}/task/${server.process.pid}/children`,
    'utf8',
  )
    .trim()
    .split(' ')
    .map(Number)
  const pid = children.find((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('recorder'),
  )
  if (pid === undefined) throw new Error('no recorder process')
  return pid
}
