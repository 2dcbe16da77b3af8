import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from './bytes.ts'
import { Flaw } from './flaw.ts'
import { algOf, type Alg, type PublicJwk } from './jwk.ts'
import { matching, object, oneOf, type Of, type Shape } from './shape.ts'

/** What a signature is for: a message of one kind can never be passed off as another (RFC 8725 §3.11). */
export type StatementType = 'consent-join+jws' | 'consent-request+jws' | 'consent-decision+jws'

/** A JWS in compact form (RFC 7515 §7.1), read and not yet believed. */
export type Jws = {
  readonly alg: Alg
  readonly kid: string
  readonly payload: Uint8Array
  /** What was signed: header and payload as they stand in the text. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** Throws Flaw unless header and form are exactly ours: two algorithms, one type, a key id, and nothing else. */
export function parseJws(text: string, typ: StatementType): Jws {
  if (text.length > maxLength) throw new Flaw('jws-form', `over ${maxLength} characters`)
  const [, head, body, signature] =
    /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(text) ?? refuse('three parts are expected')
  const header = readJson(fromBase64Url(head!), headerOf(typ), 'header')
  const bytes = fromBase64Url(signature!)
  if (bytes.length !== 64) refuse('a signature has 64 bytes')
  return {
    alg: header.alg,
    kid: header.kid,
    payload: fromBase64Url(body!),
    signed: utf8(`${head}.${body}`),
    signature: bytes,
  }
}

/** The text to sign: everything but the signature. `claims` go in as they are, so make them by their shape. */
export function unsignedJws(typ: StatementType, alg: Alg, kid: string, claims: unknown): string {
  const part = (value: unknown): string => toBase64Url(utf8(JSON.stringify(value)))
  return `${part({ alg, typ, kid })}.${part(claims)}`
}

export const withSignature = (unsigned: string, signature: Uint8Array): string =>
  `${unsigned}.${toBase64Url(signature)}`

/** Checks the signature, through WebCrypto. Throws Flaw `jws-signature`, or `jws-alg` for a key of another kind. */
export async function verifyJws({ alg, signed, signature }: Jws, jwk: PublicJwk): Promise<void> {
  if (alg !== algOf(jwk)) throw new Flaw('jws-alg', `the key is none for ${alg}`)
  const key = await importKey(jwk)
  const how = alg === 'Ed25519' ? 'Ed25519' : { name: 'ECDSA', hash: 'SHA-256' }
  const holds = await crypto.subtle.verify(
    how,
    key,
    new Uint8Array(signature),
    new Uint8Array(signed),
  )
  if (!holds) throw new Flaw('jws-signature', 'the signature is wrong')
}

/** One reading, one text: a value whose own encoding is another is refused, since two readers could differ about it. */
export function readJson<T>(bytes: Uint8Array, shape: Shape<T>, at: string): T {
  const json = fromUtf8(bytes)
  const value = shape(parsed(json, at), at)
  if (JSON.stringify(value) !== json) throw new Flaw('encoding', `${at} is not in its one encoding`)
  return value
}

function parsed(json: string, at: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new Flaw('json', `${at} is not JSON`, { cause })
  }
}

/** `EdDSA` is not among them: it does not say which curve. */
const alg = oneOf('Ed25519', 'ES256')
const kid = matching(/^[A-Za-z0-9_-]{43}$/, 'a thumbprint')
const headers = {
  'consent-join+jws': object({ alg, typ: oneOf('consent-join+jws'), kid }),
  'consent-request+jws': object({ alg, typ: oneOf('consent-request+jws'), kid }),
  'consent-decision+jws': object({ alg, typ: oneOf('consent-decision+jws'), kid }),
}
type Header = Of<(typeof headers)[StatementType]>

const headerOf =
  (typ: StatementType): Shape<Header> =>
  (value, at) => {
    try {
      return headers[typ](value, at)
    } catch (cause) {
      if (cause instanceof Flaw) throw new Flaw('jws-header', cause.message, { cause })
      throw cause
    }
  }

async function importKey(jwk: PublicJwk): Promise<CryptoKey> {
  const kind = jwk.kty === 'OKP' ? 'Ed25519' : { name: 'ECDSA', namedCurve: 'P-256' }
  try {
    return await crypto.subtle.importKey('jwk', { ...jwk }, kind, true, ['verify'])
  } catch (cause) {
    throw new Flaw('jwk-point', 'no point of the curve', { cause })
  }
}

function refuse(why: string): never {
  throw new Flaw('jws-form', why)
}

/** A request for the longest notice is a quarter of this. */
const maxLength = 65_536
