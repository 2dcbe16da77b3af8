import type { SQLOutputValue } from 'node:sqlite'
import type { StoredOpening } from './check-openings.ts'
import { openSealed } from './cipher.ts'
import { saltBytes, type Erased, type Group, type Sealed } from './commitment.ts'
import { blob, text } from './database.ts'
import type { KeyId } from './keyring.ts'

type Row = Record<string, SQLOutputValue>

/** Undefined for a key that was destroyed, or that this reader does not have. */
export type FindKey = (id: KeyId) => Buffer | undefined

/** Whose key opens a row: a person's, else the session's, else the server's own. */
export const ownerOf = (ref: string | null, session: string | null): string =>
  ref ?? session ?? 'server'

/** The subject is who it was; core and proof are what happened. */
export const keyIdOf = (owner: string, group: Group): KeyId =>
  `${owner}/${group === 'subject' ? 'who' : 'what'}`

/** Where a sealed thing belongs: bound to it, so that it opens nowhere else. */
export const placeOf = (index: number, group: Group): string => `opening ${index} ${group}`
export const noticePlace = (sha256Hex: string): string => `notice ${sha256Hex}`

/** What `readOpening` reads, and where it stands. */
export const openingColumns =
  'idx, owner.id AS owner_id, core, subject, proof, core_digest, subject_digest, proof_digest'
export const openingTables = 'opening JOIN owner ON owner.no = opening.owner'

/** One row, opened as far as there are keys. A part that is there and cannot be opened counts as `locked`. */
export function readOpening(index: number, row: Row, find: FindKey): StoredOpening {
  const owner = text(row['owner_id'])
  const locked: Group[] = []
  const part = (group: Group, sealed: SQLOutputValue | undefined): Sealed | Erased => {
    const digest = blob(row[`${group}_digest`])
    if (sealed === null) return { digest }
    const key = find(keyIdOf(owner, group))
    const opened = key && openSealed(key, blob(sealed), placeOf(index, group))
    if (opened !== undefined && opened.length >= saltBytes) return split(opened)
    locked.push(group)
    return { digest }
  }
  return {
    opening: {
      core: part('core', row['core']),
      subject: part('subject', row['subject']),
      proof: part('proof', row['proof']),
    },
    digests: {
      core: blob(row['core_digest']),
      subject: blob(row['subject_digest']),
      proof: blob(row['proof_digest']),
    },
    locked,
  }
}

/** What is sealed of a part: the salt, then the bytes. */
export const joined = ({ bytes, salt }: Sealed): Buffer => Buffer.concat([salt, bytes])

const split = (opened: Buffer): Sealed => ({
  salt: opened.subarray(0, saltBytes),
  bytes: opened.subarray(saltBytes),
})

export const textOrNull = (value: SQLOutputValue | undefined): string | null =>
  value === null ? null : text(value)
