import { errors, methods, Outcome } from '#protocol'

const witnessProblems = [
  'unreachable',
  'timeout',
  'answer-too-long',
  'answer-malformed',
  'not-cosigned',
  'signature-wrong',
  'log-unknown',
  'log-key-unknown',
  'request-refused',
  'witness-failed',
  'witness-ahead',
  'fork',
  'conflict-unending',
  'log-failed',
] as const
const codes = Object.keys(errors)
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the server keeps, as the table of retention calls it. */
const keptKinds = ['recording', 'evidence', 'rights-request', 'backup'] as const

interface Row {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /**
   * Each label with every value that it may have: closed, so that no name, room or address can
   * become one.
   */
  readonly labels?: Readonly<Record<string, readonly string[]>>
  readonly buckets?: readonly number[]
}

/** Every metric of ours. Units are in the names: seconds, bytes, `_total` for what only grows. */
export const list = {
  assent_connections: { kind: 'gauge', help: 'Open signaling connections.' },
  assent_connections_opened_total: {
    kind: 'counter',
    help: 'Signaling connections that authenticated.',
  },
  assent_connections_closed_total: {
    kind: 'counter',
    help: 'Connections closed, by reason; `left`: by the client.',
    labels: { code: [...codes, 'left'] },
  },
  assent_joins_total: { kind: 'counter', help: 'Joins that succeeded.' },
  assent_join_seconds: {
    kind: 'histogram',
    help: 'From the upgrade request to the snapshot.',
    buckets: seconds,
  },
  assent_rooms: { kind: 'gauge', help: 'Calls under way.' },
  assent_people: { kind: 'gauge', help: 'People in calls.' },
  assent_rpc_seconds: {
    kind: 'histogram',
    help: 'Time to answer a request, by method.',
    labels: { method: Object.keys(methods) },
    buckets: seconds,
  },
  assent_errors_total: { kind: 'counter', help: 'Errors sent, by code.', labels: { code: codes } },
  assent_auth_failures_total: {
    kind: 'counter',
    help: 'Connections and renewals refused, by reason.',
    labels: {
      reason: [
        'missing',
        'tooLong',
        'malformed',
        'algorithm',
        'unknownIssuer',
        'unknownKey',
        'keysUnavailable',
        'signature',
        'audience',
        'expired',
        'notYet',
        'lifetime',
        'claims',
        'origin',
        'timeout',
      ],
    },
  },
  assent_suspicious_total: {
    kind: 'counter',
    help: 'Signs of an attack, by kind.',
    labels: { kind: ['token', 'origin', 'flood', 'malformed', 'probe'] },
  },
  assent_throttled_total: {
    kind: 'counter',
    help: 'Requests slowed or blocked because of their address.',
    labels: { how: ['slowed', 'blocked'] },
  },
  assent_worker_cpu_seconds_total: {
    kind: 'counter',
    help: 'CPU time of the media workers.',
    labels: { worker: Array.from({ length: 256 }, (_, index) => `${index}`) },
  },
  assent_worker_deaths_total: {
    kind: 'counter',
    help: 'Media workers that died and were replaced.',
  },
  assent_producers: { kind: 'gauge', help: 'Streams that people send.' },
  assent_consumers: { kind: 'gauge', help: 'Streams that people receive.' },
  assent_event_loop_delay_seconds: {
    kind: 'gauge',
    help: 'Delay of the event loop since the last reading.',
    labels: { quantile: ['0.5', '0.99', '1'] },
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    help: 'CPU time of the server process without the media workers.',
  },
  process_resident_memory_bytes: {
    kind: 'gauge',
    help: 'Memory of the server process without the media workers.',
  },
  assent_consent_requests_total: { kind: 'counter', help: 'Requests to record.' },
  assent_consent_outcomes_total: {
    kind: 'counter',
    help: 'How requests and recordings ended.',
    labels: { outcome: Outcome.options },
  },
  assent_consent_start_seconds: {
    kind: 'histogram',
    help: 'From the last approval to the first recorded packet.',
    buckets: seconds,
  },
  assent_consent_stop_seconds: {
    kind: 'histogram',
    help: 'From a withdrawal to the last recorded packet.',
    buckets: seconds,
  },
  assent_log_append_seconds: {
    kind: 'histogram',
    help: 'Time for a consent log entry to become durable.',
    buckets: seconds,
  },
  assent_log_failures_total: {
    kind: 'counter',
    help: 'Consent log entries that could not be written.',
  },
  assent_rights_open: {
    kind: 'gauge',
    help: 'Demands of people for their rights that nobody has answered yet.',
  },
  assent_rights_overdue: {
    kind: 'gauge',
    help: 'Those of them that the law wanted answered before now.',
  },
  assent_swept_total: {
    kind: 'counter',
    help: 'Things removed at the end of their life, by kind.',
    labels: { kind: keptKinds },
  },
  assent_sweep_failures_total: {
    kind: 'counter',
    help: 'Things that could not be removed in time, by kind; `sweep`: it could not be gone through with.',
    labels: { kind: [...keptKinds, 'sweep'] },
  },
  assent_sweep_last_seconds: {
    kind: 'gauge',
    help: 'When a sweep last came to its end, in seconds since the epoch; 0 before the first.',
  },
  assent_sweep_held: { kind: 'gauge', help: 'Things past their end that are kept because of a hold.' },
  assent_tombstones_pending: {
    kind: 'gauge',
    help: 'Erasures that the tree of the log does not tell of yet; each sweep says them.',
  },
  assent_log_entries: { kind: 'gauge', help: 'Entries of the consent log.' },
  assent_log_cosigned_entries: {
    kind: 'gauge',
    help: 'Entries of the consent log that a witness has seen; should follow assent_log_entries.',
  },
  assent_witness_problems_total: {
    kind: 'counter',
    help: 'What kept witnesses from cosigning, by kind; `fork` is never to be seen.',
    labels: { code: witnessProblems },
  },
  assent_recorder_streams: { kind: 'gauge', help: 'Streams being recorded.' },
  assent_recorder_consumers: {
    kind: 'gauge',
    help: 'Consumers that the recorder holds in the SFU.',
  },
  assent_recorder_consumers_without_permit: {
    kind: 'gauge',
    help: 'Recorder consumers that no permit covers. Must be 0; anything else is a breach.',
  },
  assent_sealed_bytes_total: { kind: 'counter', help: 'Bytes of recordings sealed.' },
  assent_recorder_failures_total: {
    kind: 'counter',
    help: 'Recorders that failed, by reason.',
    labels: { why: ['died', 'disk', 'media'] },
  },
} as const satisfies Record<string, Row>

export type MetricName = keyof typeof list
export type Named<K extends Row['kind']> = {
  [N in MetricName]: (typeof list)[N] extends { kind: K } ? N : never
}[MetricName]
/** The values that one label of one metric may have. */
export type Label<N extends MetricName, L extends string> = (typeof list)[N] extends {
  labels: Record<L, readonly (infer V)[]>
}
  ? V
  : never

export const metricNames = Object.keys(list) as readonly MetricName[]

export const rowOf = (name: MetricName): Row => list[name]

/** Label names and their allowed values; empty for a metric without labels. */
export const labelValues = (name: MetricName): Readonly<Record<string, readonly string[]>> =>
  rowOf(name).labels ?? {}
