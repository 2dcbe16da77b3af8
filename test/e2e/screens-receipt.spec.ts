import { readFile } from 'node:fs/promises'
import type { Locator } from '@playwright/test'
import { parseReceipt } from '#audit/verify'
import { asked, expect, findings, isHit, languages, play, test } from './support/screens-test.ts'

test.use({
  viewport: { width: 1280, height: 800 },
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

const panel = '.side'

test('the receipt stands beside the call, says what is proven and what not, and fetches newer ones', async ({
  page,
  open,
}) => {
  await open('agreedReceipt')
  await page.getByRole('button', { name: 'Your receipt' }).click()
  const receipts = page.getByRole('complementary', { name: 'Your receipts' })
  await expect(receipts.getByRole('status')).toHaveText('Verified, just now, in your browser')
  await expect(receipts.getByRole('heading', { level: 4 })).toHaveText([
    'What this proves',
    'What it does not prove',
  ])
  await expect(receipts.locator('.proves.not li')).toHaveText([
    'Who sat at your device.',
    'That others are shown the same log: no witness is asked for. Compare receipts with those of others.',
    'What came afterwards: a consent may have been withdrawn since.',
    'That nobody recorded with a device of their own.',
  ])
  await receipts.getByText('All details').click()
  await expect(receipts).toContainText('Notice, to the letter')
  expect(await asked(page)).toEqual([['refreshReceipts']])
  await page.keyboard.press('Escape')
  await expect(receipts).toHaveCount(0)
})

test('one that could not be verified says so in the slip, then why, and can be kept all the same', async ({
  page,
  open,
}) => {
  await open('agreedUnverified')
  await page.getByRole('button', { name: 'Your receipt: not verified' }).click()
  const receipts = page.getByRole('complementary', { name: 'Your receipts' })
  await expect(receipts.getByRole('status')).toHaveText(
    'Not verified: the log has something else at this place. Keep this file and show it to someone you trust.',
  )
  await expect(receipts).toContainText('Code: proof-root')
  const downloading = page.waitForEvent('download')
  await receipts.getByRole('button', { name: 'Download receipt' }).click()
  const file = await downloading
  expect(file.suggestedFilename()).toMatch(/^assent-receipt-\d{4}-\d\d-\d\d-[0-9a-f]{12}\.json$/)
  expect(parseReceipt(await readFile(await file.path(), 'utf8'))).toEqual({
    tlogProof: 'c2sp.org/tlog-proof@v1\n',
    opening: '{"v":1,"decision":"given"}',
  })
})

test('to check again is to check: these texts of a scene prove nothing', async ({ page, open }) => {
  await open('agreedReceipt')
  await page.getByRole('button', { name: 'Your receipt' }).click()
  await page.getByRole('button', { name: 'Check again' }).click()
  await expect(page.locator('.receipt').getByRole('status')).toContainText('Not verified: ')
})

for (const screen of ['recordingReceipts', 'notAllReceipt'] as const)
  test(`the record line leads there, too: ${screen}`, async ({ page, open }) => {
    await open(screen)
    await page.keyboard.press('Alt+r')
    await page.locator(panel).getByRole('button', { name: 'Your receipt' }).click()
    await expect(page.getByRole('complementary', { name: 'Your receipts' })).toContainText(
      'You agreed to this recording on',
    )
  })

test('who decided nothing is told that there is no receipt', async ({ page, open }) => {
  await open('recordingOut')
  await page.keyboard.press('Alt+r')
  await page.locator(panel).getByRole('button', { name: 'Your receipt' }).click()
  await expect(page.locator(panel)).toContainText('You have not decided anything in this call yet')
})

test('after the call, and without one, this browser’s receipts are there until they are removed', async ({
  page,
  open,
}) => {
  await open('noLink', { more: '&kept' })
  const kept = page.getByRole('region', { name: 'Your receipts' })
  await expect(kept.locator('details.older')).toHaveCount(1)
  // Checked anew, whatever was found when they came: these texts of a scene prove nothing.
  await expect(kept.getByRole('status').first()).toContainText('Not verified: ')
  await expect(kept.getByRole('link', { name: 'Download the verifier' })).toHaveAttribute(
    'href',
    '/verify.html',
  )
  await kept.getByRole('button', { name: 'Remove from this browser' }).first().click()
  await expect(kept.locator('details.older')).toHaveCount(0)
  await kept.getByRole('button', { name: 'Remove from this browser' }).click()
  await expect(kept).toHaveCount(0)
  await open('endLeft')
  await expect(kept).toHaveCount(0)
})

for (const colorScheme of ['light', 'dark'] as const)
  for (const lang of languages)
    test(`nothing that axe complains of, nothing wider than its place (${colorScheme}, ${lang})`, async ({
      page,
      open,
    }) => {
      await page.emulateMedia({ colorScheme })
      for (const size of [
        { width: 1280, height: 800 },
        { width: 390, height: 844 },
      ]) {
        await page.setViewportSize(size)
        await open('call', { lang })
        for (const screen of ['agreedReceipt', 'agreedUnverified', 'withdrawnReceipt'] as const) {
          await play(page, screen)
          await page.locator('.slip .btn').filter({ has: page.locator('svg.i') }).first().click()
          await page.locator('.receipt').waitFor()
          for (const summary of await page.locator('summary').all()) await summary.click()
          await expect(page.locator('.recline')).toBeInViewport({ ratio: 1 })
          expect(await isHit(page.locator('.recline')), screen).toBe(true)
          expect(await page.locator(panel).innerText(), screen).not.toMatch(/\{\w+\}/)
          expect(await findings(page), screen).toEqual([])
          expect(await wider(page.locator('.side-body')), screen).toBe(0)
          await page.keyboard.press('Escape')
        }
        await open('noLink', { lang, more: '&kept' })
        expect(await findings(page)).toEqual([])
        expect(await wider(page.locator('.page'))).toBe(0)
      }
    })

const wider = (element: Locator): Promise<number> =>
  element.evaluate((node) => Math.max(0, node.scrollWidth - node.clientWidth))
