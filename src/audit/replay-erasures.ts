import type { DatabaseSync } from 'node:sqlite'
import { integer, text, transaction } from './database.ts'
import { dropDoomed } from './erasure.ts'
import type { Erasures } from './erasure-journal.ts'
import { openMasterKey, type KeyId } from './keyring.ts'
import { isWhole } from './leaf.ts'
import type { Tombstone } from './sequencer.ts'
import { VaultDatabase } from './vault-database.ts'
import { keyIdOf, textOrNull } from './vault-rows.ts'

/** How much of it there was, and how many calls are on hold. */
export type Replayed = { readonly entries: number; readonly held: number }

/**
 * Erases again in a vault what had been erased already, and puts on hold what is on hold: after a crash between the note
 * and the deed, and in a copy from before. On return no byte of it is in any file.
 */
export function replayErasures({ database, keys }: VaultDatabase, { erased, held }: Erasures): Replayed {
  const sql = prepare(database)
  const touched = new Map<number, Owner>()
  let entries = 0
  transaction(database, () => {
    for (const tombstone of erased) {
      const owner = ownerOf(sql, tombstone)
      if (owner === undefined) continue
      sql.bury.run(tombstone.index, tombstone.reason)
      if (isWhole(tombstone.reason)) sql.drop.run(tombstone.index)
      else sql.dropName.run(tombstone.index)
      touched.set(owner.no, owner)
      entries += 1
    }
    for (const owner of touched.values())
      for (const key of forget(sql, owner)) sql.doom.run(key)
    sql.liftAll.run()
    for (const session of held) sql.hold.run(session)
  })
  dropDoomed(database, keys)
  return { entries, held: held.length }
}

/** The same for a log that no server runs on. Throws CONFIG_INVALID for the vault's key. */
export function replayErasuresIn(dir: string, vaultKeyFile: string, erasures: Erasures): Replayed {
  using vault = new VaultDatabase(dir, openMasterKey(vaultKeyFile, false))
  return replayErasures(vault, erasures)
}

type Owner = { readonly no: number; readonly id: string; readonly session: string | null }
type Statements = ReturnType<typeof prepare>

/** Undefined for an entry that the copy does not have, or of which that part is gone. */
function ownerOf(sql: Statements, { index, reason }: Tombstone): Owner | undefined {
  const row = (isWhole(reason) ? sql.owner : sql.ownerOfNamed).get(index)
  return row && { no: integer(row['no']), id: text(row['id']), session: textOrNull(row['session']) }
}

/** Names in notices, the account, and the keys: as far as nothing is left that needs them. */
function forget(sql: Statements, { no, id, session }: Owner): KeyId[] {
  // The server's own key opens what is younger.
  if (session === null) return []
  const left = sql.left.get(no)
  const [rows, named] = [integer(left?.['entries']), integer(left?.['named'])]
  if (named > 0) return []
  if (rows > 0) {
    sql.dropAccount.run(no)
    sql.dropNotices.run(id)
    return [keyIdOf(id, 'who')]
  }
  sql.dropOwner.run(no)
  sql.dropShown.run(id, session)
  sql.dropNotices.run(id)
  return [keyIdOf(id, 'who'), keyIdOf(id, 'what')]
}

function prepare(database: DatabaseSync) {
  const owner = `SELECT no, id, session FROM opening JOIN owner ON no = owner WHERE idx = ?`
  return {
    owner: database.prepare(owner),
    ownerOfNamed: database.prepare(`${owner} AND who IS NOT NULL`),
    bury: database.prepare('INSERT OR IGNORE INTO tombstone VALUES(?, ?)'),
    drop: database.prepare('DELETE FROM opening WHERE idx = ?'),
    dropName: database.prepare('UPDATE opening SET who = NULL WHERE idx = ?'),
    left: database.prepare(
      'SELECT count(*) AS entries, count(who) AS named FROM opening WHERE owner = ?',
    ),
    dropNotices: database.prepare("UPDATE notice SET sealed = NULL, asker = '' WHERE asker = ?"),
    dropAccount: database.prepare('UPDATE owner SET account = NULL WHERE no = ?'),
    dropOwner: database.prepare('DELETE FROM owner WHERE no = ?'),
    // A request of this session that is left could have shown it.
    dropShown: database.prepare(
      'DELETE FROM notice WHERE asker = ? AND NOT EXISTS(SELECT 1 FROM owner WHERE session = ?)',
    ),
    doom: database.prepare('INSERT OR IGNORE INTO doomed_key VALUES(?)'),
    liftAll: database.prepare('DELETE FROM hold'),
    hold: database.prepare('INSERT INTO hold VALUES(?)'),
  }
}
