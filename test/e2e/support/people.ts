import { expect, type Browser, type Locator, type Page } from '@playwright/test'
import { installClockCamera } from './clock-camera.ts'
import { watchRecordLine, type Sighting } from './record-line.ts'

/** One person in a browser of their own, in the call. What went wrong on their page is collected. */
export type Person = {
  readonly page: Page
  readonly name: string
  /** The record line, where the truth about recording stands. */
  readonly line: Locator
  readonly problems: readonly string[]
  /** Requests to anyone but the server. */
  readonly foreign: readonly string[]
}

/** `number` is what the clock camera shows. The page is English. */
export async function enter(
  browser: Browser,
  link: string,
  name: string,
  number: number,
): Promise<Person> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
  })
  await context.addInitScript(installClockCamera, number)
  await context.addInitScript(watchRecordLine)
  await context.addInitScript(keepPlayers)
  const page = await context.newPage()
  const problems: string[] = []
  const foreign: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'blob:' && origin !== new URL(link).origin)
      foreign.push(request.url())
  })
  await page.goto(link)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: /^Join/ }).click()
  const line = page.getByRole('region', { name: 'Recording' })
  await expect(line).toContainText(/Nothing is being recorded|REC|PAUSED|Recording ended/)
  return { page, name, line, problems, foreign }
}

/** The host asks; everyone reads the notice. */
export async function ask(
  { page }: Person,
  purpose: string,
  rule: 'Everyone' | 'Each for themselves' = 'Everyone',
): Promise<void> {
  await page.getByRole('button', { name: 'Ask to record' }).click()
  await page.getByLabel('What is it for?').fill(purpose)
  await page.getByRole('radio', { name: rule }).check()
  await page.getByRole('button', { name: 'Ask everyone' }).click()
}

export async function answer(
  { page }: Person,
  word: 'Agree' | 'Decline',
  purpose: string,
): Promise<void> {
  const notice = page.getByRole('dialog').filter({ hasText: purpose })
  await notice.getByRole('button', { name: word, exact: true }).click()
  await expect(notice).toBeHidden()
}

/** Pictures of others are decoded and their sound has energy, now and not only a while ago. */
export async function expectMediaFlows({ page, name }: Person, others: number): Promise<void> {
  const before = await framesOf(page)
  await expect
    .poll(
      async () => {
        const now = await framesOf(page)
        return now.filter(
          ({ id, frames }) => frames > (before.find((one) => one.id === id)?.frames ?? 0),
        ).length
      },
      { message: `${name} sees ${others} others moving` },
    )
    .toBeGreaterThanOrEqual(others)
  await expect
    .poll(() => loudOthers(page), { message: `${name} hears ${others} others` })
    .toBe(others)
}

/** Sound needs no element in the document: what is told to play is kept, so that it can be listened to. */
function keepPlayers(): void {
  window.players = new Set()
  const play = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'play')!
    .value as () => Promise<void>
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    window.players.add(this)
    return play.call(this)
  }
}

declare global {
  interface Window {
    players: Set<HTMLMediaElement>
  }
}

/** When this page first showed each state of the record line, by its own clock (ms epoch). */
export const sightings = ({ page }: Person): Promise<Sighting[]> =>
  page.evaluate(() => window.recordLineSeen)

const framesOf = (page: Page): Promise<{ id: string; frames: number }[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('video')]
      .filter(({ srcObject, videoWidth }) => srcObject !== null && videoWidth > 0)
      .map((video) => ({
        id: (video.srcObject as MediaStream).getVideoTracks()[0]?.id ?? '',
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
      })),
  )

/** How many players play sound of others with energy in it. */
const loudOthers = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const context = new AudioContext()
    const playing = [...window.players].filter(
      ({ srcObject, muted, paused }) =>
        !muted &&
        !paused &&
        srcObject instanceof MediaStream &&
        srcObject.getAudioTracks().length > 0,
    )
    const levels = await Promise.all(
      playing.map(async ({ srcObject }) => {
        const analyser = context.createAnalyser()
        context.createMediaStreamSource(srcObject as MediaStream).connect(analyser)
        const samples = new Float32Array(analyser.fftSize)
        for (let turn = 0; turn < 50; turn++) {
          await new Promise((done) => setTimeout(done, 20))
          analyser.getFloatTimeDomainData(samples)
          const energy = Math.sqrt(
            samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length,
          )
          if (energy > 0.002) return true
        }
        return false
      }),
    )
    await context.close()
    return levels.filter(Boolean).length
  })
