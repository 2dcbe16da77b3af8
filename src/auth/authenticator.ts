import { hash } from 'node:crypto'
import { decodeJwt, errors, jwtVerify } from 'jose'
import { CallError } from '#protocol'
import { toPrincipal } from './claims.ts'
import { KeyFile } from './key-file.ts'
import { KeyUrl } from './key-url.ts'
import { algorithms, type KeySource } from './keys.ts'
import type { Principal } from './principal.ts'
import { TokenRefused, type RefusalReason } from './refusal.ts'

export interface IssuerOptions {
  /** The exact `iss` of its tokens. */
  readonly issuer: string
  /** What `aud` must name. */
  readonly audience: string
  readonly keys: { readonly file: string } | { readonly url: string }
  /** The longest life that a token may have from `iat` (or from now) to `exp`, in milliseconds. */
  readonly maxTokenLifeMs: number
}

export interface AuthOptions {
  readonly issuers: readonly IssuerOptions[]
  readonly log: (event: Record<string, unknown>, message: string) => void
  readonly now?: () => number
  readonly fetch?: typeof fetch
}

export interface Authenticator {
  /**
   * Throws TokenRefused: UNAUTHENTICATED, or TOKEN_EXPIRED for a good token whose time has passed.
   */
  verify(token: string): Promise<Principal>
}

interface Issuer extends IssuerOptions {
  readonly source: KeySource
}

/**
 * Throws CONFIG_INVALID when a key file is missing or wrong. Dispose it to end a download that is
 * under way.
 */
export function createAuthenticator(options: AuthOptions): Authenticator & AsyncDisposable {
  const now = options.now ?? Date.now
  const issuers = new Map(
    options.issuers.map((issuer) => [
      issuer.issuer,
      { ...issuer, source: open(issuer, options, now) },
    ]),
  )
  return {
    verify: async (token) => {
      const issuer = issuers.get(issuerOf(token))
      if (issuer === undefined) throw new TokenRefused('unknownIssuer')
      const claims = await verifiedClaims(token, issuer, now())
      return toPrincipal(issuer.issuer, claims, hash('sha256', token))
    },
    [Symbol.asyncDispose]: async () => issuers.forEach(({ source }) => source.close()),
  }
}

const maxTokenLength = 8192
/** How far the issuer's clock and ours may differ, in seconds. */
const toleranceS = 5

/** Attacker-controlled until the signature holds: it chooses whose keys to try, nothing more. */
function issuerOf(token: string): string {
  if (token.length > maxTokenLength) throw new TokenRefused('tooLong')
  try {
    return decodeJwt(token).iss ?? ''
  } catch (cause) {
    throw new TokenRefused('malformed', { cause })
  }
}

async function verifiedClaims(
  token: string,
  issuer: Issuer,
  now: number,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { payload } = await jwtVerify(token, (header) => issuer.source.find(header), {
      algorithms: [...algorithms],
      issuer: issuer.issuer,
      audience: issuer.audience,
      requiredClaims: ['exp', 'sub', 'room', 'grants'],
      clockTolerance: toleranceS,
      currentDate: new Date(now),
    })
    checkLifetime(payload, issuer.maxTokenLifeMs, now)
    return payload
  } catch (cause) {
    throw cause instanceof errors.JOSEError ? new TokenRefused(reasonOf(cause), { cause }) : cause
  }
}

/**
 * A token that was stolen is good for as long as it lives: an issuer's slip must not make that a
 * year.
 */
function checkLifetime(
  { exp = 0, iat }: { exp?: number; iat?: number },
  maxMs: number,
  now: number,
): void {
  if (iat !== undefined && typeof iat !== 'number') throw new TokenRefused('claims')
  const from = Math.min(iat === undefined ? now : iat * 1000, now)
  if (exp * 1000 - from > maxMs + toleranceS * 1000) throw new TokenRefused('lifetime')
}

function reasonOf(cause: errors.JOSEError): RefusalReason {
  if (cause instanceof errors.JWTExpired) return 'expired'
  if (cause instanceof errors.JWTClaimValidationFailed) return claimReasons[cause.claim] ?? 'claims'
  return codeReasons[cause.code] ?? 'malformed'
}

const claimReasons: Readonly<Record<string, RefusalReason>> = { aud: 'audience', nbf: 'notYet' }
const codeReasons: Readonly<Record<string, RefusalReason>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'algorithm',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
}

function open(
  issuer: IssuerOptions,
  { log, fetch = globalThis.fetch }: AuthOptions,
  now: () => number,
): KeySource {
  // The message of a broken key set names no key; the issuer is the operator's own word for a
  // tenant.
  const onBroken = (err: unknown) =>
    log({ issuer: issuer.issuer, err }, 'keys not loaded; the last ones hold')
  if ('url' in issuer.keys) return new KeyUrl({ url: issuer.keys.url, now, fetch, onBroken })
  try {
    return new KeyFile({ path: issuer.keys.file, now, onBroken })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable'
    throw new CallError('CONFIG_INVALID', `key file of the issuer ${issuer.issuer}: ${why}`, {
      cause,
    })
  }
}
