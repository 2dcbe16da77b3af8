import type { PeerId, Source } from '#protocol'

/** How well media flows. Counters run from the start of each stream; rates are the browser's own. */
export interface Quality {
  /** To the server and back over the media path, in milliseconds; null before ICE has measured it. */
  readonly roundTripMs: number | null
  readonly sent: readonly SentStream[]
  readonly received: readonly ReceivedStream[]
}

export interface SentStream {
  readonly source: Source
  readonly packets: number
  readonly bytes: number
  /** Share of packets that the server missed lately, 0 to 1; null before its first report. */
  readonly loss: number | null
  readonly framesEncoded: number | null
}

export interface ReceivedStream {
  readonly peerId: PeerId
  readonly source: Source
  readonly packets: number
  readonly packetsLost: number
  readonly bytes: number
  readonly jitterMs: number
  readonly framesDecoded: number | null
  readonly freezes: number | null
}
