import {
  absolute,
  checkNotice,
  days,
  isoTime,
  mediaOf,
  recordUuid,
  type Asked,
  type DecisionEvidence,
  type Given,
  type Stretch,
} from './evidence.ts'

/**
 * A vCon in its unsigned form (draft-ietf-vcon-vcon-core-04) with one decision as a `lawful_basis` attachment
 * (draft-howe-vcon-lawful-basis-01). The person is party 0, who answers for the data are the others; of others in the
 * call it says nothing. Throws Flaw `export-notice` and `export-time`.
 */
export function toVcon(evidence: DecisionEvidence) {
  checkNotice(evidence)
  const { core, asked, recorded = [] } = evidence
  return {
    uuid: recordUuid(core),
    extensions: ['lawful_basis'],
    created_at: isoTime(core.event.time),
    parties: [person(evidence), ...[...asked.controllers, ...asked.processors].map(organization)],
    dialog: [
      // An attachment must name a dialog (§4.4.4), also where nothing was recorded: this one stands for the call (§4.3.4).
      {
        type: 'recording-set',
        start: isoTime(asked.session.startedAt),
        parties: [0],
        recordings: recorded.map((_, i) => i + 1),
      },
      ...recorded.map(recording),
    ],
    attachments: [
      {
        // The one draft names it by type, the other by purpose.
        type: 'lawful_basis',
        purpose: 'lawful_basis',
        start: isoTime(core.event.time),
        party: 0,
        dialog: 0,
        mediatype: 'application/json',
        encoding: 'json',
        body: lawfulBasis(evidence),
      },
    ],
  }
}

function person({ core, subject }: DecisionEvidence) {
  return {
    uuid: core.subject.ref,
    type: 'person',
    ...(subject?.name === undefined
      ? {}
      : { name: subject.name, validation: subject.auth?.method ?? 'none' }),
  }
}

const organization = ({ name }: Asked['controllers'][number]) => ({
  name,
  validation: 'none',
  type: 'organization',
})

/** Without content: the media are sealed to their readers, and the log does not say which file holds whom. */
const recording = ({ startedAt, stoppedAt }: Stretch) => ({
  type: 'recording',
  start: isoTime(startedAt),
  duration: (stoppedAt - startedAt) / 1000,
  parties: [0],
  recording_set: 0,
})

/**
 * Left out are `registry`, whose one registered kind is a service that this log is not, and `content_hash`, which is of the
 * very body it stands in.
 */
function lawfulBasis(evidence: DecisionEvidence) {
  const { core, asked, log, recorded = [] } = evidence
  const { event } = core
  const time = isoTime(event.time)
  return {
    lawful_basis: 'consent',
    expiration: event.state === 'given' ? isoTime(keptUntil(evidence)) : time,
    purpose_grants: asked.purposes.map(({ id }) => ({
      purpose: id,
      granted: event.state === 'given',
      granted_at: time,
      ...(event.state === 'given' ? { conditions: conditions(event, asked) } : {}),
    })),
    terms_of_service: absolute(asked.notice.url, log),
    proof_mechanisms: [...signature(evidence), logEntry(evidence)],
    metadata: {
      record_id: core.recordId,
      request_id: core.requestId,
      session_id: core.session.id,
      state: event.state,
      cause: event.cause,
      notice: {
        content_hash: `sha256-${base64url(core.noticeSha256)}`,
        version: asked.notice.version,
        date: asked.notice.date,
        language: asked.notice.lang,
      },
      recorded: recorded.map(({ source }, i) => ({ dialog: i + 1, source })),
    },
  }
}

/**
 * Never null, which a consumer takes for consent without an end: the recording may be kept until then at least, counted
 * from the last moment that is known to be in it.
 */
function keptUntil({ core, asked, recorded = [] }: DecisionEvidence): number {
  const known = Math.max(core.event.time, ...recorded.map(({ stoppedAt }) => stoppedAt))
  return known + asked.retention.recordingDays * dayMs
}

const conditions = ({ validity: { until } }: Given, asked: Asked) => [
  `media: ${mediaOf(asked).join(', ')}`,
  `recorded until: ${until === 'end-of-session' ? until : isoTime(until)}`,
  `kept for: ${days(asked.retention.recordingDays)} from ${asked.retention.from}`,
]

/** A JWS where the draft speaks of COSE: its bytes are what the person's key signed, and there are no others. */
const signature = ({ core, proof }: DecisionEvidence) =>
  proof === undefined
    ? []
    : [
        {
          proof_type: 'cryptographic_signature',
          timestamp: isoTime(core.event.time),
          proof_data: {
            format: 'jws',
            request: proof.requestJws,
            decision: proof.decisionJws,
            jwk: proof.jwk,
          },
        },
      ]

const logEntry = ({ core, log }: DecisionEvidence) => ({
  proof_type: 'external_system',
  timestamp: isoTime(core.event.time),
  proof_data: {
    system: 'https://c2sp.org/tlog-tiles',
    origin: log.origin,
    index: log.index,
    checkpoint: log.checkpoint,
  },
})

const base64url = (hex: string): string =>
  Uint8Array.fromHex(hex).toBase64({ alphabet: 'base64url', omitPadding: true })

const dayMs = 24 * 60 * 60 * 1000
