import type { Sha256 } from './bytes.ts'
import {
  commitment,
  groupDigest,
  saltBytes,
  type Group,
  type PerGroup,
  type Sealed,
} from './commitment.ts'
import { recordLeaf } from './leaf.ts'
import { leafHash } from './merkle.ts'
import { drawBytes } from './random.ts'
import type { About, Act, KeptOpening, StoredLeaf } from './store.ts'
import { ownerOf } from './vault-rows.ts'

/** An entry on its way in, already encoded: as texts, which cross a thread five times cheaper than bytes. */
export type Arriving = PerGroup<string> & {
  readonly key: string
  readonly notice: { readonly text: string; readonly asker: string } | undefined
  readonly about: About
}

/** What names the act of an entry. */
export const actOf = (sha256: Sha256, { key, about }: Arriving): Act => ({
  owner: ownerOf(about.ref, about.session),
  keySha256: sha256(Buffer.from(key)),
})

/** What is kept of an entry, with a fresh salt for each group: a repeated record never repeats a commitment. */
export function sealEntry(
  sha256: Sha256,
  index: number,
  arriving: Arriving,
): KeptOpening {
  const { core, subject, proof, notice, about } = arriving
  return {
    ...actOf(sha256, arriving),
    index,
    parts: {
      core: seal(sha256, 'core', core),
      subject: seal(sha256, 'subject', subject),
      proof: seal(sha256, 'proof', proof),
    },
    notice: notice && keptNotice(sha256, notice),
    about,
  }
}

/** The leaf that commits to an opening. */
export function leafOf(sha256: Sha256, { index, parts }: KeptOpening): StoredLeaf {
  const digests: PerGroup<Uint8Array> = {
    core: parts.core.digest,
    subject: parts.subject.digest,
    proof: parts.proof.digest,
  }
  return storedLeaf(sha256, index, recordLeaf(commitment(sha256, digests)))
}

export const storedLeaf = (sha256: Sha256, index: number, leaf: Uint8Array): StoredLeaf => ({
  index,
  leaf,
  leafHash: leafHash(sha256, leaf),
})

function keptNotice(
  sha256: Sha256,
  { text, asker }: NonNullable<Arriving['notice']>,
): NonNullable<KeptOpening['notice']> {
  const bytes = Buffer.from(text)
  return { sha256: sha256(bytes), bytes, asker }
}

function seal(
  sha256: Sha256,
  group: Group,
  text: string,
): Sealed & { readonly digest: Uint8Array } {
  const bytes = Buffer.from(text)
  const salt = drawBytes(saltBytes)
  return { bytes, salt, digest: groupDigest(sha256, group, { bytes, salt }) }
}
