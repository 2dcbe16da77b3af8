import type { Notice } from '#protocol'
import { fromUtf8 } from './bytes.ts'
import { terms } from './fields.ts'
import { Flaw } from './flaw.ts'
import {
  records,
  schema,
  subjectRecord,
  type CoreRecord,
  type RecordOf,
  type RecordType,
  type ServerRecord,
  type SessionRecord,
  type SubjectRecord,
} from './records.ts'
import { object, property, refuse, type Of } from './shape.ts'
import type { SignedDecision } from './signed-decision.ts'

/** One record to be written. */
export type Entry = {
  /** Names the act, not the attempt: whoever repeats a key gets the entry that is already there. */
  readonly key: string
  readonly core: CoreRecord
  readonly subject?: SubjectRecord
  /** The person's own word; no yes is taken without it. */
  readonly signed?: SignedDecision | undefined
  /** The exact text shown, kept under its SHA-256; belongs to a `request`. */
  readonly notice?: string
}

/** The `core` text of a leaf. Throws Flaw for what the type does not allow, and over a million characters. */
export function encodeCore(record: CoreRecord): string {
  const json = JSON.stringify(readRecord(record))
  return json.length > maxCoreLength ? refuse('core', `at most ${maxCoreLength} characters`) : json
}

/** Throws Flaw unless the bytes are exactly what `encodeCore` writes: evidence has one reading. */
export function decodeCore(bytes: Uint8Array): CoreRecord {
  const json = fromUtf8(bytes)
  const record = readRecord(parseJson(json))
  if (JSON.stringify(record) !== json) throw new Flaw('encoding', 'core is not in its one encoding')
  return record
}

/** The `subject` text; empty when a record is about nobody. Throws Flaw. */
export function encodeSubject(record: SubjectRecord | undefined): string {
  return record === undefined ? '' : JSON.stringify(subjectRecord(record, 'subject'))
}

/** The opening fields of a record of one session: a fresh random id, and which session it is. */
export function recordHeader<const T extends SessionRecord['type']>(type: T, sessionId: string) {
  return { ...freshHeader(type), session: { id: sessionId } } as const
}

/** The opening fields of a record that belongs to no session. */
export function serverHeader<const T extends ServerRecord['type']>(type: T) {
  return freshHeader(type)
}

function freshHeader<const T extends RecordType>(type: T) {
  const recordId = crypto.getRandomValues(new Uint8Array(16)).toHex()
  return { schema, recordId, type } as const
}

export const sessionOf = (core: CoreRecord): string | null =>
  'session' in core ? core.session.id : null

/** Whether two records tell of the same act, however often and when they were made: their ids and times may differ. */
export function isSameAct(a: CoreRecord, b: CoreRecord): boolean {
  return JSON.stringify(actOf(a)) === JSON.stringify(actOf(b))
}

const actOf = (core: CoreRecord): unknown[] => [
  core.type,
  core.event.state,
  sessionOf(core),
  property(core, 'requestId'),
  property(core, 'recordingId'),
  property(core, 'rightsId'),
  property(property(core, 'subject'), 'ref'),
]

/** What a request record repeats of the notice it shows: everything but the name of who asks. */
export function requestTerms(
  notice: Readonly<Record<keyof typeof terms, unknown>>,
): Of<typeof termsShape> {
  const names = Object.keys(terms)
  return termsShape(
    Object.fromEntries(Object.entries(notice).filter(([name]) => names.includes(name))),
    'notice',
  )
}

/** Which notice a person was shown, by the hash of its exact bytes; `uiSha256`: by which page. */
export function shownNotice(
  notice: Notice,
  sha256: string,
  uiSha256: string | null,
): RecordOf<'request'>['notice'] {
  const { url, lang, version, date } = notice.policyText
  return { sha256, url, lang, version, date, ...(uiSha256 !== null && { uiSha256 }) }
}

function readRecord(value: unknown): CoreRecord {
  const type = property(value, 'type')
  return isRecordType(type) ? records[type](value, 'core') : refuse('core.type', 'a type of record')
}

const isRecordType = (type: unknown): type is RecordType =>
  typeof type === 'string' && Object.hasOwn(records, type)

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new Flaw('json', 'core is not JSON', { cause })
  }
}

const termsShape = object(terms)
const maxCoreLength = 1_000_000
