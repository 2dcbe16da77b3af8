import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, type Browser, type Page } from '@playwright/test'
import { answer, ask, enter, type Person } from './support/people.ts'
import { assent, startDemo, type RunningServer } from './support/running-server.ts'
import { findings, languages } from './support/screens-test.ts'

const purpose = 'Minutes of the meeting'

/** A page of what is held, in a browser of its own; what went wrong on it is collected. */
async function openMe(browser: Browser, link: string, locale = 'en-GB', width = 1280) {
  const viewport = { width, height: width < 500 ? 844 : 900 }
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, viewport })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(link).origin) faults.push(request.url())
    if (request.url().includes('token')) faults.push('the token in an address')
  })
  await page.goto(link.replace('/#', '/me#'))
  await expect(page.locator('.about-me h1')).toBeVisible()
  return { page, faults }
}

const told = (page: Page) => page.locator('.about-me output')
const act = (page: Page, name: string) => page.getByRole('button', { name, exact: true, expanded: false })
const go = (page: Page, form: string, name: string) =>
  page.getByRole('form', { name: form }).getByRole('button', { name, exact: true })

test('a person sees what is held, takes it along, corrects, is never asked again, and has it erased', async ({
  browser,
}) => {
  test.setTimeout(300_000)
  await using server = await startDemo()
  const aliceLink = server.links.guests[0]!
  const maya = await enter(browser, server.links.host, 'Maya', 1)
  const alice = await enter(browser, aliceLink, 'Alice', 2)
  await record(maya, alice)
  await alice.page.getByRole('button', { name: 'Leave', exact: true }).click()
  const { page, faults } = await openMe(browser, aliceLink)

  await test.step('sees the recording and the decision, and nobody else', async () => {
    await expect(page).toHaveTitle('What is held about you')
    expect(page.url()).not.toContain('token')
    const recordings = page.getByRole('table', { name: 'Recordings, and what there is of you' })
    // Its files are completed while the page is already there.
    await expect(async () => {
      await page.reload()
      await expect(recordings).toContainText('Sound and Camera', { timeout: 2000 })
    }).toPass({ timeout: 60_000 })
    await expect(recordings.getByRole('row').nth(1)).toContainText(purpose)
    await expect(page.getByRole('table', { name: 'What you were asked' })).toContainText('You agreed')
    await expect(page.locator('.about-me')).not.toContainText('Maya')
    await page.screenshot({ path: shot('me-desktop'), fullPage: true })
  })

  await test.step('somebody else sees nothing of it', async () => {
    const other = await openMe(browser, await server.invite('stranger'))
    await expect(other.page.getByText('Nothing is held about you.')).toBeVisible()
    await expect(other.page.locator('.about-me')).not.toContainText(purpose)
    expect(other.faults).toEqual([])
    await other.page.context().close()
  })

  await test.step('takes the copy along: receipts verify, and a reader opens the tracks', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Take a copy of everything' }).click(),
    ])
    const zip = join(server.dataDir, 'copy.zip')
    await download.saveAs(zip)
    expect(readFileSync(zip, 'latin1').slice(0, 500)).toMatch(/^PK/)
    expect(download.suggestedFilename()).toMatch(/^assent-about-me-\d{4}-\d\d-\d\d\.zip$/)
    const copy = join(server.dataDir, 'copy')
    execFileSync('python3', ['-m', 'zipfile', '-e', zip, copy])
    const about = JSON.parse(readFileSync(join(copy, 'about-me.json'), 'utf8')) as {
      calls: { asked: { purpose: string }[] }[]
    }
    expect(about.calls[0]?.asked[0]?.purpose).toBe(purpose)
    const receipts = globSync(join(copy, 'receipts', '*.json'))
    expect(receipts.length).toBeGreaterThanOrEqual(2)
    const decision = receipts.filter((name) => name.includes('decision'))
    expect(assent('verify', ...decision, '--vkey', join(copy, 'log.vkey'))).toContain('VERIFIED')
    const [recording] = globSync(join(copy, 'recordings', 'req_*'))
    const reader = join(server.dataDir, 'demo', 'reader.key')
    const out = join(server.dataDir, 'opened')
    assent('open', recording!, '--identity', reader, '--out', out)
    const people = globSync('*/*.mkv', { cwd: out }).map((file) => dirname(file))
    expect([...new Set(people)]).toEqual(['Alice'])
    await expect(told(page)).toContainText('Your browser is saving the copy')
  })

  await test.step('corrects the name, by keyboard alone', async () => {
    await act(page, 'Correct my name').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Alix')
    await page.keyboard.press('Enter')
    await expect(told(page)).toContainText('From your next call on you are called Alix.')
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.contains(document.querySelector('output'))))
      .toBe(true)
  })

  await test.step('forbids recordings: the next request asks and records nobody who is here', async () => {
    await act(page, 'Never record me').click()
    await go(page, 'Never record me', 'Never record me').click()
    await expect(told(page)).toContainText('You are never recorded from now on')
    await expect(page.getByText(/^You are never recorded, since/)).toBeVisible()
    const again = await enter(browser, aliceLink, 'Alice', 2)
    await ask(maya, 'Training of new colleagues')
    await expect(
      maya.page.getByRole('alert').filter({ hasText: 'Someone here cannot be asked' }),
    ).toBeVisible()
    await expect(again.line).not.toContainText('asks to record')
    await expect(again.page.getByRole('dialog')).toHaveCount(0)
    await maya.page.getByRole('radio', { name: 'Each for themselves' }).check()
    await maya.page.getByRole('button', { name: 'Ask everyone' }).click()
    await answer(maya, 'Agree', 'Training of new colleagues')
    await expect(maya.line).toContainText('REC')
    // Maya's sound and camera, and nobody else's.
    await expect.poll(() => server.metric('assent_recorder_consumers')).toBe(2)
    await expect(maya.line).toContainText(/0:(0[8-9]|[1-5]\d)/, { timeout: 60_000 })
    expect(await server.metric('assent_recorder_consumers')).toBe(2)
    await expect(again.page.getByRole('button', { name: 'Agree', exact: true })).toHaveCount(0)
    await maya.page.getByRole('button', { name: 'End recording' }).click()
    await expect(maya.line).not.toContainText('REC')
    for (const { page: called } of [again, maya]) await called.context().close()
    await expect.poll(() => peopleRecorded(server)).toEqual([2, 1])
  })

  await test.step('has it erased: the page says what is gone, what stays, why and until when', async () => {
    await page.reload()
    await act(page, 'Have it erased').click()
    await page.screenshot({ path: shot('me-erase'), fullPage: true })
    await go(page, 'Have it erased', 'Erase it').click()
    await expect(page.getByRole('heading', { name: 'It is erased' })).toBeFocused()
    await expect(page.locator('.erased')).toContainText(/Tracks of you destroyed: [2-9]\./)
    await expect(page.getByRole('table', { name: 'What stays, and why' })).toContainText(
      'Your answer, without your name: it proves that the others were recorded lawfully.',
    )
    await page.screenshot({ path: shot('me-erased'), fullPage: true })
    await page.reload()
    await expect(page.getByText('Nothing is held about you.')).toBeVisible()
    expect(assent('verify', '--data', join(server.dataDir, 'log'))).toContain('VERIFIED')
  })
  expect(faults).toEqual([])
})

