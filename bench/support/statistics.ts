/** A median with its 95 % bootstrap interval. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function spread(values: readonly number[]): Spread {
  const medians = Array.from({ length: 2000 }, () =>
    median(values.map(() => values[Math.floor(Math.random() * values.length)] ?? NaN)),
  )
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) }
}

export function median(values: readonly number[]): number {
  const sorted = ascending(values)
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2
}

export function quantile(values: readonly number[], q: number): number {
  return ascending(values)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN
}

/** A p99 of a few values is their maximum under another name: none is told of fewer than 1,000. */
export function p99(values: readonly number[]): string {
  return values.length < 1000
    ? `p99 not told of ${values.length}`
    : `p99 ${quantile(values, 0.99).toFixed(1)}`
}

export function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, key: Math.random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value)
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
