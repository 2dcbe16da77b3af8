import type { DatabaseSync } from 'node:sqlite'
import { equal } from './bytes.ts'
import { pendingErasures } from './erasure.ts'
import { unnoted, type Erasures } from './erasure-journal.ts'
import type { Finding } from './findings.ts'
import type { Mark } from './guard.ts'
import { platformSha256 as sha256 } from './platform-sha256.ts'
import { appendLeaf, edgeRoot, emptyEdge } from './right-edge.ts'
import type { StoredLeaf } from './store.ts'

export type GuardCode = 'guard-ahead' | 'guard-root' | 'erasure-unnoted'

/** The guard saw a tree; this log, of `here` entries, must begin with it. */
export function checkGuard(
  { size, root }: Mark,
  leaves: Iterable<StoredLeaf>,
  here: number,
): Finding<GuardCode>[] {
  if (size > here) {
    return [
      {
        code: 'guard-ahead',
        index: here,
        message: `the guard has seen ${size} entries, ${here} are here: an older log was put in place`,
      },
    ]
  }
  let edge = emptyEdge
  for (const { leafHash } of leaves) {
    if (edge.size === size) break
    edge = appendLeaf(sha256, edge, leafHash)[0]
  }
  if (equal(edgeRoot(sha256, edge), root)) return []
  return [
    {
      code: 'guard-root',
      index: null,
      message: `the first ${size} entries are not those that the guard has seen`,
    },
  ]
}

/** Only the tree's word, or a note beside the guard, makes an erasure of what is missing. */
export function checkNoted(vault: DatabaseSync, noted: Erasures): Finding<GuardCode>[] {
  const stranger = unnoted(pendingErasures(vault), noted)
  if (stranger === undefined) return []
  const message = 'is said to be erased, and no erasure of it was noted beside the guard'
  return [{ code: 'erasure-unnoted', index: stranger.index, message }]
}
