import { expect, test as base } from '@playwright/test'
import { startSite, type Site } from './support/screens-site.ts'

/** The real entry, as people load it, served without a server behind it: only what the page does by itself. */
const test = base.extend<object, { site: Site }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures that are wanted from this pattern.
  site: [
    async ({}, use) => {
      const site = await startSite('page')
      await use(site)
      await site[Symbol.asyncDispose]()
    },
    { scope: 'worker' },
  ],
})
test.use({
  locale: 'en-GB',
  launchOptions: {
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  },
})

const token = `e30.${btoa(JSON.stringify({ name: 'Tomas', room: 'weekly-planning' }))}.none`

test('the token leaves the address at once, survives a reload, and is in no request', async ({
  page,
  site,
}) => {
  const requests: string[] = []
  page.on('request', (request) =>
    requests.push(`${request.url()} ${JSON.stringify(request.headers())}`),
  )
  await page.goto(`${site.url}/#token=${token}`)
  await expect(page.getByRole('button', { name: 'Join as Tomas' })).toBeVisible()
  expect(page.url()).toBe(`${site.url}/`)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Weekly planning' })).toBeVisible()
  expect(requests.filter((request) => request.includes(token))).toEqual([])
  expect(await page.context().cookies()).toEqual([])
})

test('nothing is asked of any other host, and nothing breaks the content policy', async ({
  page,
  site,
}) => {
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(site.url)) foreign.push(request.url())
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      document.title = `broken: ${violatedDirective} ${blockedURI}`
    })
  })
  await page.goto(`${site.url}/#token=${token}`)
  await expect(page.getByText('We can hear you')).toBeVisible()
  await expect(page).toHaveTitle('Assent')
  expect(foreign).toEqual([])
})

test('without an invitation the page says so and opens no camera', async ({ page, site }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => {
      throw new Error('opened')
    }
  })
  const failures: string[] = []
  page.on('pageerror', ({ message }) => failures.push(message))
  await page.goto(site.url)
  await expect(page.getByRole('heading', { name: 'This page needs an invitation' })).toBeVisible()
  expect(failures).toEqual([])
})

test('the language is the browser’s, can be changed, and is remembered', async ({
  browser,
  site,
}) => {
  await using context = await browser.newContext({ locale: 'uk-UA' })
  const page = await context.newPage()
  await page.goto(`${site.url}/#token=${token}`)
  await expect(page.getByRole('button', { name: 'Увійти: Tomas' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'uk')
  await page.getByLabel('Мова').selectOption('de')
  await expect(page.getByRole('button', { name: 'Eintreten als Tomas' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Eintreten als Tomas' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
})

test('what was switched off stays off the next time', async ({ page, site }) => {
  await page.goto(`${site.url}/#token=${token}`)
  await page.getByRole('button', { name: 'Camera on' }).click()
  await expect(page.getByRole('button', { name: 'Camera off' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Microphone on' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Camera off' })).toBeVisible()
})

test('a server that cannot be reached is said, and Join can be pressed again', async ({
  page,
  site,
}) => {
  await page.goto(`${site.url}/#token=${token}`)
  await page.getByRole('button', { name: 'Join as Tomas' }).click()
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached.')
  await expect(page.getByRole('button', { name: 'Join as Tomas' })).toBeEnabled()
})
