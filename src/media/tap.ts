import type { types } from 'mediasoup'
import { CallError } from '#protocol'
import { bare } from './codecs.ts'
import type { SenderReport, Tap, TapTarget } from './contract.ts'
import { asking, unavailable } from './failures.ts'
import type { SenderReports } from './sender-reports.ts'

export interface Tapped {
  readonly producer: types.Producer
  readonly stream: types.RtpParameters
  readonly reports: SenderReports
}

/**
 * One consumer on a transport of its own. It is created halted: the consumer is the gate of a recording. Throws
 * NOT_FOUND when the producer ends meanwhile, MEDIA_UNAVAILABLE when no port is free.
 */
export async function openTap(
  router: types.Router,
  ports: types.TransportPortRange,
  tapped: Tapped,
  to: TapTarget,
): Promise<Tap> {
  const transport = await asking('MEDIA_UNAVAILABLE', 'no port is free for the recorder', () =>
    router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1', portRange: ports },
      rtcpMux: true,
      // Sends to and hears from the named address only.
      comedia: false,
    }),
  )
  try {
    const [consumer] = await asking('NOT_FOUND', 'the stream ended before it could be tapped', () =>
      Promise.all([
        transport.consume({
          producerId: tapped.producer.id,
          rtpCapabilities: bare(tapped.stream),
          paused: true,
          enableRtx: false,
        }),
        transport.connect({ ip: to.ip, port: to.port }),
      ]),
    )
    return new ProducerTap(transport, consumer, tapped)
  } catch (error) {
    transport.close()
    throw error
  }
}

/** Owns the transport and with it the consumer. Closed by `close()`, or by itself when the producer is gone. */
class ProducerTap implements Tap {
  readonly rtp: Tap['rtp']
  readonly localPort: number
  readonly #transport: types.PlainTransport
  readonly #consumer: types.Consumer
  readonly #reports: SenderReports
  readonly #onReport: ((report: SenderReport) => void)[] = []
  readonly #unfollow: () => void
  readonly #onClosed: ((why: CallError) => void)[] = []
  #state:
    | { name: 'open' }
    | { name: 'closing'; done: Promise<void> }
    | { name: 'ended'; why: CallError } = { name: 'open' }

  /** The SSRC whose clock the packets follow; null while a camera in several sizes has not come yet. */
  #clock: number | 'the only one' | null

  constructor(
    transport: types.PlainTransport,
    consumer: types.Consumer,
    { reports, producer }: Tapped,
  ) {
    this.#transport = transport
    this.#consumer = consumer
    this.#reports = reports
    this.#unfollow = reports.follow((report) => this.#tellReport(report))
    this.#clock = consumer.type === 'simulcast' ? null : 'the only one'
    consumer.on('producerclose', () => this.#end(ended()))
    // Unless we close it, with its room or its worker.
    consumer.on('transportclose', () => this.#end(unavailable()))
    // mediasoup shifts the timestamps of every other size to those of the first that it forwards.
    consumer.on('layerschange', (layers) => {
      if (this.#clock !== null || layers === undefined) return
      this.#clock =
        producer.score.find(({ encodingIdx }) => encodingIdx === layers.spatialLayer)?.ssrc ?? null
      for (const report of reports.newest) this.#tellReport(report)
    })
    this.rtp = describe(consumer.rtpParameters)
    this.localPort = transport.tuple.localPort
    // The worker's word of its end may have come in one piece with the answer, before anyone listened.
    if (consumer.closed || producer.closed) this.#end(ended())
  }

  async resume(): Promise<void> {
    this.#mustBeOpen()
    await asking('NOT_FOUND', 'the tapped stream has ended', () => this.#consumer.resume())
  }

  async requestKeyFrame(): Promise<void> {
    this.#mustBeOpen()
    await asking('NOT_FOUND', 'the tapped stream has ended', () => this.#consumer.requestKeyFrame())
  }

  close(): Promise<void> {
    if (this.#state.name === 'ended') return Promise.resolve()
    if (this.#state.name === 'open') this.#state = { name: 'closing', done: this.#halt() }
    return this.#state.done
  }

  onSenderReport(listener: (report: SenderReport) => void): void {
    if (this.#state.name !== 'open') return
    this.#onReport.push(listener)
    for (const report of this.#reports.newest) if (this.#isOurs(report)) listener(report)
  }

  onClosed(listener: (why: CallError) => void): void {
    if (this.#state.name === 'ended') listener(this.#state.why)
    else this.#onClosed.push(listener)
  }

  #isOurs({ ssrc }: SenderReport): boolean {
    return this.#clock === 'the only one' || ssrc === this.#clock
  }

  #tellReport(report: SenderReport): void {
    if (!this.#isOurs(report)) return
    for (const listener of this.#onReport) listener(report)
  }

  #end(why: CallError): void {
    if (this.#state.name !== 'open') return
    this.#state = { name: 'ended', why }
    this.#release()
    for (const listener of this.#onClosed) listener(why)
  }

  async #halt(): Promise<void> {
    // mediasoup does not wait for the worker when it closes something: only the reply to a pause tells that the gate
    // is shut. It fails when consumer or worker are gone, and then nothing is sent either.
    await Promise.allSettled([this.#consumer.pause()])
    this.#release()
  }

  #release(): void {
    this.#unfollow()
    this.#transport.close()
  }

  #mustBeOpen(): void {
    if (this.#state.name === 'ended') throw this.#state.why
    if (this.#state.name === 'closing') throw new CallError('NOT_FOUND', 'this tap is closed')
  }
}

function describe({
  codecs: [codec],
  encodings: [encoding] = [],
}: types.RtpParameters): Tap['rtp'] {
  if (codec === undefined || encoding?.ssrc === undefined) throw unavailable()
  const { payloadType, mimeType, clockRate, channels, parameters = {} } = codec
  return {
    ssrc: encoding.ssrc,
    payloadType,
    mimeType,
    clockRate,
    ...(channels !== undefined && { channels }),
    fmtp: parameters,
  }
}

const ended = (): CallError => new CallError('NOT_FOUND', 'the tapped stream has ended')
