export interface Arc {
  readonly length: number
  readonly offset: number
  readonly filled: boolean
}

/** More arcs than this run together; then each stands for several people. */
const maxArcs = 24

/**
 * One arc per person around a circle of length 100, the first `answered` of them filled. They fill in the order of
 * answers, so no arc is a person.
 */
export function arcsOf(answered: number, total: number): readonly Arc[] {
  const count = Math.min(Math.max(1, total), maxArcs)
  const filled = Math.floor((answered / Math.max(1, total)) * count)
  const step = 100 / count
  const gap = step / 4
  return Array.from({ length: count }, (_, place) => ({
    length: step - gap,
    offset: -(gap / 2 + place * step),
    filled: place < filled,
  }))
}
