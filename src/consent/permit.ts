import type { Media, PersonId, ProducerId, RequestId, Source } from '#protocol'
import { captured } from './running.ts'
import type { Consent } from './state.ts'

const ours = Symbol('made by permitFor')

/**
 * The right to record exactly these streams, now. The recorder demands one and can make none: only `permitFor` can,
 * from a state in which a durable gate names every person in it. A newer permit replaces an older one whole.
 */
export class RecordingPermit {
  readonly requestId: RequestId
  /** Where the gate stands in the log. */
  readonly gateIndex: number
  readonly tracks: readonly PermittedTrack[]

  constructor(
    seal: typeof ours,
    requestId: RequestId,
    gateIndex: number,
    tracks: readonly PermittedTrack[],
  ) {
    if (seal !== ours) throw new TypeError('a permit comes from permitFor alone')
    this.requestId = requestId
    this.gateIndex = gateIndex
    this.tracks = tracks
  }
}

/** `notBefore`: ms epoch; what was captured earlier was captured before the person saw the mark. */
export type PermittedTrack = {
  readonly producerId: ProducerId
  readonly person: PersonId
  readonly source: Source
  readonly notBefore: number
}

/** What may be recorded of these streams in this state; null unless it is recording. */
export function permitFor(
  consent: Consent,
  producers: readonly {
    readonly producerId: ProducerId
    readonly person: PersonId
    readonly source: Source
  }[],
): RecordingPermit | null {
  if (consent.state !== 'recording') return null
  const people = new Set(captured(consent))
  const tracks = producers.flatMap(({ producerId, person, source }) => {
    const shownAt = consent.people.get(person)?.shownAt ?? null
    if (!people.has(person) || shownAt === null || !isAskedFor(consent.run.media, source)) return []
    return [{ producerId, person, source, notBefore: shownAt }]
  })
  return new RecordingPermit(ours, consent.run.requestId, consent.gateIndex, tracks)
}

function isAskedFor(media: Media, source: Source): boolean {
  switch (source) {
    case 'microphone':
      return media.audio
    case 'camera':
      return media.video
    case 'screen':
    case 'screenAudio':
      return media.screen
  }
}
