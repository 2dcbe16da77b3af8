import type { IncomingHttpHeaders } from 'node:http'
import { Joining, Sha256 } from '#protocol'
import type { EntryPass } from '#rooms'
import type { CapabilitySets } from './capability-sets.ts'

/** The subprotocol that both sides speak. */
export const subprotocol = 'assent.v1'

/** What a request to open a connection brings, as far as it can be read without asking anyone. */
export interface Offer {
  /** null: none, or two that differ. Attacker-controlled. */
  readonly token: string | null
  readonly upgradeJoin: EntryPass | null
}

/** null when the client does not offer our subprotocol: it speaks something else. */
export function offerOf(headers: IncomingHttpHeaders, known: CapabilitySets): Offer | null {
  const names = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!names.includes(subprotocol)) return null
  const tokens = new Set(
    [bearer(headers.authorization), after('assent.jwt.', names)].filter((token) => token !== null),
  )
  const [token = null] = tokens
  return {
    token: tokens.size > 1 ? null : token,
    upgradeJoin: passOf(after('assent.join.', names), known),
  }
}

const bearer = (header: string | undefined): string | null =>
  header?.toLowerCase().startsWith('bearer ') === true ? header.slice(7).trim() : null

const after = (prefix: string, names: readonly string[]): string | null =>
  names.find((name) => name.startsWith(prefix))?.slice(prefix.length) ?? null

const UpgradeJoin = Joining.extend({ capabilities: Sha256 })

/**
 * null as well for a join that cannot be read: the full one that follows in the first message gets
 * the exact error.
 */
function passOf(text: string | null, known: CapabilitySets): EntryPass | null {
  if (text === null) return null
  const join = UpgradeJoin.safeParse(jsonOf(text))
  if (!join.success) return null
  const capabilities = known.find(join.data.capabilities)
  return capabilities === null ? null : { ...join.data, capabilities }
}

function jsonOf(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString())
  } catch {
    return undefined
  }
}
