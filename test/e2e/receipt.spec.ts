import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test as base, type Browser, type Page } from '@playwright/test'
import { formatReceipt } from '#audit/verify'
import { pendingPolicy, ReceiptScene } from '../support/receipts.ts'
import { answer, ask, enter } from './support/people.ts'
import { assent, startDemo } from './support/running-server.ts'
import { findings, languages } from './support/screens-test.ts'

/** `verifier`: the file as it was built, opened from the disk by somebody who has no server and no network. */
const test = base.extend<{ verifier: Page }, { scene: ReceiptScene }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures that are wanted from this pattern.
  scene: [
    async ({}, use) => {
      await using scene = await ReceiptScene.open()
      await use(scene)
    },
    { scope: 'worker' },
  ],
  verifier: async ({ browser }, use) => {
    const page = await openedFromDisk(browser, 'dist/web/verify.html')
    await use(page)
    await page.context().close()
  },
})
const purpose = 'Minutes for those who are away'

test('a receipt outlives its server: downloaded, it is verified from a file alone, and not when a byte is another', async ({
  browser,
  scene,
}) => {
  test.setTimeout(300_000)
  const folder = await mkdtemp(join(tmpdir(), 'assent-kept-'))
  const receiptFile = join(folder, 'receipt.json')
  const verifierFile = join(folder, 'assent-verify.html')
  let policy = ''

  {
    await using server = await startDemo()
    const maya = await enter(browser, server.links.host, 'Maya', 1)
    const alice = await enter(browser, server.links.guests[0]!, 'Alice', 2)
    await ask(maya, purpose)
    await answer(maya, 'Agree', purpose)
    await answer(alice, 'Agree', purpose)
    await expect(alice.line).toContainText('REC')

    await test.step('the page has verified it by itself, and says what it proves', async () => {
      await alice.page.getByRole('button', { name: 'Your receipt', exact: true }).click()
      const panel = alice.page.getByRole('complementary', { name: 'Your receipts' })
      await expect(panel.getByRole('status')).toHaveText('Verified, just now, in your browser')
      await expect(panel.getByRole('heading', { level: 3 })).toContainText(
        'You agreed to this recording on',
      )
      for (const said of [purpose, 'Maya', 'your own key, made for this call', 'Who sat at your'])
        await expect(panel).toContainText(said)
      await panel.getByRole('button', { name: 'Check again' }).click()
      await expect(panel.getByRole('status')).toHaveText('Verified, just now, in your browser')
      expect(await findings(alice.page)).toEqual([])
    })
    await test.step('the record line leads to it as well', async () => {
      await alice.page.keyboard.press('Escape')
      await alice.line.getByRole('button', { name: 'everyone agreed' }).click()
      await alice.page
        .getByRole('complementary', { name: 'About this recording' })
        .getByRole('button', { name: 'Your receipt' })
        .click()
      await expect(
        alice.page.getByRole('complementary', { name: 'Your receipts' }),
      ).toContainText(purpose)
    })
    await test.step('after the call it is still there, and can be taken away', async () => {
      await alice.page.getByRole('button', { name: 'Leave' }).click()
      const kept = alice.page.getByRole('region', { name: 'Your receipts' })
      await expect(kept).toContainText('Verified, just now, in your browser')
      await saved(alice.page, 'Download receipt', receiptFile)
      await saved(alice.page, 'Download the verifier', verifierFile)
      expect(alice.problems).toEqual([])
      expect(alice.foreign).toEqual([])
    })
    policy = await (await alice.page.request.get(`${server.url}/log/policy`)).text()
    for (const { page } of [maya, alice]) await page.context().close()
  }

  const page = await openedFromDisk(browser, verifierFile)
  const receipt = await readFile(receiptFile)
  await test.step('the server is gone; the file from the disk verifies it', async () => {
    await drop(page, { name: 'receipt.json', body: receipt })
    const card = page.locator('[data-state=verified]')
    await expect(card).toContainText('A person agreed to be recorded on')
    for (const said of [purpose, 'Alice, by the server’s word', 'Maya', 'Who sat at the device'])
      await expect(card).toContainText(said)
    await expect(page.getByRole('status')).toHaveText('1 of 1 verified')
  })
  await test.step('so does the command, by the same policy', async () => {
    await writeFile(join(folder, 'policy'), policy)
    expect(assent('verify', receiptFile, '--policy', join(folder, 'policy'))).toContain('VERIFIED')
  })
  await test.step('one byte is another: refused, with the reason and its code', async () => {
    const altered = Buffer.from(receipt)
    const place = altered.indexOf('"opening":"') + 400
    altered[place] = altered[place] === 0x41 ? 0x42 : 0x41
    await drop(page, { name: 'altered.json', body: altered })
    const card = page.locator('[data-state=refused]')
    await expect(card).toContainText(/Refused: .+\./)
    await expect(card).toContainText(/Code: [a-z-]+/)
    await expect(page.getByRole('status')).toHaveText('1 of 2 verified')
  })
  await test.step('a receipt of another log: unknown, and it says which', async () => {
    const { index } = await scene.answered({ decision: 'given' })
    await drop(page, { name: 'stranger.json', body: formatReceipt(await scene.receipt(index)) })
    const card = page.locator('[data-state=refused]').filter({ hasText: 'stranger.json' })
    await expect(card).toContainText('it is of a log that is not trusted here')
    await expect(card).toContainText('It says that it is of the log localhost:4443/consent/test')
    await expect(card).toContainText('Code: note-unsigned')
  })
  await page.context().close()
  await rm(folder, { recursive: true })
})

