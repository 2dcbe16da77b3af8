import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSealed } from '../../src/audit/cipher.ts'
import { type Group, type PerGroup, type Sealed } from '../../src/audit/commitment.ts'
import { blob, text } from '../../src/audit/database.ts'
import { keyIdOf, openColumn, openingTables, sealColumn } from '../../src/audit/vault-rows.ts'

/** Changes one part of an opening as someone can who holds the disk and all its keys: an operator who cheats. */
export function reseal(
  dir: string,
  index: number,
  group: Group,
  change: (part: Sealed) => Sealed,
): void {
  using vault = new DatabaseSync(join(dir, 'log/vault.db'))
  using keys = new DatabaseSync(join(dir, 'log/keys.db'))
  const column = group === 'subject' ? 'who' : 'what'
  const row = vault
    .prepare(`SELECT owner.id AS owner, ${column} AS sealed FROM ${openingTables} WHERE idx = ?`)
    .get(index)!
  const id = keyIdOf(text(row['owner']), column)
  const wrapped = keys.prepare('SELECT wrapped FROM subject_key WHERE id = ?').get(id)!['wrapped']
  const master = Buffer.from(readFileSync(join(dir, 'vault.key'), 'utf8').trim(), 'base64')
  const key = openSealed(master, blob(wrapped), id)!
  const cell = { index, column } as const
  const parts = openColumn(key, blob(row['sealed']), cell)!
  const changed = { ...parts, [group]: change(parts[group]!) } as PerGroup<Sealed>
  vault
    .prepare(`UPDATE opening SET ${column} = ? WHERE idx = ?`)
    .run(sealColumn(key, changed, cell), index)
}
