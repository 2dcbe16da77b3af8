import { DisplayName, Grants, Private, RoomId } from '#protocol'
import type { Principal } from './principal.ts'
import { TokenRefused } from './refusal.ts'

/**
 * The claims of a token whose signature, issuer, audience and times hold, as a principal. Claims
 * that we do not know are ignored (RFC 7519 §4); those that we know must be right. Throws
 * TokenRefused `claims`.
 */
export function toPrincipal(
  issuer: string,
  claims: Readonly<Record<string, unknown>>,
  tokenSha256: string,
): Principal {
  const { sub, room, grants, name, minor, exp, auth_time, acr, amr, jti, cnf } = claims
  const roomId = RoomId.safeParse(room)
  const granted = Grants.safeParse(grants)
  const displayName = DisplayName.optional().safeParse(name)
  if (!roomId.success || !granted.success || !displayName.success) throw new TokenRefused('claims')
  return {
    issuer,
    subject: new Private(text(sub)),
    room: roomId.data,
    name: displayName.data === undefined ? null : new Private(displayName.data),
    grants: granted.data,
    minor: minor === undefined ? false : flag(minor),
    expiresAt: seconds(exp) * 1000,
    authTime: auth_time === undefined ? null : seconds(auth_time) * 1000,
    acr: acr === undefined ? null : text(acr),
    amr: amr === undefined ? [] : list(amr).map(text),
    tokenId: jti === undefined ? null : text(jti),
    tokenSha256,
    keyThumbprint: cnf === undefined ? null : thumbprintIn(cnf),
  }
}

function text(value: unknown): string {
  if (typeof value === 'string' && value.length >= 1 && value.length <= 255) return value
  throw new TokenRefused('claims')
}

/** RFC 7800 §3 knows other ways to name a key; one that we cannot check must not pass for one that we did. */
function thumbprintIn(cnf: unknown): string {
  const jkt: unknown = typeof cnf === 'object' && cnf !== null ? Reflect.get(cnf, 'jkt') : undefined
  if (typeof jkt === 'string' && /^[A-Za-z0-9_-]{43}$/.test(jkt)) return jkt
  throw new TokenRefused('claims')
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new TokenRefused('claims')
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value) && value.length <= 16) return value
  throw new TokenRefused('claims')
}

// RFC 7519 §2 allows fractions; the upper bound is what a Date can hold.
function seconds(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 8.64e12) return value
  throw new TokenRefused('claims')
}
