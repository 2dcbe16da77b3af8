import { AxeBuilder } from '@axe-core/playwright'
import { test as base, type Locator, type Page } from '@playwright/test'
import type { Screens } from '../screens/main.tsx'
import type { SceneName } from './scenes.ts'
import { startSite, type Site } from './screens-site.ts'

export { expect } from '@playwright/test'
export const languages = ['en', 'de', 'fr', 'es', 'uk'] as const

declare global {
  // Put there by screens/main.tsx.
  var screens: Screens
}

export interface Opening {
  readonly lang?: string
  /** Further parameters of the page, as `&name=value`. */
  readonly more?: string
}

/** `open` shows a screen and waits for it; what a page must never do fails the test that saw it. */
export const test = base.extend<
  {
    open: (screen: SceneName | 'join' | 'noLink', opening?: Opening) => Promise<void>
    clean: void
  },
  { site: Site }
>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures that are wanted from this pattern.
  site: [
    async ({}, use) => {
      const site = await startSite('screens')
      await use(site)
      await site[Symbol.asyncDispose]()
    },
    { scope: 'worker' },
  ],
  clean: [
    async ({ page, site }, use) => {
      const faults: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
      })
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(site.url) && !/^(data|blob):/.test(request.url()))
          faults.push(`request to ${request.url()}`)
      })
      await use()
      base.expect(faults, 'console errors and requests to other hosts').toEqual([])
    },
    { auto: true },
  ],
  open: async ({ page, site }, use) => {
    await use(async (screen, { lang = 'en', more = '' } = {}) => {
      await page.goto(`${site.url}/?screen=${screen}&lang=${lang}${more}`)
      await page
        .locator(
          screen === 'join' || screen === 'connecting'
            ? '.join'
            : screen === 'noLink' || (screen.startsWith('end') && !screen.startsWith('ended'))
              ? '.ending'
              : '.call',
        )
        .first()
        .waitFor()
    })
  },
})

/** Shows another scene on the same page, as the server's next word would. */
export const play = (page: Page, scene: SceneName): Promise<void> =>
  page.evaluate((name) => screens.play(name), scene)

/** What the page asked of its call, without what it says of its own streams. */
export const asked = (page: Page): Promise<unknown[]> =>
  page.evaluate(() =>
    screens.call.acts
      .filter(([name]) => !['watchOnly', 'microphone', 'camera', 'screen'].includes(name))
      .map((act) => [...act]),
  )

/** What axe finds on what the page shows now: by all of its rules, or by those that are named. */
export async function findings(page: Page, rules: readonly string[] = []): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules.length === 0 ? axe : axe.withRules([...rules])).analyze()
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target }) => `${impact}: ${id} at ${target.join(' ')}`),
  )
}

/** Whether the middle of an element is what a finger would meet there. */
export const isHit = (element: Locator): Promise<boolean> =>
  element.evaluate((node) => {
    const { left, top, width, height } = node.getBoundingClientRect()
    const met = document.elementFromPoint(left + width / 2, top + height / 2)
    return width > 0 && met !== null && (node === met || node.contains(met))
  })
