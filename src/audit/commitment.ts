import { utf8, type Sha256 } from './bytes.ts'
import { Flaw } from './flaw.ts'

/** What a leaf commits to: what happened; who it was; what proves it. An empty group is zero bytes. */
export const groups = ['core', 'subject', 'proof'] as const
export type Group = (typeof groups)[number]
export type PerGroup<T> = Readonly<Record<Group, T>>

/** The bytes of one group, verbatim, and the 64 random bytes that hide them. */
export type Sealed = { readonly bytes: Uint8Array; readonly salt: Uint8Array }

/** A group whose bytes and salt were erased leaves only its digest: enough to open the others, nothing to guess from. */
export type Erased = { readonly digest: Uint8Array }

/** All that opens one leaf. */
export type Opening = PerGroup<Sealed | Erased>

export const saltBytes = 64

/** G_x = SHA-256("consent-audit/v1 group:" || x || 0x00 || salt || SHA-256(bytes)). */
export function groupDigest(sha256: Sha256, group: Group, part: Sealed | Erased): Uint8Array {
  if ('digest' in part) return part.digest
  if (part.salt.length !== saltBytes)
    throw new Flaw('salt-length', `a salt has ${saltBytes} bytes`)
  return sha256(groupLabel[group], part.salt, sha256(part.bytes))
}

/** C = SHA-256("consent-audit/v1 commit" || 0x00 || G_core || G_subject || G_proof). */
export function commitment(sha256: Sha256, digests: PerGroup<Uint8Array>): Uint8Array {
  return sha256(commitLabel, digests.core, digests.subject, digests.proof)
}

export function commitmentOf(sha256: Sha256, opening: Opening): Uint8Array {
  return commitment(sha256, {
    core: groupDigest(sha256, 'core', opening.core),
    subject: groupDigest(sha256, 'subject', opening.subject),
    proof: groupDigest(sha256, 'proof', opening.proof),
  })
}

const commitLabel = utf8('consent-audit/v1 commit\0')
const groupLabel: PerGroup<Uint8Array> = {
  core: utf8('consent-audit/v1 group:core\0'),
  subject: utf8('consent-audit/v1 group:subject\0'),
  proof: utf8('consent-audit/v1 group:proof\0'),
}
