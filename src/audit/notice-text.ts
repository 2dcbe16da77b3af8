import { requestTerms } from './entry.ts'
import { opaqueId, policy, sha256Hex, terms, time, validity } from './fields.ts'
import { Flaw } from './flaw.ts'
import { readJson } from './jws.ts'
import type { RecordOf } from './records.ts'
import { matching, object, oneOf, optional, text, type Of } from './shape.ts'

const { controllers, processors, purposes, media, biometricTemplate, ...otherTerms } = terms

/** In the order in which a server writes it: what was shown has one encoding, and so one reading. */
const notice = object({
  schema: oneOf('assent/notice/v1'),
  requestId: opaqueId,
  session: object({ id: opaqueId, startedAt: time }),
  askedBy: object({ name: text(500), at: time }),
  controllers,
  processors,
  purposes,
  media,
  biometricTemplate,
  policy,
  ...otherTerms,
  validity,
  policyText: object({
    version: text(32),
    date: matching(/^\d{4}-\d{2}-\d{2}$/, 'a date'),
    lang: text(8),
    url: text(500),
    sha256: optional(sha256Hex),
  }),
})

/** What a person was shown, read without a server: the notice of a request. Times are ms epoch. */
export type NoticeText = Of<typeof notice>

/** Throws Flaw `notice-form` for anything but the exact text of a notice. */
export function readNotice(bytes: Uint8Array): NoticeText {
  try {
    return readJson(bytes, notice, 'notice')
  } catch (cause) {
    if (cause instanceof Flaw) throw new Flaw('notice-form', cause.message, { cause })
    throw cause
  }
}

/**
 * Whether a signed request says what the notice shows: everything but the name of who asks stands in both. Throws Flaw
 * for terms that no record may have.
 */
export const saysTheSame = (request: Asking, shown: Said): boolean =>
  saying({ ...request, policyText: request.notice }) === saying(shown)

/** The same of the record of a request. When the call began does not stand in it. Throws Flaw. */
export const recordSays = (core: RecordOf<'request'>, said: Said): boolean =>
  saysTheSame(
    {
      ...core,
      validity: core.event.validity,
      session: { id: core.session.id, startedAt: said.session.startedAt },
    },
    said,
  )

/** A request, as a server signs it. */
type Asking = Omit<Said, 'policyText'> & { readonly notice: Said['policyText'] }

type Said = Pick<NoticeText, 'requestId' | 'session' | 'policy' | 'validity'> & {
  readonly policyText: Omit<NoticeText['policyText'], 'sha256'>
} & Readonly<Record<keyof typeof terms, unknown>>

/** The terms come in one order; the rest is small enough to be put into it here. */
function saying(said: Said): string {
  const { requestId, session, policy: rule, validity: valid, policyText } = said
  const { version, date, lang, url } = policyText
  return JSON.stringify([
    requestTerms(said),
    [requestId, session.id, session.startedAt, rule, valid.from, valid.until],
    [version, date, lang, url],
  ])
}
