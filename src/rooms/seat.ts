import { renewed, type Principal } from '#auth'
import {
  CallError,
  type Grants,
  type Method,
  type Params,
  type Result,
  type Sha256,
} from '#protocol'
import type { EntryPass, Line, Seat } from './door.ts'
import { handlers, type Handled, type Handler } from './handlers/index.ts'
import type { Peer } from './peer.ts'
import type { Room } from './room.ts'

type SeatWorld = {
  readonly principal: Principal
  readonly line: Line
  readonly now: () => number
  readonly routerSha256: Sha256
  readonly room: () => Promise<Room>
  readonly onGone: () => void
}

/** One connection's place: at the door until it has joined, then one peer of one room, until it leaves or is lost. */
export class RoomSeat implements Seat {
  #principal: Principal
  #joining: Promise<{ room: Room; peer: Peer }> | null = null
  #joined: { readonly room: Room; readonly peer: Peer } | null = null
  #isGone = false
  readonly #world: SeatWorld

  constructor(world: SeatWorld) {
    this.#world = world
    this.#principal = world.principal
  }

  get isIn(): boolean {
    return this.#joined !== null && !this.#isGone
  }

  /** A join that came with the upgrade. What goes wrong is told when the page's own `session.join` arrives. */
  joinEarly(pass: EntryPass): void {
    this.#join(pass).catch(() => undefined)
  }

  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>
  async request(method: Method, params: never): Promise<unknown> {
    if (this.#isGone) throw new CallError('NOT_JOINED', 'this connection has left')
    if (method === 'session.join') {
      await this.#join(params)
      return {}
    }
    if (method === 'session.renew') throw new CallError('INTERNAL', 'the edge verifies tokens')
    // Requests sent right behind the join wait for it: the page need not.
    const { room, peer } = this.#joined ?? (await this.#joiningOrRefuse())
    if (this.#isGone) throw new CallError('NOT_JOINED', 'this connection has left')
    if (method === 'session.leave') this.#gone()
    const handler = handlers[method] as Handler<Handled>
    return handler({ room, peer, now: this.#world.now() }, params)
  }

  renew(principal: Principal): { grants: Grants; expiresInMs: number } {
    this.#principal = renewed(this.#principal, principal)
    this.#joined?.room.renewed(this.#joined.peer, this.#principal)
    return {
      grants: this.#principal.grants,
      expiresInMs: Math.max(0, Math.round(this.#principal.expiresAt - this.#world.now())),
    }
  }

  expiring(inMs: number): void {
    this.#joined?.peer.send({ event: 'session.expiring', params: { inMs } })
  }

  lost(): void {
    this.#gone()
    const { line } = this.#world
    if (this.#joined !== null) this.#joined.room.lose(this.#joined.peer, line)
    else
      void this.#joining?.then(
        ({ room, peer }) => room.lose(peer, line),
        () => undefined,
      )
  }

  #gone(): void {
    this.#isGone = true
    this.#world.onGone()
  }

  #joiningOrRefuse(): Promise<{ room: Room; peer: Peer }> {
    if (this.#joining === null) throw new CallError('NOT_JOINED', 'join first')
    return this.#joining
  }

  #join(pass: EntryPass): Promise<{ room: Room; peer: Peer }> {
    if (this.#joining !== null) return this.#joining
    const joining = this.#enter(pass)
    this.#joining = joining
    // A join that failed may be tried again on the same connection, without resume for one.
    joining.catch(() => {
      this.#joining = null
    })
    return joining
  }

  async #enter(pass: EntryPass): Promise<{ room: Room; peer: Peer }> {
    const { routerSha256, line, room: open } = this.#world
    if (pass.router !== routerSha256)
      throw new CallError('CAPABILITIES_STALE', 'router: not what this server has')
    const room = await open()
    const principal = this.#principal
    const peer = await room.join(principal, line, pass)
    this.#joined = { room, peer }
    // A token that was renewed while the room was being entered.
    if (this.#principal !== principal) room.renewed(peer, this.#principal)
    return this.#joined
  }
}
