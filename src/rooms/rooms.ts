import type { Account, Principal } from '#auth'
import type { Media, RoomMedia } from '#media'
import { CallError, type PersonId, type RequestId, type SessionId } from '#protocol'
import type { EntryPass, Line, Rooms, Seat } from './door.ts'
import { Room } from './room.ts'
import type { RoomWorld } from './room-world.ts'
import { RoomSeat } from './seat.ts'
import type { Tenant } from './tenant.ts'
import { withhold } from './withhold.ts'

export type RoomsWorld = Omit<RoomWorld, 'tenant' | 'openMedia' | 'onEmpty'> & {
  readonly media: Media
  /** The rules of the controller behind an issuer; undefined for an issuer that is not configured. */
  readonly tenantOf: (issuer: string) => Tenant | undefined
}

/** All rooms. A room comes to be with its first person and ends with its last; two issuers never share one. */
export class AllRooms implements Rooms {
  readonly #rooms = new Map<string, Promise<Room>>()
  readonly #seats = new Set<RoomSeat>()
  readonly #live = new Set<SessionId>()
  readonly #world: RoomsWorld
  #isDraining = false

  constructor(world: RoomsWorld) {
    this.#world = world
  }

  get count(): { rooms: number; people: number } {
    return { rooms: this.#rooms.size, people: [...this.#seats].filter(({ isIn }) => isIn).length }
  }

  /** Whether the call goes on, so that more may be logged of it. */
  isLive(session: SessionId): boolean {
    return this.#live.has(session)
  }

  routerCapabilities(): Media['router'] {
    return this.#world.media.router
  }

  enter(principal: Principal, line: Line, upgradeJoin: EntryPass | null): Seat {
    const seat: RoomSeat = new RoomSeat({
      principal,
      line,
      now: this.#world.now,
      routerSha256: this.#world.media.router.sha256,
      room: () => this.#roomOf(principal),
      onGone: () => this.#seats.delete(seat),
    })
    this.#seats.add(seat)
    if (upgradeJoin !== null) seat.joinEarly(upgradeJoin)
    return seat
  }

  /** Nothing can be logged any more: every recording of this server stops now, not only where it was noticed. */
  logFailed(): void {
    for (const opened of this.#rooms.values())
      void opened.then(
        ({ desk }) => desk.dispatch({ type: 'auditFailed' }),
        () => undefined,
      )
  }

  /** In every call of theirs that is under way, nothing of this person is recorded from now on. Resolves when that is logged. */
  async withhold(who: Account): Promise<void> {
    await Promise.all((await this.#open()).map((room) => withhold(room, who)))
  }

  /**
   * Destroys a person's part through the call that it is of, so that its pages know. Resolves with how many tracks; null when
   * that call is over, or has nothing of theirs. Throws BAD_REQUEST while they are in it, ON_HOLD.
   */
  async destroyIn(
    session: SessionId,
    person: PersonId,
    requestId: RequestId,
  ): Promise<number | null> {
    const room = (await this.#open()).find((each) => each.session.id === session)
    try {
      return (await room?.desk.destroy(person, requestId)) ?? null
    } catch (cause) {
      if (cause instanceof CallError && cause.code === 'NOT_FOUND') return null
      throw cause
    }
  }

  /** Privacy notices may have changed: whoever is asked under another one now is asked anew. */
  async noticesChanged(): Promise<void> {
    for (const { desk } of await this.#open()) desk.noticeChanged()
  }

  async drain(inMs: number): Promise<void> {
    this.#isDraining = true
    const rooms = await this.#open()
    await Promise.all(
      rooms.map(async (room) => {
        room.everyone({ event: 'session.stopping', params: { inMs } })
        await room.desk.close('server-stopped')
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDraining = true
    const rooms = await this.#open()
    await Promise.all(rooms.map((room) => room.close('server-stopped')))
    this.#rooms.clear()
  }

  /** One that could not be opened has told so whoever wanted it. */
  async #open(): Promise<Room[]> {
    const opened = await Promise.allSettled(this.#rooms.values())
    return opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  async #roomOf(principal: Principal): Promise<Room> {
    if (this.#isDraining) throw new CallError('SERVER_STOPPING', 'this server is about to stop')
    const { tenantOf, media, failed } = this.#world
    const tenant = tenantOf(principal.issuer)
    if (tenant === undefined) throw new CallError('UNAUTHENTICATED', 'issuer: not configured')
    if (principal.minor && tenant.refuseMinors)
      throw new CallError('MINOR_REFUSED', 'this controller holds no calls with minors')
    const key = `${principal.issuer}\n${principal.room}`
    const known = this.#rooms.get(key)
    if (known !== undefined) return known
    const opened = Room.open({
      ...this.#world,
      tenant: () => tenantOf(principal.issuer) ?? tenant,
      openMedia: (onLost: () => void): Promise<RoomMedia> => media.openRoom(onLost),
      onEmpty: () => {
        if (this.#rooms.get(key) !== opened) return
        this.#rooms.delete(key)
        void opened.then((room) => this.#end(room)).catch(failed)
      },
    })
    this.#rooms.set(key, opened)
    opened.then(
      ({ session }) => this.#live.add(session.id),
      () => this.#rooms.delete(key),
    )
    return opened
  }

  async #end(room: Room): Promise<void> {
    try {
      await room.close('empty')
    } finally {
      this.#live.delete(room.session.id)
    }
  }
}
