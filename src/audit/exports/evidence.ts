import type { Notice } from '#protocol'
import { toHex } from '../bytes.ts'
import { requestTerms, shownNotice } from '../entry.ts'
import { Flaw } from '../flaw.ts'
import type { RecordOf, SubjectRecord } from '../records.ts'
import { sha256 } from '../sha256.ts'

/**
 * One decision with all that is known about it, as a receipt or the log's vault opens it. An export says it in the words
 * of another format and believes it: whoever exports verifies first.
 */
export type DecisionEvidence = {
  readonly core: RecordOf<'decision'>
  readonly asked: Asked
  /** Undefined once it was erased. */
  readonly subject: SubjectRecord | undefined
  /** Undefined when the server alone attests the decision, as for silence. */
  readonly proof: DecisionProof | undefined
  /** There may be a proof, and it is not at hand. */
  readonly mayBeSigned?: boolean
  readonly log: LogEntry
  /** What was recorded of this person under the decision, as far as it is known. */
  readonly recorded?: readonly Stretch[]
}

/** What the person was asked: the notice without the name of who asks, so that no export can repeat it. */
export type Asked = ReturnType<typeof requestTerms> & {
  readonly requestId: string
  readonly session: { readonly id: string; readonly startedAt: number }
  readonly notice: ReturnType<typeof shownNotice>
}

/** Compact JWS (RFC 7515 §7.1) as they were sent, and the person's key in this call. */
export type DecisionProof = {
  readonly requestJws: string
  readonly decisionJws: string
  readonly jwk: PublicJwk
}
export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

/** Where the decision stands in the log; `checkpoint` is a signed note that covers it. */
export type LogEntry = {
  readonly origin: string
  readonly index: number
  readonly checkpoint: string
}

/** A decision that is a yes, which alone has an end. */
export type Given = Extract<DecisionEvidence['core']['event'], { state: 'given' }>

export type Stretch = Omit<RecordedTrack, 'subject'>
type RecordedTrack = Extract<RecordOf<'effect-stopped'>, { mediaSha512: unknown }>['tracks'][number]

/** `bytes` are the notice as it was shown, `notice` is what they say. Throws Flaw for what no record may say. */
export function asked(notice: Notice, bytes: Uint8Array): Asked {
  return {
    ...requestTerms(notice),
    requestId: notice.requestId,
    session: notice.session,
    notice: shownNotice(notice, toHex(sha256(bytes)), null),
  }
}

/** Throws Flaw `export-notice`: what a decision was about may only be told from the very bytes it was made on. */
export function checkNotice({ core, asked }: DecisionEvidence): void {
  const isTheirs =
    core.noticeSha256 === asked.notice.sha256 &&
    core.requestId === asked.requestId &&
    core.session.id === asked.session.id
  if (!isTheirs) throw new Flaw('export-notice', 'this is not the notice the decision was made on')
}

/** RFC 3339, in UTC. Throws Flaw `export-time` past the year 9999, for which it has no digits. */
export function isoTime(ms: number): string {
  if (ms > lastMs) throw new Flaw('export-time', 'a time past the year 9999')
  return new Date(ms).toISOString()
}

/** RFC 9562 version 8: the record's own 128 random bits, but for the six that name the version and the variant. */
export function recordUuid({ recordId }: { readonly recordId: string }): string {
  const variant = ((Number.parseInt(recordId[16]!, 16) & 0b0011) | 0b1000).toString(16)
  const [a, b, c, d, e] = [[0, 8], [8, 12], [13, 16], [17, 20], [20]].map((at) =>
    recordId.slice(...at),
  )
  return `${a}-${b}-8${c}-${variant}${d}-${e}`
}

/** Addresses in a notice may be paths on the server that showed it, which is the one the log is named after. */
export function absolute(url: string, { origin }: LogEntry): string {
  const server = `https://${origin}/`
  return URL.canParse(url) || !URL.canParse(url, server) ? url : new URL(url, server).href
}

/** The kinds of media that were asked for. */
export const mediaOf = ({ media }: Asked) =>
  (['audio', 'video', 'screen'] as const).filter((kind) => media[kind])

/** As ISO 8601 writes a duration. */
export const days = (count: number): string => `P${count}D`

const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
