import { Device } from 'mediasoup-client'
import { CallError, RtpCapabilities, Sha256 } from '#protocol'
import { toRouterCapabilities } from './codec.ts'
import { sha256 } from './hash.ts'

/** What can be done before anyone presses Join, so that entering takes a single round trip. */
export interface Prepared {
  readonly signalUrl: string
  /** The server trusts only itself: nothing there is private. */
  readonly demo: boolean
  readonly device: Device
  /** SHA-256 of the router's capabilities, as the server named it. */
  readonly router: Sha256
  /** What this browser can receive of them, and the SHA-256 of its JSON. */
  readonly capabilities: RtpCapabilities
  readonly capabilitiesSha256: Sha256
}

/**
 * Loads the router's capabilities from the server at `baseUrl` (https:) and readies the browser for them. Rejects with
 * CONNECTION_LOST when the server cannot be reached, BROWSER_UNSUPPORTED when this browser has no usable WebRTC.
 */
export async function prepare(baseUrl: string): Promise<Prepared> {
  const router = await loadCapabilities(new URL('/rtc/capabilities', baseUrl))
  const device = await loadDevice(withoutCaptureTime(router.capabilities))
  // Written in the schema's order, so that the server's own copy of it hashes to the same.
  const capabilities = RtpCapabilities.parse(device.recvRtpCapabilities)
  return {
    signalUrl: new URL('/signal', baseUrl).href.replace(/^http/, 'ws'),
    demo: router.demo,
    device,
    router: router.sha256,
    capabilities,
    capabilitiesSha256: await sha256(JSON.stringify(capabilities)),
  }
}

/** Whether that server is one to try things out, without readying anything. Rejects as `prepare`. */
export const isDemo = async (baseUrl: string): Promise<boolean> =>
  (await loadCapabilities(new URL('/rtc/capabilities', baseUrl))).demo

async function loadCapabilities(
  url: URL,
): Promise<{ sha256: Sha256; demo: boolean; capabilities: RtpCapabilities }> {
  const body = await fetchJson(url)
  const named = Sha256.safeParse(Reflect.get(body, 'sha256'))
  const capabilities = RtpCapabilities.safeParse(Reflect.get(body, 'capabilities'))
  if (!named.success || !capabilities.success)
    throw new CallError('CONNECTION_LOST', 'no capabilities in the answer')
  const demo = Reflect.get(body, 'demo') === true
  return { sha256: named.data, demo, capabilities: capabilities.data }
}

async function fetchJson(url: URL): Promise<object> {
  try {
    const answer = await fetch(url, { cache: 'no-cache', credentials: 'omit' })
    const body: unknown = answer.ok ? await answer.json() : null
    if (typeof body === 'object' && body !== null) return body
  } catch (cause) {
    throw new CallError('CONNECTION_LOST', 'the server cannot be reached', { cause })
  }
  throw new CallError('CONNECTION_LOST', 'the server did not answer with its capabilities')
}

async function loadDevice(capabilities: RtpCapabilities): Promise<Device> {
  try {
    const device = await Device.factory()
    await device.load({ routerRtpCapabilities: toRouterCapabilities(capabilities) })
    return device
  } catch (cause) {
    throw new CallError('BROWSER_UNSUPPORTED', 'this browser cannot take part in calls', { cause })
  }
}

// The recorder keeps time by sender reports; a capture time in each packet would only cost bytes.
function withoutCaptureTime({ codecs, headerExtensions }: RtpCapabilities): RtpCapabilities {
  return {
    codecs,
    headerExtensions: headerExtensions.filter(({ uri }) => !uri.includes('abs-capture-time')),
  }
}
