import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from '@playwright/test'
import { answer, ask, enter, expectMediaFlows, sightings, type Person } from './support/people.ts'
import { complaintsOf, marksOf, shotsOf } from './support/probe.ts'
import type { Sighting } from './support/record-line.ts'
import { assent, startDemo, type RunningServer } from './support/running-server.ts'

/** How far picture and sound of one person may be apart, in milliseconds. */
const syncMs = 40

test('a no leaves nothing; a yes of all is recorded; a newcomer pauses it; a withdrawal ends it', async ({
  browser,
}) => {
  test.setTimeout(300_000)
  await using server = await startDemo()
  const recordings = join(server.dataDir, 'recordings')
  const [hostLink, aliceLink, bobLink] = [server.links.host, ...server.links.guests]
  const maya = await enter(browser, hostLink!, 'Maya', 1)
  const alice = await enter(browser, aliceLink!, 'Alice', 2)
  const bob = await enter(browser, bobLink!, 'Bob', 3)
  const three = [maya, alice, bob]
  for (const person of three) await expectMediaFlows(person, 2)

  await test.step('one declines: nothing on disk, nobody’s media changed', async () => {
    const before = await streams(server)
    await ask(maya, 'Minutes of the meeting')
    await answer(maya, 'Agree', 'Minutes of the meeting')
    await answer(bob, 'Agree', 'Minutes of the meeting')
    // Last, since the asking ends soon after a no.
    await answer(alice, 'Decline', 'Minutes of the meeting')
    for (const { line } of three) await expect(line).toContainText('not everyone agreed')
    expect(existsSync(recordings)).toBe(false)
    expect(await streams(server)).toEqual(before)
    for (const person of three) await expectMediaFlows(person, 2)
  })

  await test.step('the same purpose is not asked again', async () => {
    await ask(maya, 'minutes of the MEETING')
    await expect(
      maya.page.getByRole('alert').filter({ hasText: 'It is not asked again' }),
    ).toBeVisible()
    await maya.page.getByRole('button', { name: 'Close without asking' }).click()
  })

  await test.step('another purpose, all agree: recorded', async () => {
    await ask(maya, 'A talk for absent colleagues')
    expect(existsSync(recordings)).toBe(false)
    for (const person of three) await answer(person, 'Agree', 'A talk for absent colleagues')
    for (const { line } of three) await expect(line).toContainText('REC')
    await expect.poll(() => recorderConsumers(server)).toBe(6)
    await recordFor(maya, 6)
    expect(await withoutPermit(server)).toBe(0)
  })

  const dana = await enter(browser, await server.invite('dana'), 'Dana', 4)
  const four = [...three, dana]
  await test.step('a fourth comes: paused until they have decided', async () => {
    for (const { line } of four) await expect(line).toContainText('PAUSED')
    expect(await recorderConsumers(server)).toBe(0)
    await answer(dana, 'Agree', 'A talk for absent colleagues')
    for (const { line } of four) await expect(line).toContainText('REC')
    await expect.poll(() => recorderConsumers(server)).toBe(8)
    await recordFor(maya, 6)
  })

  await test.step('one withdraws: stopped for all, the call goes on', async () => {
    await bob.page
      .getByRole('button', { name: 'Withdraw my consent to this recording now' })
      .click()
    for (const { line } of four) await expect(line).toContainText('not everyone agrees any more')
    expect(await recorderConsumers(server)).toBe(0)
    await expect(
      bob.page.getByRole('heading', { name: 'Nothing more of you is recorded' }),
    ).toBeVisible()
    for (const person of four) await expectMediaFlows(person, 3)
    expect(await withoutPermit(server)).toBe(0)
  })

  const seen = new Map(
    await Promise.all(four.map(async (person) => [person.name, await sightings(person)] as const)),
  )
  // What follows reads files and needs the machine's cores for itself.
  for (const { page } of four) await page.context().close()
  for (const { name, problems, foreign } of four) {
    expect(problems, `console of ${name}`).toEqual([])
    expect(foreign, `requests of ${name} to others`).toEqual([])
  }
  const opened = await test.step('the recording opens, and decodes without a word', () =>
    open(server.dataDir))
  expect([...new Set(opened.map(({ person }) => person))].sort()).toEqual([
    'Alice',
    'Bob',
    'Dana',
    'Maya',
  ])
  for (const { file } of opened) expect(complaintsOf(file), file).toBe('')

  await test.step('it holds exactly the agreed people and intervals', () => {
    for (const [number, name] of ['Maya', 'Alice', 'Bob', 'Dana'].entries()) {
      const shots = opened
        .filter(({ person, source }) => person === name && source === 'camera')
        .flatMap(({ file }) => {
          const { shots: read, frames } = shotsOf(file)
          expect(read.length / frames).toBeGreaterThan(0.9)
          return read
        })
      expect(new Set(shots.map(({ person }) => person))).toEqual(new Set([number + 1]))
      const intervals = recordedIntervals(seen.get(name)!)
      for (const { time } of shots)
        expect(
          intervals.some(({ from, to }) => time >= from && time <= to),
          `a frame of ${name} at ${time} in ${JSON.stringify(intervals)}`,
        ).toBe(true)
      const filled = intervals.filter(
        ({ from, to }) => shots.filter(({ time }) => time >= from && time <= to).length > 20,
      )
      expect(filled.length, `intervals of ${name} with pictures in them`).toBeGreaterThanOrEqual(
        name === 'Dana' ? 1 : 2,
      )
    }
  })

  await test.step('picture and sound belong together', () => {
    const { startedAt } = JSON.parse(
      readFileSync(join(dirname(dirname(opened[0]!.file)), 'manifest.json'), 'utf8'),
    ) as { startedAt: number }
    for (const name of ['Maya', 'Alice', 'Bob', 'Dana']) {
      const of = (source: string) =>
        opened.filter((one) => one.person === name && one.source === source)
      const picture = median(
        of('camera')
          .flatMap(({ file }) => shotsOf(file).shots)
          .map(({ pts, time }) => startedAt + pts - time),
      )
      const sound = median(
        of('microphone')
          .flatMap(({ file }) => marksOf(file))
          .map((at) => sinceFullSecond(startedAt + at)),
      )
      // Marks name no second: on a slow machine both may be more than half of one behind.
      expect(
        Math.abs(sinceFullSecond(picture - sound)),
        `${name}: picture ${picture} ms, sound ${sound} ms behind the clock`,
      ).toBeLessThanOrEqual(syncMs)
    }
  })

  await test.step('the log is proved', () => {
    const said = assent('verify', '--data', join(server.dataDir, 'log'))
    expect(said).toContain('VERIFIED')
  })
})

