import { randomFillSync } from 'node:crypto'
import { utf8, type Sha256 } from './bytes.ts'
import { commitment, groupDigest, recordLeaf, saltBytes, type Group, type PerGroup, type Sealed } from './commitment.ts'
import { leafHash } from './merkle.ts'
import type { KeptOpening, StoredLeaf } from './store.ts'

/** An entry on its way in, already encoded. */
export type Arriving = {
  readonly key: string
  readonly core: Uint8Array
  readonly subject: Uint8Array
  readonly notice: string | undefined
  readonly timeMs: number
}

/** What is kept of an entry, with a fresh salt for each group: a repeated record never repeats a commitment. */
export function sealEntry(sha256: Sha256, index: number, { key, core, subject, notice }: Arriving): KeptOpening {
  const bytes = notice === undefined ? undefined : utf8(notice)
  return {
    index,
    parts: {
      core: seal(sha256, 'core', core),
      subject: seal(sha256, 'subject', subject),
      proof: seal(sha256, 'proof', new Uint8Array()),
    },
    keySha256: sha256(utf8(key)),
    notice: bytes && { sha256: sha256(bytes), bytes },
  }
}

/** The leaf that commits to an opening. */
export function leafOf(sha256: Sha256, { index, parts }: KeptOpening): StoredLeaf {
  const digests: PerGroup<Uint8Array> = {
    core: parts.core.digest, subject: parts.subject.digest, proof: parts.proof.digest,
  }
  const leaf = recordLeaf(commitment(sha256, digests))
  return { index, leaf, leafHash: leafHash(sha256, leaf) }
}

function seal(sha256: Sha256, group: Group, bytes: Uint8Array): Sealed & { readonly digest: Uint8Array } {
  const sealed = { bytes, salt: randomFillSync(new Uint8Array(saltBytes)) }
  return { ...sealed, digest: groupDigest(sha256, group, sealed) }
}
