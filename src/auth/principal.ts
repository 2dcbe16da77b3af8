import { CallError, type Grants, type Private, type RoomId } from '#protocol'

/**
 * Who stands behind one connection, and what they may do: a token that was verified, and nothing
 * else of it.
 */
export interface Principal {
  readonly issuer: string
  readonly subject: Private<string>
  readonly room: RoomId
  readonly name: Private<string> | null
  readonly grants: Grants
  /** Never recorded (P16). */
  readonly minor: boolean
  /** When the token runs out, in milliseconds since the epoch. */
  readonly expiresAt: number
  /**
   * When the person last proved who they are (OpenID Connect Core §2), in milliseconds since the
   * epoch.
   */
  readonly authTime: number | null
  readonly acr: string | null
  readonly amr: readonly string[]
  readonly tokenId: string | null
  /** Lower-case hex over the token as it came. */
  readonly tokenSha256: string
  /** The key that alone may sign for this person (RFC 7800 §3.1, `cnf.jkt`); null where the issuer names none. */
  readonly keyThumbprint: string | null
}

/** A person, as their issuer knows them: the same `sub` under another issuer is another person. */
export type Account = Pick<Principal, 'issuer' | 'subject'>

/**
 * The principal after a renewal in the middle of a call: rights only ever narrow, time and sign-in
 * are the fresh token's, the name stays. Throws NOT_AUTHORIZED for a token of another issuer, room
 * or person, or of another age.
 */
export function renewed(current: Principal, next: Principal): Principal {
  if (next.issuer !== current.issuer) throw refused('issuer')
  if (next.room !== current.room) throw refused('room')
  if (next.subject.reveal() !== current.subject.reveal()) throw refused('subject')
  if (next.minor !== current.minor) throw refused('minor')
  if (next.keyThumbprint !== current.keyThumbprint) throw refused('cnf')
  return { ...next, name: current.name, grants: narrowed(current.grants, next.grants) }
}

const refused = (claim: string) =>
  new CallError('NOT_AUTHORIZED', `the fresh token has another ${claim}`)

const narrowed = (current: Grants, next: Grants): Grants => ({
  publish: current.publish.filter((source) => next.publish.includes(source)),
  subscribe: current.subscribe && next.subscribe,
  host: current.host && next.host,
  record: current.record && next.record,
})
