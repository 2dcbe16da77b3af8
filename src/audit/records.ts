import {
  opaqueId,
  originName,
  policy,
  recordedTrack,
  recordId,
  sha256Hex,
  sha512Hex,
  shownNotice,
  source,
  subject,
  terms,
  time,
  track,
  validity,
} from './fields.ts'
import { byState, integer, list, object, oneOf, optional, pair, text, type Of } from './shape.ts'

/** Names the meaning of every field below; a change of meaning is a new number. */
export const schema = 'assent:consent-record:1'

/** What the server keeps, by what the table of retention calls it. */
export const dataKinds = ['recording', 'evidence', 'rights-request', 'backup'] as const
export type DataKind = (typeof dataKinds)[number]
/** What a person may demand (GDPR art. 15–21). */
export const rights = ['access', 'correct', 'restrict', 'object', 'erase'] as const

/** Why something happened: closed lists, so that no free text, and nobody's name, slips into evidence. */
export const causes = {
  given: ['click'],
  refused: ['click', 'timeout', 'disconnect', 'policy'],
  withdrawn: ['click', 'disconnect', 'policy'],
  'gate-closed': [
    'joined',
    'host',
    'notice',
    'connection',
    'not-all',
    'stopped',
    'host-left',
    'empty',
    'expired',
    'recorder-failed',
    'log-failed',
    'server-stopped',
    'server-restarted',
  ],
  'request-over': [
    'declined',
    'expired',
    'cancelled',
    'not-all',
    'stopped',
    'host-left',
    'empty',
    'recorder-failed',
    'log-failed',
    'server-stopped',
    'server-restarted',
  ],
  'session-close': ['empty', 'host', 'server-stopped', 'server-restarted'],
  destroyed: ['subject-request', 'retention', 'erasure', 'operator', 'recorder-failed'],
} as const

const serverHeader = <const T extends string>(type: T) => ({
  schema: oneOf(schema),
  recordId,
  type: oneOf(type),
})
const header = <const T extends string>(type: T) => ({
  ...serverHeader(type),
  session: object({ id: opaqueId }),
})
const refs = (min: number) => list(opaqueId, min, 1000)
const decision = {
  requestId: opaqueId,
  subject,
  noticeSha256: sha256Hex,
  /** The same person's previous signed decision in this session, by the hash of its JWS. */
  prev: optional(sha256Hex),
  present: refs(0),
}
const run = { requestId: opaqueId, recordingId: opaqueId }
const clientTime = optional(time)

