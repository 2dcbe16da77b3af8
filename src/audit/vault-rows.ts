import type { SQLOutputValue } from 'node:sqlite'
import type { StoredOpening } from './check-openings.ts'
import { openSealed, sealBytes } from './cipher.ts'
import {
  groups,
  saltBytes,
  type Erased,
  type Group,
  type PerGroup,
  type Sealed,
} from './commitment.ts'
import { blob, text } from './database.ts'
import type { KeyId } from './keyring.ts'

type Row = Record<string, SQLOutputValue>

/** Undefined for a key that was destroyed, or that this reader does not have. */
export type FindKey = (id: KeyId) => Buffer | undefined

/** Whose key opens a row: a person's, else the session's, else the server's own. */
export const ownerOf = (ref: string | null, session: string | null): string =>
  ref ?? session ?? 'server'

/**
 * The columns of an opening: what happened, and who it was. What one key opens is sealed together, since to begin with a
 * cipher costs far more than the bytes that go through it.
 */
export const columns = { what: ['core', 'proof'], who: ['subject'] } as const satisfies Readonly<
  Record<string, readonly Group[]>
>
export type Column = keyof typeof columns

export const keyIdOf = (owner: string, column: Column): KeyId => `${owner}/${column}`

/** Where a sealed thing belongs: bound to it, so that it opens nowhere else. */
const placeOf = (index: number, column: Column): string => `opening ${index} ${column}`
export const noticePlace = (sha256Hex: string): string => `notice ${sha256Hex}`

/** What `readOpening` reads, and where it stands. */
export const openingColumns =
  'idx, owner.id AS owner_id, what, who, core_digest, subject_digest, proof_digest'
export const openingTables = 'opening JOIN owner ON owner.no = opening.owner'

/** One row, opened as far as there are keys. A part that is there and cannot be opened counts as `locked`. */
export function readOpening(index: number, row: Row, find: FindKey): StoredOpening {
  const owner = text(row['owner_id'])
  const locked: Group[] = []
  const open = (column: Column): Partial<PerGroup<Sealed>> => {
    if (row[column] === null) return {}
    const key = find(keyIdOf(owner, column))
    const parts = key && openColumn(key, blob(row[column]), { index, column })
    if (parts === undefined) locked.push(...columns[column])
    return parts ?? {}
  }
  const digests = perGroup((group) => blob(row[`${group}_digest`]))
  const opened = { ...open('what'), ...open('who') }
  return {
    opening: perGroup((group): Sealed | Erased => opened[group] ?? { digest: digests[group] }),
    digests,
    locked: groups.filter((group) => locked.includes(group)),
  }
}

/** The one place that a sealed column belongs to. */
export type Cell = { readonly index: number; readonly column: Column }

/** Of each part the salt, how many bytes it has, in four, and the bytes. */
export function sealColumn(key: Buffer, parts: PerGroup<Sealed>, { index, column }: Cell): Buffer {
  const pieces = columns[column].flatMap((group) => {
    const { salt, bytes } = parts[group]
    const length = Buffer.allocUnsafe(lengthBytes)
    length.writeUInt32BE(bytes.length)
    return [salt, length, bytes]
  })
  return sealBytes(key, Buffer.concat(pieces), placeOf(index, column))
}

/** Undefined when it was sealed with another key, for another place, or was changed. */
export function openColumn(
  key: Buffer,
  sealed: Uint8Array,
  { index, column }: Cell,
): Partial<PerGroup<Sealed>> | undefined {
  const opened = openSealed(key, sealed, placeOf(index, column))
  if (opened === undefined) return undefined
  const parts: Partial<Record<Group, Sealed>> = {}
  let at = 0
  for (const group of columns[column]) {
    const start = at + saltBytes + lengthBytes
    if (opened.length < start) return undefined
    const end = start + opened.readUInt32BE(at + saltBytes)
    if (opened.length < end) return undefined
    parts[group] = {
      salt: opened.subarray(at, at + saltBytes),
      bytes: opened.subarray(start, end),
    }
    at = end
  }
  return at === opened.length ? parts : undefined
}

const perGroup = <T>(of: (group: Group) => T): PerGroup<T> => ({
  core: of('core'),
  subject: of('subject'),
  proof: of('proof'),
})
const lengthBytes = 4

export const textOrNull = (value: SQLOutputValue | undefined): string | null =>
  value === null ? null : text(value)