test('is read by everybody: five languages, light and dark, a phone, twice the text', async ({ browser }) => {
  test.setTimeout(240_000)
  await using server = await startDemo()
  const link = server.links.guests[0]!
  const maya = await enter(browser, server.links.host, 'Maya', 1)
  const alice = await enter(browser, link, 'Alice', 2)
  await record(maya, alice)
  for (const { page } of [alice, maya]) await page.context().close()
  for (const lang of languages) {
    for (const width of [1280, 390]) {
      const { page, faults } = await openMe(browser, link, lang, width)
      await expect(page.locator('html')).toHaveAttribute('lang', lang)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await findings(page), `${lang}, ${width}, ${colorScheme}`).toEqual([])
      }
      await page.locator('.acts [aria-expanded]').last().click()
      expect(await findings(page), `${lang}, ${width}, erasing`).toEqual([])
      expect(await overflow(page), `${lang}, ${width}`).toBeLessThanOrEqual(0)
      await page.screenshot({ path: shot(`me-${width}-${lang}`), fullPage: true })
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%'
      })
      expect(await overflow(page), `${lang}, ${width}, twice the text`).toBeLessThanOrEqual(0)
      expect(faults).toEqual([])
      await page.context().close()
    }
  }
})

test('says so where nobody is signed in, and where the sign-in has run out', async ({ browser }) => {
  await using server = await startDemo()
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(`${server.url}/me`)
  await expect(page.getByText('This page needs an invitation')).toBeVisible()
  await page.goto(`${server.url}/me#token=none.none.none`)
  await page.reload()
  await expect(page.getByText('Your invitation is not valid here')).toBeVisible()
})

/** Two agree, and some seconds are recorded. */
async function record(maya: Person, alice: Person): Promise<void> {
  await ask(maya, purpose)
  for (const person of [maya, alice]) await answer(person, 'Agree', purpose)
  await expect(alice.line).toContainText('REC')
  await expect(alice.line).toContainText(/0:0[4-9]/, { timeout: 30_000 })
  await maya.page.getByRole('button', { name: 'End recording' }).click()
  await expect(alice.line).not.toContainText('REC')
}

/** How many people each recording holds, the first one first. */
function peopleRecorded({ dataDir }: RunningServer): number[] {
  const manifests = globSync(join(dataDir, 'recordings', '*', 'manifest.json')).map(
    (path) =>
      JSON.parse(readFileSync(path, 'utf8')) as {
        startedAt: number
        tracks: { person: string }[]
      },
  )
  return manifests
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .map(({ tracks }) => new Set(tracks.map(({ person }) => person)).size)
}

/** How far anything sticks out to the side, in CSS pixels. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() =>
    Math.max(
      ...[document.documentElement, document.querySelector('.page')!].map(
        ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
      ),
    ),
  )
const shot = (name: string): string => join('test-results', `${name}.png`)
