import type { types } from 'mediasoup'
import type { PeerId, ProducerId, RtpCapabilities, Source } from '#protocol'
import { trimmed } from './codecs.ts'
import type { SenderReports } from './sender-reports.ts'

/** One producer with what its receivers need. */
export class Sending {
  readonly producerId: ProducerId
  readonly peer: PeerId
  readonly source: Source
  readonly producer: types.Producer
  readonly reports: SenderReports
  /** What consumers of it are made from. Frozen. */
  readonly stream: types.RtpParameters
  readonly #trimmed = new WeakMap<RtpCapabilities, types.RtpCapabilities | null>()

  constructor(
    { peer, source, producerId }: { peer: PeerId; source: Source; producerId: ProducerId },
    producer: types.Producer,
    reports: SenderReports,
  ) {
    this.producerId = producerId
    this.peer = peer
    this.source = source
    this.producer = producer
    this.reports = reports
    this.stream = readOnce(producer)
  }

  /** What of these capabilities matters for this stream, or null. Found once for each set of capabilities. */
  trimmed(capabilities: RtpCapabilities): types.RtpCapabilities | null {
    const known = this.#trimmed.get(capabilities)
    if (known !== undefined) return known
    const found = trimmed(capabilities, this.stream)
    this.#trimmed.set(capabilities, found)
    return found
  }
}

/**
 * mediasoup reads this property three times for each consumer, and each reading copies it deep, although it never
 * changes. The copy made here is frozen and answers from now on.
 */
function readOnce(producer: types.Producer): types.RtpParameters {
  const value = deepFreeze(producer.consumableRtpParameters)
  Object.defineProperty(producer, 'consumableRtpParameters', { value })
  return value
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const each of Object.values(value)) deepFreeze(each)
  return Object.freeze(value)
}
