/**
 * FIRST-FRAME: from the click on Join to the first decoded picture of someone else, in real browsers on the real page.
 * A round trip of 100 ms is added to the signaling path alone; the difference to none tells how many round trips are in
 * it, those of TLS and the upgrade included. With a round trip of two seconds it shows which messages waited for an answer.
 */
import { chromium, type Browser, type Page } from '@playwright/test'
import config from '../playwright.config.ts'
import { chromiumTrust, startOurs } from './support/servers.ts'
import { openSlowPath } from './support/slow-path.ts'
import { median, shuffled, spread } from './support/statistics.ts'
import { tell } from './support/tell.ts'
import { waitsIn, type Message } from './support/waits.ts'
import { watchPage, type Seen } from './support/watch-page.ts'

const roundTripMs = 100
const longRoundTripMs = 2000

await tell(async ({ isQuick, budgetMs }) => {
  await using server = await startOurs()
  await using path = await openSlowPath(server.port)
  const { args = [], ...launching } = config.use?.launchOptions ?? {}
  await using browser = await chromium.launch({ ...launching, args: [...args, chromiumTrust()] })
  const link = async (port: number, name: string): Promise<string> =>
    `https://localhost:${port}/#token=${await server.token('first-frame', name)}`

  // Already in the call, over no slow path; and the browser's capabilities are known to the server from here on.
  await join(await openPage(browser, await link(server.port, 'Sender')))

  async function arrive(addedMs: number): Promise<Seen & { messages: Message[] }> {
    path.oneWayMs = 0
    const page = await openPage(browser, await link(path.port, 'Viewer'))
    path.oneWayMs = addedMs / 2
    const messages = listen(page)
    await join(page)
    await page.waitForFunction(() => window.seen.firstFrameAt > 0)
    const seen = await page.evaluate(() => window.seen)
    await page.context().close()
    return { ...seen, messages }
  }

  const times = { none: [] as number[], added: [] as number[] }
  await arrive(0)
  const until = performance.now() + budgetMs
  for (let round = 0; round < (isQuick ? 2 : 5) || performance.now() < until; round++) {
    for (const which of shuffled(['none', 'added'] as const)) {
      const { clickedAt, firstFrameAt } = await arrive(which === 'added' ? roundTripMs : 0)
      times[which].push(firstFrameAt - clickedAt)
    }
  }
  const waits: number[] = []
  for (let count = 0; count < (isQuick ? 2 : 3); count++) {
    const { messages, firstFrameAt } = await arrive(longRoundTripMs)
    waits.push(waitsIn(messages, firstFrameAt, longRoundTripMs))
  }

  const trips = spread(
    times.added.map((ms, index) => (ms - (times.none[index] ?? NaN)) / roundTripMs),
  )
  // A page that waits does so every time; a machine that is slow for a moment only looks like it.
  const fewest = Math.min(...waits)
  return [
    {
      metric: `FIRST-FRAME-100, ${times.added.length} times`,
      ours: `${median(times.added).toFixed(0)} ms`,
      against: `nothing added: ${median(times.none).toFixed(0)} ms`,
    },
    {
      metric: 'FIRST-FRAME round trips',
      ours: `${trips.median.toFixed(1)} [${trips.low.toFixed(1)}, ${trips.high.toFixed(1)}]`,
    },
    {
      metric: `FIRST-FRAME waits after the upgrade, fewest of ${waits.length}`,
      ours: `${fewest}`,
      goal: '0',
      isMet: fewest === 0,
    },
  ]
})

async function openPage(browser: Browser, link: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB' })
  await context.addInitScript(watchPage)
  const page = await context.newPage()
  await page.goto(link)
  // The own camera runs: what is measured is the call, not the device.
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].some(({ videoWidth }) => videoWidth > 0),
  )
  return page
}

async function join(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Join/ }).click()
}

function listen(page: Page): Message[] {
  const messages: Message[] = []
  page.on('websocket', (socket) => {
    socket.on('framesent', () => messages.push({ from: 'page', at: Date.now() }))
    socket.on('framereceived', () => messages.push({ from: 'server', at: Date.now() }))
  })
  return messages
}