test.describe('the verifier, from a disk', () => {
  test('says whose word is missing, and checks as soon as a policy is dropped', async ({
    verifier: page,
    scene,
  }) => {
    const { index } = await scene.answered({ decision: 'given' })
    await drop(page, { name: 'yes.json', body: formatReceipt(await scene.receipt(index)) })
    const card = page.locator('.receipt-card')
    await expect(card).toHaveAttribute('data-state', 'untried')
    await expect(card).toContainText('Whose signature counts, only you can say')
    await drop(page, { name: 'policy', body: policyOf(scene) })
    await expect(card).toHaveAttribute('data-state', 'verified')
    await expect(page.locator('.trust')).toContainText('The policy in your file policy.')
    await expect(page.locator('.trust')).toContainText('localhost:4443/consent/test')
  })

  test('takes a pair of files, a silence, and pending witnesses, and says what each leaves open', async ({
    verifier: page,
    scene,
  }) => {
    const yes = await scene.answered({ decision: 'given' })
    const silent = await scene.answered({ decision: 'refused', cause: 'timeout', isSigned: false })
    const { tlogProof, opening } = await scene.receipt(yes.index)
    await drop(
      page,
      { name: 'policy', body: pendingPolicy(scene.log.vkey) },
      { name: 'a.tlog-proof', body: tlogProof },
      { name: 'a.opening.json', body: opening },
      { name: 'half.opening.json', body: opening },
      { name: 'silent.json', body: formatReceipt(await scene.receipt(silent.index)) },
    )
    const of = (name: string) => page.locator('.receipt-card').filter({ hasText: name })
    await expect(of('a.tlog-proof')).toContainText('That witnesses have seen it: too few have')
    await expect(of('half.opening.json')).toContainText('Its other half is missing')
    await expect(of('silent.json')).toContainText('A person gave no answer')
    await expect(of('silent.json')).toContainText('nobody: the server alone attests it')
  })

  test('turns on two receipts that convict their log, though each had been sound by itself', async ({
    verifier: page,
    scene,
  }) => {
    await using second = await scene.second()
    const mine = await scene.answered({ decision: 'given' })
    // As many entries as the other has.
    let yours = await second.answered({ decision: 'refused' })
    while (yours.index < mine.index) yours = await second.answered({ decision: 'refused' })
    await drop(
      page,
      { name: 'policy', body: policyOf(scene) },
      { name: 'mine.json', body: formatReceipt(await scene.receipt(mine.index)) },
    )
    await expect(page.getByRole('status')).toHaveText('1 of 1 verified')
    const body = formatReceipt(await second.receipt(yours.index))
    await drop(page, { name: 'yours.json', body })
    for (const name of ['mine.json', 'yours.json']) {
      const card = page.locator('[data-state=refused]').filter({ hasText: name })
      await expect(card).toContainText('the log shows different people different histories')
      await expect(card).toContainText('Code: log-forked')
    }
    await expect(page.getByRole('status')).toHaveText('0 of 2 verified')
  })

  test('shows a policy that cannot be read, with its line, and trusts nobody by it', async ({
    verifier: page,
    scene,
  }) => {
    const { index } = await scene.answered({ decision: 'given' })
    await drop(
      page,
      { name: 'policy', body: `log ${scene.log.vkey}\n` },
      { name: 'yes.json', body: formatReceipt(await scene.receipt(index)) },
    )
    await expect(page.getByRole('alert')).toContainText('Code: policy-quorum-missing')
    await expect(page.locator('.receipt-card')).toHaveAttribute('data-state', 'untried')
  })

  test('is used by keyboard alone: the results have the focus once they are there', async ({
    verifier: page,
    scene,
  }) => {
    const { index } = await scene.answered({ decision: 'given' })
    await page.keyboard.press('Tab')
    await expect(page.getByLabel('Language')).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(page.getByRole('button', { name: 'Choose files' })).toBeFocused()
    const input = page.locator('.dropzone input[type=file]')
    // What a browser opens then is its own.
    await input.evaluate((node: HTMLElement) => {
      node.addEventListener('click', (event) => {
        event.preventDefault()
        node.dataset['opened'] = 'yes'
      })
    })
    await page.keyboard.press('Enter')
    await expect(input).toHaveAttribute('data-opened', 'yes')
    await input.setInputFiles([
      { name: 'policy', mimeType: '', buffer: Buffer.from(policyOf(scene)) },
      {
        name: 'yes.json',
        mimeType: '',
        buffer: Buffer.from(formatReceipt(await scene.receipt(index))),
      },
    ])
    await expect(page.locator('.receipt-card')).toHaveAttribute('data-state', 'verified')
    await expect(page.getByRole('heading', { name: 'Results' })).toBeFocused()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    test(`has nothing that axe complains of, fits 390 px, asks nobody, in five languages (${colorScheme})`, async ({
      verifier: page,
      scene,
    }) => {
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.emulateMedia({ colorScheme })
      const { index } = await scene.answered({ decision: 'given' })
      const receipt = formatReceipt(await scene.receipt(index))
      await drop(
        page,
        { name: 'policy', body: policyOf(scene) },
        { name: 'yes.json', body: receipt },
        { name: 'cut.json', body: receipt.slice(0, -1) },
        { name: 'half.tlog-proof', body: 'half' },
      )
      await expect(page.getByRole('status')).toHaveText('1 of 3 verified')
      for (const details of await page.locator('details').all())
        await details.locator('summary').click()
      for (const width of [1280, 390])
        for (const language of languages) {
          await page.setViewportSize({ width, height: 844 })
          await page.getByRole('combobox').selectOption(language)
          await expect(page.locator('html')).toHaveAttribute('lang', language)
          expect(await findings(page), language).toEqual([])
          const over = await page.evaluate(
            () => document.querySelector('.page')!.scrollWidth - document.documentElement.clientWidth,
          )
          expect(over, `${language} at ${width}`).toBeLessThanOrEqual(0)
        }
      expect(asked).toEqual([])
    })

  test('may reach nobody, whatever gets into it', async ({ verifier: page }) => {
    const blocked = page.waitForEvent('console', (message) =>
      message.text().includes('Content Security Policy'),
    )
    const reached = await page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'document.title = "run"'
      document.head.append(script)
      return fetch('https://127.0.0.1:9/').then(
        () => 'reached',
        () => document.title,
      )
    })
    await blocked
    expect(reached).toBe('Check a receipt · Assent')
  })
})

