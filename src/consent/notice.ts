import { CallError, Notice, type Asking, type RequestId, type SessionId } from '#protocol'

/** What the controller has settled once for all its calls. */
export type NoticeSettings = Omit<
  Notice,
  | 'schema'
  | 'requestId'
  | 'session'
  | 'askedBy'
  | 'purposes'
  | 'media'
  | 'policy'
  | 'retention'
  | 'recipients'
  | 'validity'
  | 'biometricTemplate'
  | 'collectionMethod'
  | 'processing'
  | 'automatedDecisions'
> & {
  readonly evidenceDays: number
  readonly readers: readonly {
    readonly readerId: string
    readonly name: string
    readonly role: string
    readonly country: string
  }[]
  readonly policies: readonly string[]
  readonly retentionDays: readonly number[]
}

/**
 * The notice as exact bytes: what is hashed, kept, shown and decided upon. Throws CallError NO_READERS or
 * NOTICE_INCOMPLETE with the field's name; nothing may be asked with a notice that leaves a field out.
 */
export function composeNotice(
  settings: NoticeSettings,
  asking: Asking,
  facts: {
    readonly requestId: RequestId
    readonly session: { readonly id: SessionId; readonly startedAt: number }
    readonly askedBy: string
    readonly now: number
  },
): string {
  const { evidenceDays, readers, policies, retentionDays, ...settled } = settings
  const recipients = readers.filter(({ readerId }) => asking.readers.some((id) => id === readerId))
  if (recipients.length !== new Set(asking.readers).size)
    throw new CallError('NO_READERS', 'readers: not all are on the list')
  if (!policies.includes(asking.policy))
    throw new CallError('BAD_REQUEST', 'policy: not offered here')
  if (!retentionDays.includes(asking.retentionDays))
    throw new CallError('BAD_REQUEST', 'retentionDays: not offered here')
  const notice = Notice.safeParse({
    schema: 'assent/notice/v1',
    requestId: facts.requestId,
    session: facts.session,
    askedBy: { name: facts.askedBy, at: facts.now },
    purposes: [
      {
        id: 'recording',
        text: asking.purpose,
        category: 'recording-of-communication',
        required: false,
      },
    ],
    media: asking.media,
    biometricTemplate: false,
    policy: asking.policy,
    collectionMethod: 'in-call dialog, affirmative click',
    processing: ['record', 'store'],
    automatedDecisions: false,
    retention: { recordingDays: asking.retentionDays, evidenceDays, from: 'end-of-recording' },
    recipients: recipients.map(({ name, role, country }) => ({ name, role, country })),
    validity: { from: facts.now, until: 'end-of-session' },
    ...settled,
  })
  if (!notice.success) {
    const where = notice.error.issues[0]?.path.join('.') ?? 'notice'
    throw new CallError('NOTICE_INCOMPLETE', `${where}: missing or wrong`)
  }
  return JSON.stringify(notice.data)
}

/** A purpose without what does not make it another one, so that it cannot be asked again in capitals. */
export const purposeKey = (purpose: string): string =>
  purpose
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, ' ')
    .trim()