/** Every type of record. What a record may say is what stands here, and nothing else. */
export const records = {
  'session-open': object({
    ...header('session-open'),
    event: object({ state: oneOf('opened'), time }),
  }),

  /** `event.entity` asks, `subject` is asked: one record for each person of a run, all with the same requestId. */
  request: object({
    ...header('request'),
    event: object({ state: oneOf('requested'), time, entity: opaqueId, validity }),
    requestId: opaqueId,
    subject,
    notice: shownNotice,
    policy,
    ...terms,
  }),

  decision: byState({
    given: object({
      ...header('decision'),
      event: object({
        state: oneOf('given'),
        time,
        cause: oneOf(...causes.given),
        clientTime,
        validity,
      }),
      ...decision,
    }),
    refused: object({
      ...header('decision'),
      event: object({ state: oneOf('refused'), time, cause: oneOf(...causes.refused), clientTime }),
      ...decision,
    }),
    withdrawn: object({
      ...header('decision'),
      event: object({
        state: oneOf('withdrawn'),
        time,
        cause: oneOf(...causes.withdrawn),
        clientTime,
      }),
      ...decision,
    }),
  }),

  /** `decisions` are the yeses this gate rests on: each the origin of a log and an index in it. */
  'gate-open': object({
    ...header('gate-open'),
    event: object({ state: oneOf('opened'), time }),
    requestId: opaqueId,
    policy,
    decisions: list(pair(originName, integer()), 1, 1000),
    present: refs(1),
  }),

  'effect-started': object({
    ...header('effect-started'),
    event: object({ state: oneOf('started'), time }),
    ...run,
    tracks: list(track, 0, 4000),
  }),

  'gate-closed': object({
    ...header('gate-closed'),
    event: object({
      state: oneOf('closed', 'superseded', 'expired', 'interrupted'),
      time,
      cause: oneOf(...causes['gate-closed']),
      entity: optional(opaqueId),
    }),
    requestId: opaqueId,
  }),

  /**
   * The stretches recorded since the last one of these; the manifest once the recording is over. `interrupted`: the
   * server died meanwhile, and what was recorded is known once the files have been looked at.
   */
  'effect-stopped': byState({
    stopped: object({
      ...header('effect-stopped'),
      event: object({ state: oneOf('stopped'), time }),
      ...run,
      tracks: list(recordedTrack, 0, 4000),
      mediaSha512: list(sha512Hex, 0, 4000),
      manifestSha256: optional(sha256Hex),
    }),
    interrupted: object({
      ...header('effect-stopped'),
      event: object({ state: oneOf('interrupted'), time }),
      ...run,
    }),
  }),

  'session-close': object({
    ...header('session-close'),
    event: object({ state: oneOf('closed'), time, cause: oneOf(...causes['session-close']) }),
  }),

  /** `event.entity` is who opened it: a reader's or an operator's key name. */
  access: object({
    ...header('access'),
    event: object({ state: oneOf('accessed'), time, entity: opaqueId }),
    recordingId: opaqueId,
    act: oneOf('list', 'download', 'open', 'export'),
  }),

  destroyed: object({
    ...header('destroyed'),
    event: object({ state: oneOf('destroyed'), time, cause: oneOf(...causes.destroyed) }),
    subject,
    recordingId: opaqueId,
    tracks: list(object({ source }), 0, 4000),
  }),

  /** `event.entity` has taken the run over and may pause, resume and end it. */
  'host-changed': object({
    ...header('host-changed'),
    event: object({ state: oneOf('changed'), time, entity: opaqueId }),
    requestId: opaqueId,
  }),

  /** Nothing will be recorded, or recorded further, under this request. */
  'request-over': object({
    ...header('request-over'),
    event: object({ state: oneOf('over'), time, cause: oneOf(...causes['request-over']) }),
    requestId: opaqueId,
  }),

  /** While it stands, nothing about this session is erased. `event.entity` is the operator who says so. */
  hold: object({
    ...header('hold'),
    event: object({ state: oneOf('placed', 'lifted'), time, entity: opaqueId }),
  }),

  /**
   * What became of a demand. Whose it was is not said: `rightsId` alone ties its records together, so that the log shows
   * that demands are met in time and still forgets who made them. `event.entity`: the operator, when it came by letter.
   */
  rights: object({
    ...serverHeader('rights'),
    event: object({
      state: oneOf('received', 'extended', 'done', 'refused', 'withdrawn'),
      time,
      cause: oneOf('page', 'letter'),
      entity: optional(opaqueId),
    }),
    rightsId: opaqueId,
    right: oneOf(...rights),
  }),

  /** What had reached the end of its life and is gone. `event.entity`: the operator, when one had it done. */
  sweep: object({
    ...serverHeader('sweep'),
    event: object({
      state: oneOf('swept'),
      time,
      cause: oneOf('daily', 'start', 'operator'),
      entity: optional(opaqueId),
    }),
    removed: list(object({ kind: oneOf(...dataKinds), count: integer(1) }), 0, dataKinds.length),
  }),

  /** What an operator did to the data as a whole. */
  operation: object({
    ...serverHeader('operation'),
    event: object({ state: oneOf('done'), time, entity: opaqueId }),
    act: oneOf('backup', 'restore', 'export', 'list'),
  }),
}

/** Who it was: kept apart, so that it can be erased while what happened stays provable. */
export const subjectRecord = object({
  name: optional(text(200)),
  account: optional(text(200)),
  auth: optional(object({ method: text(64), issuer: text(500), time })),
})

export type RecordType = keyof typeof records
export type RecordOf<T extends RecordType> = Of<(typeof records)[T]>
/** What happened, without names: a union by `type`. */
export type CoreRecord = { [T in RecordType]: RecordOf<T> }[RecordType]
/** What belongs to one call, and what the server does apart from all. */
export type SessionRecord = Extract<CoreRecord, { readonly session: unknown }>
export type ServerRecord = Exclude<CoreRecord, SessionRecord>
export type SubjectRecord = Of<typeof subjectRecord>
