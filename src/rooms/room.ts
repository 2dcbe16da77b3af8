import type { Principal } from '#auth'
import type { RoomMedia } from '#media'
import {
  CallError,
  newId,
  type Event,
  type ProducerId,
  type SessionId,
} from '#protocol'
import { ConsentDesk } from './desk.ts'
import type { EntryPass, Line } from './door.ts'
import { Evidence } from './evidence.ts'
import { Fanout } from './fanout.ts'
import { passOn } from './media-events.ts'
import { Peer } from './peer.ts'
import { RoomViews } from './room-views.ts'
import type { RoomWorld } from './room-world.ts'
import { Roster } from './roster.ts'
import { showOnAllPages } from './show.ts'
import { snapshotOf } from './snapshot.ts'
import { closeRefused, recordable } from './streams.ts'
import type { Tenant } from './tenant.ts'
import { nameOf } from './wishes.ts'

/** The place of a page whose connection broke is kept for this long. */
const graceMs = 30_000

/** One call: who is in it, what they send, and its one consent desk. */
export class Room {
  readonly session: { readonly id: SessionId; readonly startedAt: number }
  readonly desk: ConsentDesk
  readonly evidence: Evidence
  #media: RoomMedia
  #fanout: Fanout
  readonly #world: RoomWorld
  readonly #roster = new Roster()
  readonly #views: RoomViews
  readonly #graces = new Map<Peer, NodeJS.Timeout>()
  /** Through which media each page was told to send. */
  readonly #mediaOf = new WeakMap<Peer, RoomMedia>()
  #restarts = 0
  #isClosed = false

  static async open(world: RoomWorld): Promise<Room> {
    let onLost = (): void => undefined
    const room = new Room(world, await world.openMedia(() => onLost()))
    onLost = () => void room.#restartMedia()
    return room
  }

