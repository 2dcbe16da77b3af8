import { fromBase64 } from './bytes.ts'
import {
  opaqueId,
  originName,
  policy,
  sha256Hex,
  shownNotice,
  subject,
  terms,
  time,
  validity,
} from './fields.ts'
import { Flaw } from './flaw.ts'
import { parseJws, readJson, type Jws, type StatementType } from './jws.ts'
import { schema } from './records.ts'
import {
  boolean,
  integer,
  list,
  matching,
  nullable,
  object,
  oneOf,
  one,
  type Of,
  type Shape,
} from './shape.ts'

/** `iat` and `exp` are seconds since the epoch (RFC 7519 §2), unlike the milliseconds of records. */
const seconds = integer(0, 2 ** 40)
const bytes32Url = matching(/^[A-Za-z0-9_-]{43}$/, '32 bytes in base64url')
const root: Shape<string> = (value, at) => {
  const read = matching(/^[A-Za-z0-9+/]{43}=$/, 'a root in base64')(value, at)
  fromBase64(read)
  return read
}
const tree = object({ size: integer(), root })

/** The person's key speaks first: this key is mine, in this call, under this token (`ath` as in RFC 9449 §4.2). */
const join = object({
  v: one,
  ath: bytes32Url,
  sid: opaqueId,
  sub: opaqueId,
  nonce: bytes32Url,
  iat: seconds,
})

/**
 * The server asks one person, by one key. All that a notice says but the asker's name stands in it, so that what was
 * decided upon needs no other text to be understood.
 */
const request = object({
  v: one,
  schema: oneOf(schema),
  requestId: opaqueId,
  /** The thumbprint of the key that may answer. */
  jkt: bytes32Url,
  nonce: bytes32Url,
  iat: seconds,
  exp: seconds,
  origin: originName,
  /** The newest tree of the log when this was asked: the answer is younger. */
  checkpoint: tree,
  subject,
  session: object({ id: opaqueId, startedAt: time }),
  notice: shownNotice,
  policy,
  validity,
  ...terms,
})

/** The person answers. A no and a withdrawal are the same message with another word. */
const decision = object({
  v: one,
  decision: oneOf('given', 'refused', 'withdrawn'),
  purposes: list(object({ id: oneOf('recording'), granted: boolean }), 1, 1),
  requestSha256: sha256Hex,
  noticeSha256: sha256Hex,
  sid: opaqueId,
  sub: opaqueId,
  nonce: bytes32Url,
  iat: seconds,
  origin: originName,
  /** The largest tree of this log that the person's page has seen proven. */
  seen: tree,
  /** The person's previous decision in this call, by the hash of its JWS; null for the first. */
  prev: nullable(sha256Hex),
})

export type JoinClaims = Of<typeof join>
export type RequestClaims = Of<typeof request>
export type DecisionClaims = Of<typeof decision>

export const statementType = {
  join: 'consent-join+jws',
  request: 'consent-request+jws',
  decision: 'consent-decision+jws',
} as const satisfies Record<string, StatementType>

/** A statement, read: what it claims, and the signature that remains to be checked. */
export type Statement<C> = { readonly claims: C; readonly jws: Jws }

/** Throws Flaw for anything but the exact form, whoever signed it. */
export const readJoin = (text: string): Statement<JoinClaims> => read(text, 'join', join)
export const readRequest = (text: string): Statement<RequestClaims> =>
  read(text, 'request', request)

/** Throws as well when the granted purposes do not say what the decision says. */
export function readDecision(text: string): Statement<DecisionClaims> {
  const statement = read(text, 'decision', decision)
  const { decision: word, purposes } = statement.claims
  if (purposes.some(({ granted }) => granted !== (word === 'given')))
    throw new Flaw('decision-purposes', 'the purposes say another thing than the decision')
  return statement
}

/** Claims in the order in which they are signed. Throws Flaw for what no verifier would take. */
export const joinClaims = (claims: JoinClaims): JoinClaims => join(claims, 'join')
export const requestClaims = (claims: RequestClaims): RequestClaims => request(claims, 'request')
export const decisionClaims = (claims: DecisionClaims): DecisionClaims =>
  decision(claims, 'decision')

function read<C>(text: string, kind: keyof typeof statementType, shape: Shape<C>): Statement<C> {
  const jws = parseJws(text, statementType[kind])
  return { jws, claims: readJson(jws.payload, shape, kind) }
}
