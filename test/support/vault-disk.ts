import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSealed } from '../../src/audit/cipher.ts'
import { blob, rows, text } from '../../src/audit/database.ts'
import { pseudonymOf, type KeyId } from '../../src/audit/keyring.ts'
import { openingTables, type Column } from '../../src/audit/vault-rows.ts'
import { issuer, type Party } from './call-log.ts'
import type { Needles } from './traces.ts'

/** A log's vault as whoever owns its disk sees it: the files, and the master key beside them. */
const fileIn = (dir: string, name: 'vault.db' | 'keys.db'): DatabaseSync =>
  new DatabaseSync(join(dir, 'log', name), { readOnly: true })
export const masterIn = (dir: string): Buffer =>
  Buffer.from(readFileSync(join(dir, 'vault.key'), 'utf8').trim(), 'base64')

/** How many entries of this person are there. */
export function entriesIn(dir: string, ref: string): number {
  using vault = fileIn(dir, 'vault.db')
  return [...rows(vault.prepare(rowsOf), ({ idx }) => idx, ref)].length
}

/** What says who somebody was: as they are called, and sealed; and what opens that. */
export const nameTraces = (dir: string, { name, account, ref }: Party): Needles => ({
  name,
  account,
  pseudonym: pseudonymOf(masterIn(dir))(issuer, account),
  ...sealedOf(dir, ref, ['who']),
  ...keyTraces(dir, `${ref}/who`),
})

/** Everything about somebody in one call. */
export const allTraces = (dir: string, party: Party): Needles => ({
  ...nameTraces(dir, party),
  ref: party.ref,
  ...sealedOf(dir, party.ref, ['what', 'who']),
  ...keyTraces(dir, `${party.ref}/what`),
})

function sealedOf(dir: string, ref: string, which: readonly Column[]): Needles {
  using vault = fileIn(dir, 'vault.db')
  return Object.fromEntries(
    [...rows(vault.prepare(rowsOf), (row) => row, ref)].flatMap((row) =>
      which
        .filter((column) => row[column] !== null)
        .map((column) => [`sealed ${column} of ${String(row['idx'])}`, blob(row[column])]),
    ),
  )
}

function keyTraces(dir: string, id: KeyId): Needles {
  using keys = fileIn(dir, 'keys.db')
  const row = keys.prepare('SELECT id, wrapped FROM subject_key WHERE id = ?').get(id)
  if (row === undefined) return {}
  const wrapped = blob(row['wrapped'])
  return {
    [`wrapped ${id.split('/')[1]} key`]: wrapped,
    [`bare ${id.split('/')[1]} key`]: openSealed(masterIn(dir), wrapped, text(row['id']))!,
  }
}

const rowsOf = `SELECT idx, what, who FROM ${openingTables} WHERE ref = ? ORDER BY idx`
