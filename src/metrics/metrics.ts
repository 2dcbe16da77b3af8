import { Registry } from 'prom-client'
import type { ErrorCode, Method, Outcome } from '#protocol'
import { instrumentsIn, type Instruments } from './instruments.ts'
import type { Label } from './list.ts'
import { watchProcess } from './process.ts'

/**
 * What the rest of the server reports. Cheap enough for every message; durations in milliseconds.
 */
export interface Metrics extends Disposable {
  connectionOpened(): void
  connectionClosed(code: ErrorCode | 'left'): void
  joined(ms: number): void
  setRooms(count: number): void
  setPeople(count: number): void
  rpc(method: Method, ms: number): void
  failed(code: ErrorCode): void
  authFailed(reason: Label<'assent_auth_failures_total', 'reason'>): void
  suspicious(kind: Label<'assent_suspicious_total', 'kind'>): void
  throttled(how: Label<'assent_throttled_total', 'how'>): void
  workerCpu(workerIndex: number, seconds: number): void
  workerDied(): void
  producers(count: number): void
  consumers(count: number): void
  consentAsked(): void
  consentOutcome(outcome: Outcome): void
  consentStarted(ms: number): void
  gateClosed(ms: number): void
  logAppended(ms: number): void
  logFailed(): void
  setLog(now: { size: number; cosigned: number }): void
  witnessProblem(code: Label<'assent_witness_problems_total', 'code'>): void
  /** Demands for people's rights that nobody has answered yet. */
  setRights(now: { open: number; overdue: number }): void
  setRecorder(now: { streams: number; consumers: number; withoutPermit: number }): void
  sealed(bytes: number): void
  recorderFailed(why: Label<'assent_recorder_failures_total', 'why'>): void
  swept(kind: Label<'assent_swept_total', 'kind'>, count: number): void
  sweepFailed(kind: Label<'assent_sweep_failures_total', 'kind'>): void
  /** `now`: ms epoch. */
  sweepEnded(now: number, held: number): void
  setPendingTombstones(count: number): void
  /** The Prometheus text format, and its content type. */
  expose(): Promise<{ contentType: string; text: string }>
}

/**
 * Its own registry: two servers in one process do not mix. Dispose it to stop watching the event
 * loop.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const instruments = instrumentsIn(registry)
  const watched = watchProcess(instruments)
  return {
    ...edge(instruments),
    ...media(instruments),
    ...recording(instruments),
    ...retention(instruments),
    expose: async () => {
      watched.read()
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
    [Symbol.dispose]: () => watched.stop(),
  }
}

function edge({ counter, gauge, histogram }: Instruments) {
  const [open, opened] = [gauge('assent_connections'), counter('assent_connections_opened_total')]
  const closed = counter('assent_connections_closed_total')
  const [joins, join] = [counter('assent_joins_total'), histogram('assent_join_seconds')]
  const [rooms, people] = [gauge('assent_rooms'), gauge('assent_people')]
  const [rpc, errors] = [histogram('assent_rpc_seconds'), counter('assent_errors_total')]
  const authFailures = counter('assent_auth_failures_total')
  const [suspicious, throttled] = [
    counter('assent_suspicious_total'),
    counter('assent_throttled_total'),
  ]
  return {
    connectionOpened: () => {
      opened.inc()
      open.inc()
    },
    connectionClosed: (code) => {
      closed.inc({ code })
      open.dec()
    },
    joined: (ms) => {
      joins.inc()
      join.observe(ms / 1000)
    },
    setRooms: (count) => rooms.set(count),
    setPeople: (count) => people.set(count),
    rpc: (method, ms) => rpc.observe({ method }, ms / 1000),
    failed: (code) => errors.inc({ code }),
    authFailed: (reason) => authFailures.inc({ reason }),
    suspicious: (kind) => suspicious.inc({ kind }),
    throttled: (how) => throttled.inc({ how }),
  } satisfies Partial<Metrics>
}

function media({ counter, gauge }: Instruments) {
  const [cpu, deaths] = [
    counter('assent_worker_cpu_seconds_total'),
    counter('assent_worker_deaths_total'),
  ]
  const [producers, consumers] = [gauge('assent_producers'), gauge('assent_consumers')]
  return {
    // The label stays closed whatever the number of workers.
    workerCpu: (worker, seconds) => cpu.inc({ worker: `${worker % 256}` }, seconds),
    workerDied: () => deaths.inc(),
    producers: (count) => producers.set(count),
    consumers: (count) => consumers.set(count),
  } satisfies Partial<Metrics>
}

function recording({ counter, gauge, histogram }: Instruments) {
  const [asked, outcomes] = [
    counter('assent_consent_requests_total'),
    counter('assent_consent_outcomes_total'),
  ]
  const [start, stop] = [
    histogram('assent_consent_start_seconds'),
    histogram('assent_consent_stop_seconds'),
  ]
  const [append, logFailures] = [
    histogram('assent_log_append_seconds'),
    counter('assent_log_failures_total'),
  ]
  const [entries, seen] = [gauge('assent_log_entries'), gauge('assent_log_cosigned_entries')]
  const problems = counter('assent_witness_problems_total')
  const [streams, consumers] = [
    gauge('assent_recorder_streams'),
    gauge('assent_recorder_consumers'),
  ]
  const [demands, overdue] = [gauge('assent_rights_open'), gauge('assent_rights_overdue')]
  const withoutPermit = gauge('assent_recorder_consumers_without_permit')
  const [sealed, failures] = [
    counter('assent_sealed_bytes_total'),
    counter('assent_recorder_failures_total'),
  ]
  return {
    consentAsked: () => asked.inc(),
    consentOutcome: (outcome) => outcomes.inc({ outcome }),
    consentStarted: (ms) => start.observe(ms / 1000),
    gateClosed: (ms) => stop.observe(ms / 1000),
    logAppended: (ms) => append.observe(ms / 1000),
    logFailed: () => logFailures.inc(),
    setLog: ({ size, cosigned }) => {
      entries.set(size)
      seen.set(cosigned)
    },
    witnessProblem: (code) => problems.inc({ code }),
    setRights: (now) => {
      demands.set(now.open)
      overdue.set(now.overdue)
    },
    setRecorder: (now) => {
      streams.set(now.streams)
      consumers.set(now.consumers)
      withoutPermit.set(now.withoutPermit)
    },
    sealed: (bytes) => sealed.inc(bytes),
    recorderFailed: (why) => failures.inc({ why }),
  } satisfies Partial<Metrics>
}

function retention({ counter, gauge }: Instruments) {
  const [swept, failures] = [counter('assent_swept_total'), counter('assent_sweep_failures_total')]
  const [last, held] = [gauge('assent_sweep_last_seconds'), gauge('assent_sweep_held')]
  const pending = gauge('assent_tombstones_pending')
  return {
    swept: (kind, count) => swept.inc({ kind }, count),
    sweepFailed: (kind) => failures.inc({ kind }),
    sweepEnded: (now, count) => {
      last.set(now / 1000)
      held.set(count)
    },
    setPendingTombstones: (count) => pending.set(count),
  } satisfies Partial<Metrics>
}
