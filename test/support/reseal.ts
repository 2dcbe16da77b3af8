import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSealed, sealBytes } from '../../src/audit/cipher.ts'
import { saltBytes, type Group, type Sealed } from '../../src/audit/commitment.ts'
import { blob, text } from '../../src/audit/database.ts'
import { keyIdOf, openingTables, placeOf } from '../../src/audit/vault-rows.ts'

/** Changes one part of an opening as someone can who holds the disk and all its keys: an operator who cheats. */
export function reseal(
  dir: string,
  index: number,
  group: Group,
  change: (part: Sealed) => Sealed,
): void {
  using vault = new DatabaseSync(join(dir, 'log/vault.db'))
  using keys = new DatabaseSync(join(dir, 'log/keys.db'))
  const row = vault
    .prepare(`SELECT owner.id AS owner, ${group} AS sealed FROM ${openingTables} WHERE idx = ?`)
    .get(index)!
  const id = keyIdOf(text(row['owner']), group)
  const wrapped = keys.prepare('SELECT wrapped FROM subject_key WHERE id = ?').get(id)!['wrapped']
  const master = Buffer.from(readFileSync(join(dir, 'vault.key'), 'utf8').trim(), 'base64')
  const key = openSealed(master, blob(wrapped), id)!
  const opened = openSealed(key, blob(row['sealed']), placeOf(index, group))!
  const { bytes, salt } = change({
    salt: opened.subarray(0, saltBytes),
    bytes: opened.subarray(saltBytes),
  })
  vault
    .prepare(`UPDATE opening SET ${group} = ? WHERE idx = ?`)
    .run(sealBytes(key, Buffer.concat([salt, bytes]), placeOf(index, group)), index)
}
