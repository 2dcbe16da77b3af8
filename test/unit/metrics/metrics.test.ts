import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createMetrics,
  labelValues,
  metricNames,
  type Metrics,
} from '../../../src/metrics/index.ts'

let metrics: Metrics
beforeEach(() => {
  metrics = createMetrics()
})
afterEach(() => metrics[Symbol.dispose]())

/** `name{labels}` → value, as a scraper reads it. */
const scrape = async (): Promise<Map<string, number>> => {
  const { text } = await metrics.expose()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  )
}

/** Calls every function there is, so that every series exists. */
function reportAll(): void {
  metrics.connectionOpened()
  metrics.connectionClosed('SLOW_READER')
  metrics.joined(12)
  metrics.setRooms(3)
  metrics.setPeople(7)
  metrics.rpc('session.ping', 3)
  metrics.failed('BAD_REQUEST')
  metrics.authFailed('signature')
  metrics.suspicious('flood')
  metrics.throttled('blocked')
  metrics.workerCpu(257, 1.5)
  metrics.workerDied()
  metrics.producers(4)
  metrics.consumers(12)
  metrics.consentAsked()
  metrics.consentOutcome('notAll')
  metrics.consentStarted(30)
  metrics.gateClosed(2)
  metrics.logAppended(6)
  metrics.logFailed()
  metrics.setRecorder({ streams: 2, consumers: 3, withoutPermit: 1 })
  metrics.sealed(1000)
  metrics.recorderFailed('disk')
}

test('each report moves its own metric', async () => {
  reportAll()
  const seen = await scrape()
  const expected = {
    assent_connections: 0,
    assent_connections_opened_total: 1,
    'assent_connections_closed_total{code="SLOW_READER"}': 1,
    assent_joins_total: 1,
    assent_join_seconds_sum: 0.012,
    assent_rooms: 3,
    assent_people: 7,
    'assent_rpc_seconds_sum{method="session.ping"}': 0.003,
    'assent_rpc_seconds_bucket{le="0.0025",method="session.ping"}': 0,
    'assent_rpc_seconds_bucket{le="0.005",method="session.ping"}': 1,
    'assent_errors_total{code="BAD_REQUEST"}': 1,
    'assent_auth_failures_total{reason="signature"}': 1,
    'assent_suspicious_total{kind="flood"}': 1,
    'assent_throttled_total{how="blocked"}': 1,
    'assent_worker_cpu_seconds_total{worker="1"}': 1.5,
    assent_worker_deaths_total: 1,
    assent_producers: 4,
    assent_consumers: 12,
    assent_consent_requests_total: 1,
    'assent_consent_outcomes_total{outcome="notAll"}': 1,
    assent_consent_start_seconds_sum: 0.03,
    assent_consent_stop_seconds_sum: 0.002,
    assent_log_append_seconds_sum: 0.006,
    assent_log_failures_total: 1,
    assent_recorder_streams: 2,
    assent_recorder_consumers: 3,
    assent_recorder_consumers_without_permit: 1,
    assent_sealed_bytes_total: 1000,
    'assent_recorder_failures_total{why="disk"}': 1,
  }
  expect(
    Object.fromEntries(Object.keys(expected).map((series) => [series, seen.get(series)])),
  ).toEqual(expected)
})

test('what is exposed is the list, no more and no less', async () => {
  reportAll()
  const { text } = await metrics.expose()
  const exposed = Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name = '']) => name)
  expect(exposed).toHaveLength(metricNames.length)
  expect(new Set(exposed)).toEqual(new Set(metricNames))
})

test('every label has one of its listed values', async () => {
  reportAll()
  const labelled = [...(await scrape()).keys()].filter((series) => series.includes('{'))
  expect(labelled.length).toBeGreaterThan(50)
  for (const series of labelled) {
    const name = metricNames.find((own) =>
      new RegExp(`^${own}(_bucket|_sum|_count)?\\{`).test(series),
    )
    if (name === undefined) expect.fail(series)
    for (const [, label = '', value = ''] of series.matchAll(/(\w+)="([^"]*)"/g)) {
      if (label !== 'le') expect(labelValues(name)[label], series).toContain(value)
    }
  }
})

test('no label is named after a person, a room or an address', () => {
  const labels = new Set(metricNames.flatMap((name) => Object.keys(labelValues(name))))
  expect([...labels].toSorted()).toEqual([
    'code',
    'how',
    'kind',
    'method',
    'outcome',
    'quantile',
    'reason',
    'why',
    'worker',
  ])
})

test('counters are there, at 0, before anything happens, so that an alert sees the first event', async () => {
  const seen = await scrape()
  expect(seen.get('assent_recorder_consumers_without_permit')).toBe(0)
  expect(seen.get('assent_auth_failures_total{reason="signature"}')).toBe(0)
  expect(seen.get('assent_errors_total{code="TOO_MANY_REQUESTS"}')).toBe(0)
})

test('the process tells its memory, its CPU time and the delay of its event loop', async () => {
  const seen = await scrape()
  expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(seen.get('assent_event_loop_delay_seconds{quantile="1"}')).toBeGreaterThanOrEqual(0)
  const later = await scrape()
  expect(later.get('process_cpu_seconds_total')).toBeGreaterThanOrEqual(
    seen.get('process_cpu_seconds_total') ?? Infinity,
  )
})

test('two servers in one process do not mix', async () => {
  using other = createMetrics()
  other.setRooms(9)
  expect((await scrape()).get('assent_rooms')).toBe(0)
})
