import type { Principal } from './principal.ts'

/** What a tenant demands before a sensitive act; an empty list demands nothing of its kind. */
export interface StepUp {
  /** Any one of these classes (OpenID Connect Core §2). */
  readonly acr: readonly string[]
  /** All of these methods (RFC 8176). */
  readonly amr: readonly string[]
  /** How long ago the person may have signed in, in milliseconds. */
  readonly maxAgeMs: number
}

/**
 * Whether the person proved who they are strongly and recently enough. What the token does not say
 * does not hold.
 */
export function steppedUp(
  { acr, amr, authTime }: Principal,
  demanded: StepUp,
  now: number,
): boolean {
  if (demanded.acr.length > 0 && (acr === null || !demanded.acr.includes(acr))) return false
  if (!demanded.amr.every((method) => amr.includes(method))) return false
  return authTime !== null && now - authTime <= demanded.maxAgeMs
}