  private constructor(world: RoomWorld, media: RoomMedia) {
    this.#world = world
    this.#media = media
    this.#fanout = this.#listen(media)
    this.#views = new RoomViews(this.#roster, () => this.#media)
    this.session = { id: newId.session(), startedAt: world.now() }
    const roster = this.#roster
    const changed = (): void => this.#views.tell(this.desk)
    this.evidence = new Evidence({ log: world.log, session: this.session, changed })
    this.desk = new ConsentDesk({
      ...world,
      session: this.session,
      media: () => this.#media,
      people: () => roster.present(),
      pagesOf: (person) => roster.pagesOf(person).map(({ peerId }) => peerId),
      isHost: (person) => roster.isHost(person),
      subjectOf: (person) => roster.subjectOf(person),
      producers: () => recordable(this.#media, roster),
      show: (people, requestId, shown) =>
        showOnAllPages(people, requestId, (person) => roster.pagesOf(person), shown),
      changed,
    })
  }

  get tenant(): Tenant {
    return this.#world.tenant()
  }

  get roster(): Roster {
    return this.#roster
  }

  get media(): RoomMedia {
    return this.#media
  }

  /** Adds a page and sends it everything. ROOM_FULL, RESUME_FAILED, MEDIA_UNAVAILABLE, SERVER_STOPPING. */
  async join(principal: Principal, line: Line, pass: EntryPass): Promise<Peer> {
    if (this.#isClosed) throw new CallError('SERVER_STOPPING', 'room: it has just ended')
    try {
      return await (pass.resume === undefined
        ? this.#enter(principal, line, pass)
        : this.#resume(pass.resume, principal, line, pass))
    } catch (cause) {
      // A room that was opened for someone who then could not come in.
      if (this.#roster.size === 0) this.#world.onEmpty()
      throw cause
    }
  }

  async #enter(principal: Principal, line: Line, pass: EntryPass): Promise<Peer> {
    const { maxPeople } = this.tenant
    if (this.#roster.size >= maxPeople)
      throw new CallError('ROOM_FULL', `room: ${maxPeople} people at most`)
    const wishes = this.#world.wishesOf(principal)
    const peer = new Peer({
      person: this.#roster.personOf(principal),
      name: nameOf(principal, wishes, pass.name),
      principal,
      capabilities: pass.capabilities,
      line,
    })
    this.#roster.add(peer, this.session.startedAt)
    this.#roster.heed(peer.person, wishes)
    try {
      await this.#welcome(peer, 'joined')
    } catch (cause) {
      this.leave(peer)
      throw cause
    }
    this.#roster.tell({ event: 'peer.joined', params: { peer: this.#views.of(peer) } }, peer.peerId)
    return peer
  }

  /** The connection broke: nothing of this page is recorded until it is back, and its place is kept for a while. */
  lose(peer: Peer, line: Line): void {
    if (!peer.isOn(line) || this.#roster.get(peer.peerId) === undefined) return
    peer.lose()
    this.#views.forget(peer)
    if (this.#roster.pagesOf(peer.person).every(({ connected }) => !connected)) {
      this.desk.dispatch({ type: 'lost', person: peer.person })
    }
    this.desk.recapture()
    this.#views.changed(peer)
    this.#graces.set(
      peer,
      setTimeout(() => this.leave(peer), graceMs),
    )
  }

  /** Gone for good. */
  leave(peer: Peer): void {
    if (!this.#roster.remove(peer)) return
    clearTimeout(this.#graces.get(peer))
    this.#graces.delete(peer)
    this.#views.forget(peer)
    // The machine first: it takes the person out of the recording before anything else is torn down.
    if (this.#roster.pagesOf(peer.person).length === 0)
      this.desk.dispatch({ type: 'left', person: peer.person })
    this.#media.removePeer(peer.peerId)
    this.desk.forget(peer)
    this.desk.recapture()
    this.#roster.tell({ event: 'peer.left', params: { peerId: peer.peerId } })
    if (this.#roster.size === 0) this.#world.onEmpty()
  }

  /** A stream was added: everyone who may see it gets it, and the recorder if the permit says so. */
  produced(peer: Peer, producerId: ProducerId): void {
    this.#fanout.add(producerId)
    this.streamsChanged(peer)
  }

  /** A stream was muted, unmuted or ended. */
  streamsChanged(peer: Peer): void {
    this.#views.changed(peer)
    this.desk.recapture()
  }

  /** A fresh token: what it no longer grants ends now. */
  renewed(peer: Peer, principal: Principal): void {
    const saw = peer.principal.grants.subscribe
    peer.principal = principal
    closeRefused(peer, this.#media)
    this.streamsChanged(peer)
    if (!saw || principal.grants.subscribe) return
    // All that it received ends with its transports; it gets fresh ones to go on sending.
    this.#media.removePeer(peer.peerId)
    void this.#refresh(peer)
  }

  everyone(event: Event): void {
    this.#roster.tell(event)
  }

  async close(cause: 'empty' | 'server-stopped'): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#graces.values()) clearTimeout(timer)
    await this.desk.close(cause)
    this.#media.close()
  }

  async #resume(
    secret: string,
    principal: Principal,
    line: Line,
    { freshMedia }: EntryPass,
  ): Promise<Peer> {
    const peer = this.#roster.byResume(secret, principal)
    if (peer === undefined) throw new CallError('RESUME_FAILED', 'resume: not a page of this call')
    const wishes = this.#world.wishesOf(principal)
    if (wishes.neverRecorded) this.#roster.heed(peer.person, wishes)
    clearTimeout(this.#graces.get(peer))
    this.#graces.delete(peer)
    const saw = peer.principal.grants.subscribe
    peer.takeLine(line, principal)
    if (freshMedia === true || (saw && !principal.grants.subscribe))
      this.#media.removePeer(peer.peerId)
    closeRefused(peer, this.#media)
    try {
      // A page that was loaded anew has shown nothing yet, like a newcomer's.
      await this.#welcome(peer, freshMedia === true ? 'joined' : 'back')
    } catch (cause) {
      this.lose(peer, line)
      throw cause
    }
    this.streamsChanged(peer)
    return peer
  }

  /** One message with everything. What happens while it is made is in it, since the room is read at the very end. */
  async #welcome(peer: Peer, comes: 'joined' | 'back'): Promise<void> {
    const { log, statements, now, iceServers } = this.#world
    const { grants, expiresAt } = peer.principal
    const media = this.#media
    const transports = await media.addPeer(peer.peerId)
    const consumers = grants.subscribe
      ? await media.consumeAll(peer.peerId, peer.capabilities, { paused: false })
      : []
    if (this.#roster.get(peer.peerId) === undefined)
      throw new CallError('SERVER_STOPPING', 'room: left meanwhile')
    const isSame = this.#mediaOf.get(peer) === media
    this.#mediaOf.set(peer, media)
    // Before the newcomer is seen by anyone: a running recording pauses first.
    const barred = this.#roster.barOf(peer.person)
    this.desk.dispatch({ type: comes, person: peer.person, barred })
    const resumed = comes === 'back' && isSame
    peer.welcome((early) =>
      snapshotOf(peer, {
        room: this,
        tenant: this.tenant,
        barred,
        resumed,
        expiresInMs: expiresAt - now(),
        iceServers: iceServers(),
        transports,
        consumers: [...consumers, ...early],
        peers: this.#views.all(),
        consent: this.#views.first(peer, this.desk),
        log: { origin: log.origin, vkey: log.vkey, statementJwk: statements.jwk },
      }),
    )
  }

  /** Its worker died. Everyone gets fresh transports and sends again; the streams come back under new ids. */
  async #restartMedia(): Promise<void> {
    this.#restarts++
    try {
      const media = await this.#world.openMedia(() => void this.#restartMedia())
      if (this.#isClosed) return media.close()
      this.#media = media
      this.#fanout = this.#listen(media)
    } catch (cause) {
      this.#world.failed(cause)
      return this.#roster.all.forEach((peer) => this.#dismiss(peer))
    }
    await Promise.all(this.#roster.all.map((peer) => this.#refresh(peer)))
  }

  /** Gives a page fresh transports; it sends and watches again. One that is entering or away finds them in its snapshot. */
  async #refresh(peer: Peer): Promise<void> {
    const [media, restarts] = [this.#media, this.#restarts]
    try {
      const transports = await media.addPeer(peer.peerId)
      if (peer.connected && !peer.entering) this.#mediaOf.set(peer, media)
      peer.send({ event: 'media.restarted', params: { transports, consumers: [] } })
      this.streamsChanged(peer)
    } catch (cause) {
      // It left meanwhile, or this worker died too and the next restart has begun.
      if (this.#roster.get(peer.peerId) !== peer || restarts !== this.#restarts) return
      this.#world.failed(cause)
      this.#dismiss(peer)
    }
  }

  #dismiss(peer: Peer): void {
    peer.dismiss('SERVER_STOPPING')
    this.leave(peer)
  }

  #listen(media: RoomMedia): Fanout {
    media.onEvent((event) => passOn(event, this.#roster, this))
    return new Fanout(media, () => this.#roster.all, this.#world.failed)
  }
}
