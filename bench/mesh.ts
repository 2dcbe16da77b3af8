/**
 * MESH-20, MESH-50: from the first connection until everyone of so many people, each with microphone and camera, knows
 * the streams of all others; against the bare loop over mediasoup's `consume` for as many streams. Ours has in it the
 * connections, the tokens, the transports, the producers and every message; the loop has none of that.
 */
import { compared, contest } from './support/contest.ts'
import { meet } from './support/guest.ts'
import { openPlainMesh, type PlainMesh } from './support/plain-mesh.ts'
import { startOurs, type OurServer } from './support/servers.ts'
import { tell } from './support/tell.ts'

let room = 0

await tell(async ({ isQuick, budgetMs }) => {
  await using server = await startOurs()
  await using mesh = await openPlainMesh(server.capabilities)
  await using copy = await openPlainMesh(server.capabilities)
  const rows = []
  for (const people of isQuick ? [20] : [20, 50]) {
    const rounds = await contest(budgetMs / 2, {
      ours: () => ours(server, people),
      baseline: () => loop(mesh, people),
      control: () => loop(copy, people),
    })
    rows.push(
      compared({
        metric: `MESH-${people}`,
        baseline: 'consume loop',
        write: (ms) => `${ms.toFixed(0)} ms`,
        rounds,
        ...(people === 50 && { atMost: 1.6 }),
      }),
    )
  }
  return rows
})

async function ours(server: OurServer, people: number): Promise<number> {
  room += 1
  const entrances = await Promise.all(
    Array.from({ length: people }, () => server.entrance(`mesh-${room}`)),
  )
  const start = performance.now()
  const guests = await meet(entrances)
  const ms = performance.now() - start
  await Promise.all(guests.map((guest) => guest.leave()))
  return ms
}

async function loop(mesh: PlainMesh, people: number): Promise<number> {
  return await mesh.run(people, async (work) => {
    const start = performance.now()
    await work()
    return performance.now() - start
  })
}
