import { mkdirSync } from 'node:fs'
import { chromium, type Page } from '@playwright/test'
import { startDemo } from '../test/e2e/support/running-server.ts'

/** Takes the README's pictures: the real page on the real server, with cameras that show a drawn person. */
const people = [
  ['Maya Ortiz', '#7a8f6b'],
  ['Jonas Weber', '#6b7f8f'],
  ['Amina Diallo', '#8f7a6b'],
  ['Oleh Kovalenko', '#7b6b8f'],
] as const
const purpose = 'Minutes of today’s planning meeting, for those who could not come'

mkdirSync('docs/pictures', { recursive: true })
await using server = await startDemo()
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const links = [server.links.host, ...server.links.guests, await server.invite('fourth')]
const pages: Page[] = []
for (const [place, [name, colour]] of people.entries()) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
  })
  await context.addInitScript(drawnCamera, { colour })
  const page = await context.newPage()
  pages.push(page)
  await page.goto(links[place]!)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: /^Join/ }).click()
  await page.getByRole('region', { name: 'Recording' }).waitFor()
  console.log(`${name} is in`)
}
const [host, guest] = pages as [Page, Page]
await host.getByRole('button', { name: 'Ask to record' }).click()
await host.getByLabel('What is it for?').fill(purpose)
await host.getByRole('button', { name: 'Ask everyone' }).click()
await guest.getByRole('dialog').filter({ hasText: purpose }).waitFor()
await guest.screenshot({ path: 'docs/pictures/consent.png' })
for (const page of pages)
  await page
    .getByRole('dialog')
    .filter({ hasText: purpose })
    .getByRole('button', { name: 'Agree' })
    .click()
await guest.getByText('REC', { exact: true }).first().waitFor()
await guest
  .getByText(/0:0[5-9]/)
  .first()
  .waitFor()
await guest.screenshot({ path: 'docs/pictures/call.png' })
console.log('wrote docs/pictures/consent.png and docs/pictures/call.png')
await browser.close()

function drawnCamera({ colour }: { colour: string }): void {
  const canvas = document.createElement('canvas')
  canvas.width = 960
  canvas.height = 540
  const pen = canvas.getContext('2d')!
  let turn = 0
  const draw = (): void => {
    turn += 1
    const sway = Math.sin(turn / 20) * 6
    pen.fillStyle = '#e9e4da'
    pen.fillRect(0, 0, 960, 540)
    pen.fillStyle = '#d8d1c3'
    pen.fillRect(0, 400, 960, 140)
    pen.fillStyle = colour
    pen.beginPath()
    pen.ellipse(480 + sway, 560, 230, 190, 0, 0, 7)
    pen.fill()
    pen.fillStyle = '#c79f83'
    pen.beginPath()
    pen.ellipse(480 + sway, 270, 88, 112, 0, 0, 7)
    pen.fill()
    pen.fillStyle = '#3d322b'
    pen.beginPath()
    pen.ellipse(480 + sway, 205, 98, 70, 0, Math.PI, 2 * Math.PI)
    pen.fill()
  }
  draw()
  setInterval(draw, 40)
  navigator.mediaDevices.getUserMedia = (wanted) => {
    const stream = new MediaStream()
    if (wanted?.video) stream.addTrack(canvas.captureStream(25).getVideoTracks()[0]!)
    if (wanted?.audio)
      stream.addTrack(new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0]!)
    return Promise.resolve(stream)
  }
}
