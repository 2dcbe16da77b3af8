import type { types } from 'mediasoup'
import type { DtlsParameters, IceParameters, TransportOffer, TransportOffers } from '#protocol'
import type { Direction, RoomMediaEvent } from './contract.ts'
import { asking } from './failures.ts'

type TransportState = Extract<RoomMediaEvent, { type: 'transportState' }>

// A camera in three sizes and a screen fit in; a peer that sends more is asked to slow down.
const maxIncomingBitsPerSecond = 8_000_000
// Enough for a first picture of one camera; the estimate corrects it within a second or two.
const initialOutgoingBitsPerSecond = 1_000_000

/** The two WebRTC transports of one peer. Closed by `close()`, or with their router. */
export class PeerTransports {
  readonly #transports: Readonly<Record<Direction, types.WebRtcTransport>>
  readonly offers: TransportOffers

  private constructor(send: types.WebRtcTransport, recv: types.WebRtcTransport) {
    this.#transports = { send, recv }
    this.offers = { send: offerOf(send), recv: offerOf(recv) }
  }

  /** Throws MEDIA_UNAVAILABLE. */
  static async open(
    router: types.Router,
    webRtcServer: types.WebRtcServer,
    onState: (state: Pick<TransportState, 'direction' | 'ice' | 'dtls'>) => void,
  ): Promise<PeerTransports> {
    const open = (direction: Direction) =>
      asking('MEDIA_UNAVAILABLE', 'the worker gave no transport', async () => {
        const transport = await router.createWebRtcTransport({
          webRtcServer,
          preferUdp: true,
          ...(direction === 'recv' && {
            initialAvailableOutgoingBitrate: initialOutgoingBitsPerSecond,
          }),
        })
        const tell = () =>
          onState({ direction, ice: transport.iceState, dtls: transport.dtlsState })
        transport.on('icestatechange', tell)
        transport.on('dtlsstatechange', tell)
        return transport
      })
    const [send, recv] = await Promise.allSettled([open('send'), open('recv')])
    if (send.status === 'fulfilled' && recv.status === 'fulfilled')
      return new PeerTransports(send.value, recv.value)
    for (const each of [send, recv]) if (each.status === 'fulfilled') each.value.close()
    throw [send, recv].find((each) => each.status === 'rejected')?.reason
  }

  get send(): types.Transport {
    return this.#transports.send
  }

  get recv(): types.Transport {
    return this.#transports.recv
  }

  async connect(direction: Direction, dtlsParameters: DtlsParameters): Promise<void> {
    const transport = this.#transports[direction]
    const { role = 'auto', fingerprints } = dtlsParameters
    await asking(
      'MEDIA_REFUSED',
      'this transport is connected or takes no such fingerprint',
      async () => {
        const connected = transport.connect({ dtlsParameters: { role, fingerprints } })
        const limited =
          direction === 'send' && transport.setMaxIncomingBitrate(maxIncomingBitsPerSecond)
        await Promise.all([connected, limited])
      },
    )
  }

  restartIce(direction: Direction): Promise<IceParameters> {
    return asking('MEDIA_UNAVAILABLE', 'the worker gave no ICE credentials', async () => {
      const iceParameters = await this.#transports[direction].restartIce()
      this.offers[direction].iceParameters = iceParameters
      return iceParameters
    })
  }

  close(): void {
    this.#transports.send.close()
    this.#transports.recv.close()
  }
}

function offerOf(transport: types.WebRtcTransport): TransportOffer {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport
  const { role, fingerprints } = dtlsParameters
  return {
    id,
    iceParameters,
    iceCandidates,
    dtlsParameters: {
      ...(role !== undefined && { role }),
      // Browsers need one; mediasoup lists five.
      fingerprints: fingerprints.filter(({ algorithm }) => algorithm === 'sha-256'),
    },
  }
}
