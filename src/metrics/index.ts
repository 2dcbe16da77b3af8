export { createMetrics, type Metrics } from './metrics.ts'
export { labelValues, metricNames } from './list.ts'
