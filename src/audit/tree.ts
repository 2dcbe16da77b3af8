import { toBase64 } from './bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { emptyRoot } from './merkle.ts'
import { parseNote } from './note.ts'
import { platformSha256 } from './platform-sha256.ts'

/** Size and root, as statements name a tree. */
export type TreeName = { readonly size: number; readonly root: string }

/** What everyone has seen who has seen nothing. */
export const emptyTree: TreeName = {
  size: 0,
  root: toBase64(emptyRoot(platformSha256)),
}

/** The tree that a checkpoint of our own names; nobody else's is read here. */
export function treeOf(checkpoint: string): TreeName {
  const { size, root } = parseCheckpoint(parseNote(checkpoint).text)
  return { size, root: toBase64(root) }
}
