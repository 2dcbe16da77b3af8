import type { Params, RtpCapabilities, Sha256 } from '#protocol'

/** How one connection enters: who it is, and what the server needs to answer with everything at once. */
export interface Entrance {
  readonly url: string
  /** Secret: it travels in the upgrade's headers and is written nowhere. */
  readonly token: string
  readonly router: Sha256
  readonly capabilities: RtpCapabilities
  readonly capabilitiesSha256: Sha256
  readonly name: string | null
  readonly resume: string | null
  readonly freshMedia: boolean
}

/**
 * The WebSocket subprotocols to offer. A browser can set no other header on an upgrade; the server chooses `assent.v1`
 * and reads the others. With the join in the upgrade, the snapshot can leave together with the server's 101.
 */
export const subprotocols = (entrance: Entrance): string[] => [
  'assent.v1',
  `assent.jwt.${entrance.token}`,
  `assent.join.${base64url(JSON.stringify({ ...joining(entrance), capabilities: entrance.capabilitiesSha256 }))}`,
]

/** The same in full, for a server that has not met this browser's capabilities before. */
export const joinParams = (entrance: Entrance): Params<'session.join'> => ({
  ...joining(entrance),
  capabilities: entrance.capabilities,
})

const joining = ({ router, name, resume, freshMedia }: Entrance) => ({
  router,
  ...(name !== null && { name }),
  ...(resume !== null && { resume }),
  ...(freshMedia && { freshMedia }),
})

/** RFC 4648 §5 without padding: `=`, `+` and `/` may not stand in a subprotocol's name. */
function base64url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