type Opened = { readonly person: string; readonly source: string; readonly file: string }

function open(dataDir: string): Opened[] {
  const [recording, ...others] = globSync(join(dataDir, 'recordings', '*'))
  expect(others).toEqual([])
  const out = join(dataDir, 'opened')
  assent('open', recording!, '--identity', join(dataDir, 'demo', 'reader.key'), '--out', out)
  return globSync(join(out, '*', '*.mkv'))
    .map((file) => ({
      person: basename(dirname(file)),
      source: basename(file, '.mkv').replace(/-\d+$/, ''),
      file,
    }))
    .filter(({ source }) => source === 'camera' || source === 'microphone')
}

const recorderConsumers = ({ metric }: RunningServer) => metric('assent_recorder_consumers')
const withoutPermit = ({ metric }: RunningServer) =>
  metric('assent_recorder_consumers_without_permit')
const streams = ({ metric }: RunningServer) =>
  Promise.all([metric('assent_producers'), metric('assent_consumers')])

/** Waits until the record line counts so many seconds of recorded time more than now. */
async function recordFor({ line }: Person, seconds: number): Promise<void> {
  const elapsed = async () => {
    const [, minutes, rest] = /(\d+):(\d\d)/.exec(await line.innerText()) ?? ['', '0', '0']
    return Number(minutes) * 60 + Number(rest)
  }
  const before = await elapsed()
  await expect.poll(elapsed, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + seconds)
}

/** From each REC on a page to whatever came after it. */
function recordedIntervals(seen: readonly Sighting[]): { from: number; to: number }[] {
  return seen.flatMap(({ state, at }, place) =>
    state === 'on' ? [{ from: at, to: seen[place + 1]?.at ?? Infinity }] : [],
  )
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const sinceFullSecond = (time: number): number => ((time + 500) % 1000) - 500
