/**
 * JOIN-CPU: server CPU for one of 200 people who come at once. Signaling: the TLS connection and the upgrade with a
 * verified token, against a bare `ws` upgrade. With media: all until the snapshot is there, in rooms of four, with both
 * transports in the SFU; the workers' CPU is in it.
 */
import { once } from 'node:events'
import type { WebSocket } from 'ws'
import type { Entrance } from '../client/sdk/entrance.ts'
import { compared, contest } from './support/contest.ts'
import { cpuOf } from './support/cpu.ts'
import { connect, Guest } from './support/guest.ts'
import { startBare, startOurs, type BareServer } from './support/servers.ts'
import { tell } from './support/tell.ts'

const people = 200
const perRoom = 4

await tell(async ({ isQuick, budgetMs }) => {
  // The kernel tells CPU time in steps of 10 ms: one value is the mean of several crowds.
  const crowds = isQuick ? 1 : 3
  await using ours = await startOurs()
  await using baseline = await startBare()
  await using control = await startBare()
  let room = 0

  const invited = (): Promise<Entrance[]> => {
    room += people
    return Promise.all(
      Array.from({ length: people }, (_, index) =>
        ours.entrance(`join-${room + Math.floor(index / perRoom)}`),
      ),
    )
  }
  /** The mean over several crowds, for one person. */
  const mean = async (crowd: () => Promise<number>): Promise<number> => {
    let micros = 0
    for (let count = 0; count < crowds; count++) micros += await crowd()
    return micros / crowds / people
  }
  const upgrades = (
    pid: number,
    offers: readonly { url: string; protocols: string[] }[],
  ): Promise<number> =>
    comeAndGo(
      pid,
      offers.map(
        ({ url, protocols }) =>
          () =>
            connect(url, protocols),
      ),
      hangUp,
    )
  const bare =
    ({ pid, url }: BareServer) =>
    (): Promise<number> =>
      mean(() =>
        upgrades(
          pid,
          Array.from({ length: people }, () => ({ url, protocols: ['assent.v1'] })),
        ),
      )

  const signaling = await contest(budgetMs / 2, {
    ours: () =>
      mean(async () =>
        upgrades(
          ours.pid,
          (await invited()).map(({ url, token }) => ({
            url,
            protocols: ['assent.v1', `assent.jwt.${token}`],
          })),
        ),
      ),
    baseline: bare(baseline),
    control: bare(control),
  })
  const withMedia = await contest(budgetMs / 2, {
    ours: () =>
      mean(async () =>
        comeAndGo(
          ours.pid,
          (await invited()).map((entrance) => () => enter(entrance)),
          (guest) => guest.leave(),
        ),
      ),
    baseline: bare(baseline),
    control: bare(control),
  })
  const write = (micros: number): string => `${(micros / 1000).toFixed(2)} ms`
  return [
    compared({
      metric: 'JOIN-CPU signaling',
      baseline: 'bare ws',
      write,
      atMost: 1.2,
      rounds: signaling,
    }),
    compared({ metric: 'JOIN-CPU with media', baseline: 'bare ws', write, rounds: withMedia }),
  ]
})

/** All come at once: the CPU time until they are in and the server rests. Then they go, unmeasured. */
async function comeAndGo<T>(
  pid: number,
  come: readonly (() => Promise<T>)[],
  go: (one: T) => Promise<void>,
): Promise<number> {
  let inside: T[] = []
  const micros = await cpuOf(pid, async () => {
    inside = await Promise.all(come.map((each) => each()))
  })
  await Promise.all(inside.map(go))
  return micros
}

async function hangUp(socket: WebSocket): Promise<void> {
  socket.terminate()
  await once(socket, 'close')
}

async function enter(entrance: Entrance): Promise<Guest> {
  const guest = new Guest(entrance)
  await guest.joined
  return guest
}
