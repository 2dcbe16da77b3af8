import type { Group } from './commitment.ts'
import type { Finding } from './findings.ts'
import { isWhole, type Leaf } from './leaf.ts'

export type ErasureCode =
  | 'opening-missing'
  | 'erasure-unaccounted'
  | 'erasure-misplaced'
  | 'erasure-repeated'
  | 'erasure-undone'

/**
 * Every entry has what opens it, or the tree says that it was erased, and why; and what the tree says was erased cannot
 * be opened. `missing`: entries without anything; `parts`: groups that are gone from entries that are there.
 */
export function checkErasures(
  leaves: ReadonlyMap<number, Leaf>,
  missing: ReadonlySet<number>,
  parts: ReadonlyMap<number, readonly Group[]>,
  pending: ReadonlySet<number>,
): { readonly erased: ReadonlySet<number>; readonly findings: readonly Finding<ErasureCode>[] } {
  const findings: Finding<ErasureCode>[] = []
  const found = (code: ErasureCode, index: number, message: string): void =>
    void findings.push({ code, index, message })
  const names = new Set<number>()
  const wholes = new Set<number>()
  for (const [index, leaf] of leaves) {
    if (leaf.kind !== 'erasure') continue
    if (leaf.index >= index || leaves.get(leaf.index)?.kind !== 'record') {
      found('erasure-misplaced', index, 'says that something was erased that is no earlier entry')
      continue
    }
    const said = isWhole(leaf.reason) ? wholes : names
    if (said.has(leaf.index))
      found('erasure-repeated', index, `says again that entry ${leaf.index} was erased`)
    said.add(leaf.index)
  }
  for (const index of missing) {
    if (!wholes.has(index) && !pending.has(index))
      found('opening-missing', index, 'what opens it is gone: nobody can say what it was')
  }
  for (const [index, gone] of parts) {
    const isName = gone.every((group) => group === 'subject')
    const isSaid = wholes.has(index) || pending.has(index) || (isName && names.has(index))
    if (!isSaid)
      found('erasure-unaccounted', index, `its ${gone.join(' and ')} part is gone, and nothing says why`)
  }
  for (const index of wholes)
    if (!missing.has(index)) found('erasure-undone', index, 'was erased, and can be opened again')
  for (const index of names) {
    if (!missing.has(index) && !(parts.get(index) ?? []).includes('subject'))
      found('erasure-undone', index, 'its name was erased, and can be read again')
  }
  return { erased: missing, findings }
}
