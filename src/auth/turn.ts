import { createHmac } from 'node:crypto'
import { randomText, type IceServer } from '#protocol'

/**
 * Credentials for a TURN relay that run out by themselves, in the form that coturn's
 * `use-auth-secret` checks: the user name is the second of expiry and a random word that stands for
 * nobody, the password its HMAC.
 */
export function turnCredentials(
  turn: { readonly urls: readonly string[]; readonly secret: string; readonly lifeMs: number },
  now: number,
): IceServer {
  const username = `${Math.floor((now + turn.lifeMs) / 1000)}:${randomText(8)}`
  // SHA-1 because relays expect it; as an HMAC it is not weakened by collisions (RFC 6194 §3.3).
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64')
  return { urls: [...turn.urls], username, credential }
}
