import { thumbprintOf, verifyJoin } from '#audit'
import { CallError, type Params, type PublicJwk, type SessionId } from '#protocol'
import type { Peer } from './peer.ts'

/** The key that speaks for a person on one page, and what ties it to them: their word, or their issuer's. */
export type Binding = {
  readonly jwk: PublicJwk
  /** The key's thumbprint (RFC 7638). */
  readonly jkt: string
  readonly proof: { readonly joinJws: string } | { readonly tokenSha256: string }
}

/** Throws SIGNATURE_INVALID for a key that another one has taken the place of, or that the token does not name. */
export function bindingOf(
  peer: Peer,
  session: SessionId,
  { jwk, joinJws }: Params<'session.bind'>,
): Binding {
  const { sid, sub, nonce, ath } = verifyJoin(joinJws, jwk)
  if (sid !== session || sub !== peer.person || nonce !== peer.bindingNonce)
    throw invalid('it joins another call, or as someone else')
  if (ath !== Buffer.from(peer.tokenSha256, 'hex').toString('base64url'))
    throw invalid('it was made for another token')
  const jkt = thumbprintOf(jwk)
  const named = peer.principal.keyThumbprint
  if (named !== null && named !== jkt) throw invalid('the token names another key')
  // A page keeps its key as long as it keeps its place: with another one somebody else could go on in its name.
  if (peer.binding !== null && peer.binding.jkt !== jkt) throw invalid('this page has bound another key')
  const { tokenSha256 } = peer
  return { jwk, jkt, proof: named === null ? { joinJws } : { tokenSha256 } }
}

const invalid = (why: string): CallError => new CallError('SIGNATURE_INVALID', `joinJws: ${why}`)
