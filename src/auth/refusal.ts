import { CallError } from '#protocol'

/**
 * Why a token was refused: for the operator's metric. The sender learns the code alone, so that
 * probing teaches nothing.
 */
export const refusalReasons = [
  'tooLong',
  'malformed',
  'algorithm',
  'unknownIssuer',
  'unknownKey',
  'keysUnavailable',
  'signature',
  'audience',
  'expired',
  'notYet',
  'lifetime',
  'claims',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** UNAUTHENTICATED, or TOKEN_EXPIRED for a good token whose time has passed. */
export class TokenRefused extends CallError {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(reason === 'expired' ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED', messageOf(reason), options)
    this.reason = reason
  }

  /**
   * An old token is its owner's misfortune, missing keys are ours; the rest may be someone trying.
   */
  get isSuspicious(): boolean {
    return this.reason !== 'expired' && this.reason !== 'keysUnavailable'
  }
}

// Told apart only where the remedy differs.
function messageOf(reason: RefusalReason): string {
  switch (reason) {
    case 'expired':
      return 'the token has expired'
    case 'keysUnavailable':
      return 'the keys of the issuer cannot be had at the moment'
    default:
      return 'the token is not accepted here'
  }
}