const policyOf = ({ log }: ReceiptScene): string => `log ${log.vkey}\nquorum none\n`

/** A page of its own that has no network, and fails the test with whatever it complains of. */
async function openedFromDisk(browser: Browser, path: string): Promise<Page> {
  const context = await browser.newContext({
    offline: true,
    locale: 'en-GB',
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(pathToFileURL(path).href)
  await expect(page.getByRole('heading', { name: 'Check a receipt' })).toBeVisible()
  return page
}

type Some = { readonly name: string; readonly body: string | Uint8Array }

/** As a hand drops files onto the page. */
async function drop(page: Page, ...files: readonly Some[]): Promise<void> {
  const carried = files.map(({ name, body }) => ({
    name,
    bytes: [...Buffer.from(body)],
  }))
  const transfer = await page.evaluateHandle((all) => {
    const data = new DataTransfer()
    for (const { name, bytes } of all) data.items.add(new File([new Uint8Array(bytes)], name))
    return data
  }, carried)
  await page.dispatchEvent('.dropzone', 'drop', { dataTransfer: transfer })
}

async function saved(page: Page, button: string, path: string): Promise<void> {
  const downloading = page.waitForEvent('download')
  await page.getByText(button, { exact: true }).click()
  await (await downloading).saveAs(path)
}
