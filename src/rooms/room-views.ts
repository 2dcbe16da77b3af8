import type { RoomMedia } from '#media'
import { newId, type ConsentView, type Peer as PeerView, type PeerId } from '#protocol'
import type { ConsentDesk } from './desk.ts'
import type { Peer } from './peer.ts'
import type { Roster } from './roster.ts'

/** What the pages of one room are told about each other and about recording. */
export class RoomViews {
  /** What each page was told last, so that it hears of a change once. */
  readonly #told = new Map<PeerId, string>()
  #recorder: PeerView | null = null
  readonly #roster: Roster
  readonly #media: () => RoomMedia

  constructor(roster: Roster, media: () => RoomMedia) {
    this.#roster = roster
    this.#media = media
  }

  /** Everyone in the list of people; the recorder too, while there is one. */
  all(): PeerView[] {
    const people = this.#roster.all.map((peer) => this.of(peer))
    return this.#recorder === null ? people : [...people, this.#recorder]
  }

  of({ peerId, name, principal, connected }: Peer): PeerView {
    const sending = this.#media()
      .producers()
      .filter(({ peer }) => peer === peerId)
      .map(({ producerId, source, paused }) => ({ producerId, source, paused }))
    return { peerId, kind: 'person', name, host: principal.grants.host, connected, sending }
  }

  /** A page that the others already see is different now. */
  changed(peer: Peer): void {
    if (!peer.entering)
      this.#roster.tell({ event: 'peer.changed', params: { peer: this.of(peer) } })
  }

  /** The view that goes with a snapshot. */
  first(peer: Peer, desk: ConsentDesk): ConsentView {
    const consent = desk.view(peer)
    this.#told.set(peer.peerId, timeless(consent))
    return consent
  }

  forget(peer: Peer): void {
    this.#told.delete(peer.peerId)
  }

  /** The truth about recording, to each page whose view of it is another one than before. */
  tell(desk: ConsentDesk): void {
    this.#showRecorder(desk)
    for (const peer of this.#roster.all) {
      if (peer.entering || !peer.connected) continue
      const consent = desk.view(peer)
      const said = timeless(consent)
      if (this.#told.get(peer.peerId) === said) continue
      this.#told.set(peer.peerId, said)
      peer.send({ event: 'consent.changed', params: { consent } })
    }
  }

  /** While a recording is agreed upon, the recorder stands in the list of people like anyone else. */
  #showRecorder({ consent: { state } }: ConsentDesk): void {
    if (this.#recorder === null && (state === 'recording' || state === 'paused')) {
      this.#recorder = {
        peerId: newId.peer(),
        kind: 'recorder',
        name: 'Recorder',
        host: false,
        connected: true,
        sending: [],
      }
      this.#roster.tell({ event: 'peer.joined', params: { peer: this.#recorder } })
    } else if (
      this.#recorder !== null &&
      state !== 'recording' &&
      state !== 'paused' &&
      state !== 'opening'
    ) {
      this.#roster.tell({ event: 'peer.left', params: { peerId: this.#recorder.peerId } })
      this.#recorder = null
    }
  }
}

/** A view without the times that pass by themselves, to see whether it says anything new. */
const timeless = (view: ConsentView): string =>
  JSON.stringify(view, (key, value: unknown) =>
    key === 'leftMs' || key === 'elapsedMs' ? undefined : value,
  )
