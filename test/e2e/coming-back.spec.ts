import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { answer, ask, enter, expectMediaFlows } from './support/people.ts'
import { startDemo, type RunningServer } from './support/running-server.ts'

test.describe.configure({ timeout: 240_000 })

test('every media worker dies: pictures and sound come back, nobody reloads', async ({
  browser,
}) => {
  await using server = await startDemo()
  const host = await enter(browser, server.links.host, 'Maya', 1)
  const guest = await enter(browser, server.links.guests[0]!, 'Alice', 2)
  for (const person of [host, guest]) await expectMediaFlows(person, 1)
  const workers = workersOf(server)
  expect(workers.length).toBeGreaterThan(0)
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  await expect.poll(() => server.metric('assent_worker_deaths_total')).toBe(workers.length)
  await expect.poll(() => server.metric('assent_producers')).toBe(4)
  for (const person of [host, guest]) await expectMediaFlows(person, 1)
})

test('a page that is loaded anew while it is recorded is the same person: nobody is asked again', async ({
  browser,
}) => {
  await using server = await startDemo()
  const host = await enter(browser, server.links.host, 'Maya', 1)
  const guest = await enter(browser, server.links.guests[0]!, 'Alice', 2)
  await ask(host, 'A talk')
  for (const person of [host, guest]) await answer(person, 'Agree', 'A talk')
  await expect.poll(() => server.metric('assent_recorder_consumers')).toBe(4)

  await guest.page.reload()
  await guest.page.getByLabel('Your name').fill('Alice')
  await guest.page.getByRole('button', { name: /^Join/ }).click()
  await expect(guest.line).toContainText('REC')
  await expect(guest.page.getByRole('button', { name: 'Agree', exact: true })).toBeHidden()
  await expect.poll(() => server.metric('assent_recorder_consumers')).toBe(4)
  expect(await server.metric('assent_people')).toBe(2)
  expect(await server.metric('assent_recorder_consumers_without_permit')).toBe(0)
})

function workersOf({ process: { pid } }: RunningServer): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return children
    .map(Number)
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('mediasoup-worker'))
}
