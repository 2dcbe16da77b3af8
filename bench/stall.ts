/**
 * STALL: how long the server keeps others waiting while 50 people join another room, all streams to all. A bystander, in a
 * thread of its own, pings every 2 ms; the server itself tells the longest delay of its event loop.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { meet } from './support/guest.ts'
import { startOurs, type OurServer } from './support/servers.ts'
import { p99 } from './support/statistics.ts'
import { tell } from './support/tell.ts'

const people = 50
const goalMs = 50

await tell(async ({ isQuick, budgetMs }) => {
  await using server = await startOurs()
  const bystander = new Worker(new URL('support/bystander.ts', import.meta.url), {
    workerData: await server.entrance('bystander'),
  })
  await once(bystander, 'message')

  const busy: number[] = []
  const idle: number[] = []
  const delays: number[] = []
  const until = performance.now() + budgetMs
  for (let round = 0; round < (isQuick ? 1 : 3) || performance.now() < until; round++) {
    const entrances = await Promise.all(
      Array.from({ length: people }, () => server.entrance(`stall-${round}`)),
    )
    await loopDelay(server)
    const guests: Awaited<ReturnType<typeof meet>> = []
    busy.push(
      ...(await pingsDuring(bystander, async () => {
        guests.push(...(await meet(entrances)))
      })),
    )
    delays.push(await loopDelay(server))
    await Promise.all(guests.map((guest) => guest.leave()))
    idle.push(
      ...(await pingsDuring(bystander, async () => {
        await new Promise((done) => setTimeout(done, 1000))
      })),
    )
  }
  await bystander.terminate()

  const write = (pings: readonly number[]): string =>
    `max ${Math.max(...pings).toFixed(1)} ms, ${p99(pings)}, ${pings.length} pings`
  const longest = Math.max(...delays)
  return [
    { metric: 'STALL a bystander’s ping', ours: write(busy), against: `idle: ${write(idle)}` },
    {
      metric: `STALL the server’s loop, ${delays.length} times`,
      ours: `max ${longest.toFixed(1)} ms`,
      goal: `≤ ${goalMs} ms`,
      isMet: longest <= goalMs,
    },
  ]
})

/** The times of all pings that the bystander sent meanwhile, in milliseconds. */
async function pingsDuring(bystander: Worker, work: () => Promise<unknown>): Promise<number[]> {
  bystander.postMessage('start')
  await work()
  const answered = once(bystander, 'message')
  bystander.postMessage('stop')
  const [times]: number[][] = await answered
  return times ?? []
}

/** The longest delay since it was last asked, in milliseconds. */
async function loopDelay(server: OurServer): Promise<number> {
  return (await server.metric('assent_event_loop_delay_seconds{quantile="1"}')) * 1000
}
