import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { labelValues, rowOf, type MetricName, type Named } from './list.ts'

export interface Instruments {
  readonly counter: (name: Named<'counter'>) => Counter
  readonly gauge: (name: Named<'gauge'>) => Gauge
  readonly histogram: (name: Named<'histogram'>) => Histogram
}

/** Makes the instruments of the list; each name once. */
export function instrumentsIn(registry: Registry): Instruments {
  const common = (name: MetricName) => ({
    name,
    help: rowOf(name).help,
    labelNames: Object.keys(labelValues(name)),
    registers: [registry],
  })
  return {
    counter: (name) => startedAtZero(name, new Counter(common(name))),
    gauge: (name) => new Gauge(common(name)),
    histogram: (name) =>
      new Histogram({ ...common(name), buckets: [...(rowOf(name).buckets ?? [])] }),
  }
}

/**
 * An alert on an increase misses the first event of a series that was not there before: all of them
 * begin at 0.
 */
function startedAtZero(name: MetricName, counter: Counter): Counter {
  for (const [label, values] of Object.entries(labelValues(name))) {
    if (values.length <= 100) values.forEach((value) => counter.inc({ [label]: value }, 0))
  }
  return counter
}
