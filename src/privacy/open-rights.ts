import { openMasterKey } from '#audit'
import { RightsId, type LogKeys } from '#protocol'
import { archiveOf } from './archive.ts'
import { meHandlers, type MeHandlers } from './me-acts.ts'
import { dueOf, type Lives } from './retention.ts'
import { RightsDatabase } from './rights-database.ts'
import { rightsCommands, type RightsCommands } from './rights-commands.ts'
import { RightsOffice } from './rights.ts'
import type { RightsWorld } from './rights-world.ts'
import type { Shelf } from './shelf.ts'
import { Tickets } from './tickets.ts'

/** The rights of the people whose data lie here, with all the ways to them. */
export interface Rights extends Disposable {
  readonly acts: MeHandlers
  readonly commands: RightsCommands
  readonly wishesOf: RightsOffice['wishesOf']
  /** Null for a ticket that is no good. Its demand is met when the last piece was taken. */
  archive(ticket: string): Promise<AsyncIterable<Uint8Array> | null>
  /** Closed demands, each until its end. */
  shelf(lives: Lives): Shelf
  /** Once, before anybody comes: what a crash interrupted is done. From then on `observe` is told. */
  start(): Promise<void>
}

/** Demands that nobody has answered yet. */
export type OpenDemands = { readonly open: number; readonly overdue: number }

type Options = Omit<RightsWorld, 'logKeys'> & {
  readonly dir: string
  readonly vaultKeyFile: string
  readonly statementJwk: LogKeys['statementJwk']
  /** At the start, and each minute. */
  readonly observe: (demands: OpenDemands) => void
}

/** Opens rights.db and rights-keys.db in `dir`. Disposing it closes them. Throws as the log does when it opens. */
export function openRights({ dir, vaultKeyFile, statementJwk, observe, ...some }: Options): Rights {
  const { log, now } = some
  const world = { ...some, logKeys: { origin: log.origin, vkey: log.vkey, statementJwk } }
  const database = new RightsDatabase(dir, openMasterKey(vaultKeyFile, false))
  const office = new RightsOffice(world, database)
  const tickets = new Tickets()
  let timer: NodeJS.Timeout | undefined

  function count(): void {
    const open = office.list()
    observe({ open: open.length, overdue: open.filter(({ isOverdue }) => isOverdue).length })
  }

  return {
    acts: meHandlers({ office, tickets, now }),
    commands: rightsCommands({ office, tickets, log, now }),
    wishesOf: (who) => office.wishesOf(who),
    archive: async (name) => {
      const ticket = tickets.redeem(name, now())
      if (ticket === null) return null
      return archiveOf(world, await office.access(ticket.asking), ticket.lang)
    },
    shelf: (lives) => ({
      kind: 'rights-request',
      due: async (at) =>
        dueOf('rights-request', database.closed(), { lives, now: at, holds: new Set() }),
      remove: async (id) => database.remove(RightsId.parse(id)),
    }),
    start: async () => {
      await office.resume()
      count()
      timer = setInterval(count, 60_000)
    },
    [Symbol.dispose]: () => {
      clearInterval(timer)
      database[Symbol.dispose]()
    },
  }
}
