import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client'
import { RtpCapabilities, Sha256 } from '#protocol'
import { sha256 } from '../../../client/sdk/hash.ts'
import type { Prepared } from '../../../client/sdk/prepare.ts'

/** What Node lacks of a browser's media, as far as the SDK touches it. Real browsers are met end to end. */
class FakeTrack extends EventTarget {
  readonly id = crypto.randomUUID()
  readonly kind: 'audio' | 'video'
  enabled = true
  readyState: 'live' | 'ended' = 'live'

  constructor(kind: 'audio' | 'video') {
    super()
    this.kind = kind
  }

  stop(): void {
    this.readyState = 'ended'
  }

  /** Unplugged, or ended by the browser's own button. */
  end(): void {
    this.readyState = 'ended'
    this.dispatchEvent(new Event('ended'))
  }
}

export const track = (kind: 'audio' | 'video'): FakeTrack & MediaStreamTrack =>
  new FakeTrack(kind) as unknown as FakeTrack & MediaStreamTrack

class FakeMediaStream {
  readonly #tracks = new Set<MediaStreamTrack>()

  addTrack(added: MediaStreamTrack): void {
    this.#tracks.add(added)
  }

  removeTrack(removed: MediaStreamTrack): void {
    this.#tracks.delete(removed)
  }

  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks]
  }
}

/** Puts in place what Node lacks and returns the function that takes it away again. `window` says when the network is back. */
export function furnishBrowser(): { window: EventTarget; remove: () => void } {
  const window = new EventTarget()
  const furniture = {
    MediaStream: FakeMediaStream,
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
  }
  Object.assign(globalThis, furniture)
  return {
    window,
    remove: () => {
      for (const name of Object.keys(furniture)) Reflect.deleteProperty(globalThis, name)
    },
  }
}

/** mediasoup-client with the handler that it ships for tests: everything but the peer connection is the real thing. */
export async function preparedFor(signalUrl: string): Promise<Prepared> {
  const device = new Device({ handlerFactory: FakeHandler.createFactory(testFakeParameters) })
  await device.load({ routerRtpCapabilities: testFakeParameters.generateRouterRtpCapabilities() })
  const capabilities = RtpCapabilities.parse(device.recvRtpCapabilities)
  return {
    signalUrl,
    demo: false,
    device,
    capabilities,
    router: Sha256.parse('1'.repeat(64)),
    capabilitiesSha256: await sha256(JSON.stringify(capabilities)),
  }
}
