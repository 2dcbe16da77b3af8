import { equal, fromBase64, type Sha256 } from './bytes.ts'
import { openCheckpoint, type Checkpoint } from './checkpoint.ts'
import { Flaw } from './flaw.ts'
import { isConsistentStart, verifyConsistency } from './merkle.ts'
import type { Verifier } from './verifier-key.ts'

/**
 * The log's newest tree, once it is signed by this log and begins with the tree that was seen before. `seen.root` and
 * `hashes` in base64. Throws Flaw `log-inconsistent` when the log is not the one that it was, or has become shorter, and
 * `log-forked` when it has signed two roots for one size, which convicts it.
 */
export async function verifyGrowth(
  sha256: Sha256,
  seen: { readonly size: number; readonly root: string },
  { checkpoint: note, hashes }: { readonly checkpoint: string; readonly hashes: readonly string[] },
  log: Verifier,
): Promise<Checkpoint> {
  const now = await openCheckpoint(note, log)
  const old = { size: seen.size, root: fromBase64(seen.root) }
  const proof = hashes.map(fromBase64)
  if (old.size === now.size && !equal(old.root, now.root))
    throw new Flaw('log-forked', 'this log has two trees of one size')
  const holds =
    old.size === 0
      ? isConsistentStart(sha256, old, proof)
      : old.size === now.size
        ? proof.length === 0
        : verifyConsistency(sha256, old, now, proof)
  if (!holds) throw new Flaw('log-inconsistent', 'this log does not begin as it did before')
  return now
}
