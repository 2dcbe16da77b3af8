export interface Size {
  readonly width: number
  readonly height: number
}
export interface Grid {
  readonly columns: number
  readonly rows: number
}

/** A window this narrow is held in one hand. The styles use the same width. */
export const phoneWidth = 640

export const pageSizeOf = (isPhone: boolean): number => (isPhone ? 6 : 25)

/** The columns that give each tile the largest 16:9 picture; on phones the columns a thumb can reckon with. */
export function gridOf(count: number, stage: Size, isPhone: boolean): Grid {
  if (isPhone) return withRows(count, count <= 2 ? 1 : 2)
  const candidates = Array.from({ length: Math.min(Math.max(1, count), 6) }, (_, few) =>
    withRows(count, few + 1),
  )
  // The last of equals wins: side by side people look at each other.
  return candidates.reduce((best, next) =>
    pictureArea(next, stage) >= pictureArea(best, stage) ? next : best,
  )
}

/** Where the tile at `place` starts when each tile spans two of `2 × columns` tracks, so that a short last row is centred. */
export function startOf(place: number, count: number, { columns, rows }: Grid): number | undefined {
  const inLastRow = count - columns * (rows - 1)
  const isFirstOfLastRow = place === columns * (rows - 1)
  return isFirstOfLastRow && inLastRow < columns ? 1 + (columns - inLastRow) : undefined
}

export function pagesOf<T>(items: readonly T[], pageSize: number): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(items.length / pageSize))
  return Array.from({ length: count }, (_, page) =>
    items.slice(page * pageSize, (page + 1) * pageSize),
  )
}

/**
 * People in the order of their arrival, so that each keeps a place; you come last on the first page. Where one page
 * does not hold all, who spoke lately comes first.
 */
export function inOrder<P extends { readonly peerId: string }>(
  people: readonly P[],
  you: string,
  spokeLately: ReadonlySet<string>,
  pageSize: number,
): readonly P[] {
  const others = people.filter(({ peerId }) => peerId !== you)
  const self = people.filter(({ peerId }) => peerId === you)
  if (people.length <= pageSize) return [...others, ...self]
  const spoke = (wanted: boolean) =>
    others.filter(({ peerId }) => spokeLately.has(peerId) === wanted)
  const ordered = [...spoke(true), ...spoke(false)]
  return [
    ...ordered.slice(0, pageSize - self.length),
    ...self,
    ...ordered.slice(pageSize - self.length),
  ]
}

function withRows(count: number, columns: number): Grid {
  return { columns, rows: Math.max(1, Math.ceil(count / columns)) }
}

function pictureArea({ columns, rows }: Grid, { width, height }: Size): number {
  const across = Math.min(width / columns, (height / rows) * (16 / 9))
  return across * across * (9 / 16)
}
