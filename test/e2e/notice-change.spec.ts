import { hash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { answer } from './support/people.ts'
import { recordedCall } from './support/recorded-call.ts'
import { assent, startDemo } from './support/running-server.ts'

test.describe.configure({ timeout: 240_000 })

test('an operator publishes another privacy notice: recording pauses until everyone has agreed to the new words', async ({
  browser,
  request,
}) => {
  using policy = policyFolder()
  await using server = await startDemo({ env: { ASSENT_POLICY_DIR: policy.dir } })
  const noticeAt = async (name: string) => (await request.get(`${server.url}/policy/${name}`)).text()
  const { host, guest } = await recordedCall(browser, server)
  const agreedTo = await noticeAt('en')

  policy.publish('2.0', '2026-11-30')
  for (const { line } of [host, guest]) await expect(line).toContainText('PAUSED')
  await expect.poll(() => server.metric('assent_recorder_consumers')).toBe(0)
  const dialog = guest.page.getByRole('dialog').filter({ hasText: 'A talk' })
  await expect(dialog).toContainText(/Version 2\.0 of 30 Nov/)
  await answer(host, 'Agree', 'A talk')
  await expect(host.line).toContainText('PAUSED')
  await answer(guest, 'Agree', 'A talk')
  for (const { line } of [host, guest]) await expect(line).toContainText('REC')
  await expect.poll(() => server.metric('assent_recorder_consumers')).toBe(4)

  // What was agreed to first can still be read, beside what holds now.
  expect(await noticeAt('en')).toContain('Version: 2.0\nDate: 2026-11-30\n')
  expect(await noticeAt(hash('sha256', agreedTo))).toBe(agreedTo)
  expect(assent('verify', '--data', join(server.dataDir, 'log'))).toContain('VERIFIED')
})

/** The notices that are shipped, in a folder where they may be changed. */
function policyFolder() {
  const dir = mkdtempSync(join(tmpdir(), 'assent-policy-'))
  cpSync('config/policy', dir, { recursive: true })
  const file = join(dir, 'en.txt')
  return {
    dir,
    publish(version: string, date: string): void {
      const text = readFileSync(file, 'utf8')
      writeFileSync(
        file,
        text.replace(/^Version: .*$/m, `Version: ${version}`).replace(/^Date: .*$/m, `Date: ${date}`),
      )
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}
