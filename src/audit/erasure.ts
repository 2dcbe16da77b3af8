import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { integer, rows, text, transaction, truncateWal } from './database.ts'
import type { ErasureJournal } from './erasure-journal.ts'
import type { KeyId, Keyring } from './keyring.ts'
import { erasureReasons, isWhole, type ErasureReason } from './leaf.ts'
import type { Tombstone } from './sequencer.ts'
import type { Erased } from './questions.ts'
import { keyIdOf } from './vault-rows.ts'

/**
 * Destroys what opens entries. Rows, their names in other entries' notices, and the keys that could open a copy of them:
 * on return no byte of it is in any file. What the tree is still to be told of it waits in the vault.
 */
export class Erasure {
  readonly #database: DatabaseSync
  readonly #keys: Keyring
  readonly #journal: ErasureJournal
  readonly #sql

  constructor(database: DatabaseSync, keys: Keyring, journal: ErasureJournal) {
    this.#database = database
    this.#keys = keys
    this.#journal = journal
    this.#sql = prepare(database)
  }

  /** All of these people's entries, or what says who they were, as the reason says; but for the calls on hold. */
  ofPeople(refs: readonly string[], reason: ErasureReason): Erased {
    const isAll = isWhole(reason)
    return this.#erase((bury) => {
      const held = new Map(refs.flatMap((ref) => this.#heldBy(ref)))
      for (const ref of refs.filter((one) => !held.has(one))) {
        bury(isAll ? this.#sql.buryAllOf : this.#sql.buryNameOf, reason, ref)
        if (isAll) this.#sql.dropAllOf.run(ref)
        else this.#sql.dropNameOf.run(ref)
        this.#forget(ref)
        if (isAll) this.#forgetAll(ref)
      }
      return [...new Set(held.values())]
    })
  }

  /** A whole session, unless it is on hold: everyone's entries and those about nobody. */
  ofSession(session: string, reason: ErasureReason): Erased {
    return this.#erase((bury) => {
      if (this.holds().includes(session)) return [session]
      bury(this.#sql.burySession, reason, session)
      const refs = [...rows(this.#sql.refsOf, ({ ref }) => text(ref), session)]
      this.#sql.dropSession.run(session)
      for (const ref of refs) {
        // No request of this session is left that could have shown one.
        this.#sql.dropShown.run(ref)
        this.#forget(ref)
        this.#forgetAll(ref)
      }
      this.#sql.doom.run(keyIdOf(session, 'who'))
      this.#forgetAll(session)
      return []
    })
  }

  /** What the server wrote of itself before a time. Its key stays: it opens what is younger. */
  ofServer(beforeMs: number, reason: ErasureReason): Erased {
    return this.#erase((bury) => {
      bury(this.#sql.buryServer, reason, beforeMs)
      this.#sql.dropServer.run(beforeMs)
      this.#sql.doom.run(nobody)
      return []
    })
  }

  hold(session: string, isHeld: boolean): string[] {
    transaction(this.#database, () => {
      if (isHeld) this.#sql.hold.run(session)
      else this.#sql.lift.run(session)
      this.#journal.noteHeld(this.holds())
    })
    return this.holds()
  }

  holds(): string[] {
    return [...rows(this.#sql.holds, ({ session }) => text(session))]
  }

  /** What was erased and is not yet said in the tree. */
  pending(): Tombstone[] {
    return pendingErasures(this.#database)
  }

  /** After a start: what a crash left half erased, and what it had said but not noted. */
  recover(buried: readonly Tombstone[]): void {
    this.finish()
    this.#journal.renew({ erased: [...buried, ...this.pending()], held: this.holds() })
    this.settle(buried)
  }

  /** It is said in the tree. */
  settle(tombstones: readonly Tombstone[]): void {
    transaction(this.#database, () => {
      for (const { index, reason } of tombstones) this.#sql.settle.run(index, reason)
    })
  }

  /** Ends what a crash or a reader interrupted: keys whose rows are gone go too. Throws VAULT_BUSY. */
  finish(): void {
    dropDoomed(this.#database, this.#keys)
  }

  /** `act` answers which calls were left alone because of a hold. */
  #erase(act: (bury: Bury) => readonly string[]): Erased {
    const buried: Tombstone[] = []
    const bury: Bury = (statement, reason, whose) => {
      for (const { idx } of statement.all(reason, whose)) buried.push({ index: integer(idx), reason })
    }
    let held: readonly string[] = []
    transaction(this.#database, () => {
      held = act(bury)
      this.#journal.noteErased(buried)
    })
    this.finish()
    return { entries: buried.length, held }
  }

  #heldBy(ref: string): [ref: string, session: string][] {
    return [...rows(this.#sql.heldOf, ({ session }): [string, string] => [ref, text(session)], ref)]
  }

  #forget(ref: string): void {
    this.#sql.dropNotices.run(ref)
    this.#sql.dropAccount.run(ref)
    this.#sql.doom.run(keyIdOf(ref, 'who'))
  }

  #forgetAll(owner: string): void {
    this.#sql.dropOwner.run(owner)
    this.#sql.doom.run(keyIdOf(owner, 'what'))
  }
}

/** What was erased from a vault, and the tree does not say yet. */
export function pendingErasures(database: DatabaseSync): Tombstone[] {
  const read = rows(database.prepare('SELECT idx, reason FROM tombstone'), ({ idx, reason }) => ({
    index: integer(idx),
    reason: reasonOf(text(reason)),
  }))
  return [...read]
}

/** The second half of each erasure: the keys go, and every byte leaves the files. Throws VAULT_BUSY. */
export function dropDoomed(database: DatabaseSync, keys: Keyring): void {
  const doomed = [...rows(database.prepare('SELECT id FROM doomed_key'), ({ id }) => text(id))]
  if (doomed.length === 0) return
  keys.drop(doomed.filter((id) => id !== nobody) as KeyId[])
  truncateWal(database)
  const undoom = database.prepare('DELETE FROM doomed_key')
  // The names of those keys are ids of people: they must leave the files, too, or be known to be there still.
  transaction(database, () => {
    undoom.run()
    database.prepare('INSERT INTO doomed_key VALUES(?)').run(nobody)
  })
  truncateWal(database)
  // Last: whatever could not be done is tried again.
  undoom.run()
}

/** Notes what is about to be erased, by one of the statements that say so. */
type Bury = (statement: StatementSync, reason: ErasureReason, whose: string | number) => void

/** Names no key: the file's log is still to be emptied. */
const nobody = ''

const reasonOf = (text: string): ErasureReason =>
  erasureReasons.find((reason) => reason === text) ?? 'by-operator'

function prepare(database: DatabaseSync) {
  const ofRef = 'owner = (SELECT no FROM owner WHERE id = ?)'
  const ofSession = 'owner IN (SELECT no FROM owner WHERE session = ?)'
  const ofServer =
    'owner IN (SELECT no FROM owner WHERE session IS NULL AND ref IS NULL) AND time_ms < ?'
  const bury = (which: string): StatementSync =>
    database.prepare(
      `INSERT OR IGNORE INTO tombstone SELECT idx, ? FROM opening WHERE ${which} RETURNING idx`,
    )
  return {
    buryAllOf: bury(ofRef),
    buryNameOf: bury(`${ofRef} AND who IS NOT NULL`),
    burySession: bury(ofSession),
    buryServer: bury(ofServer),
    dropAllOf: database.prepare(`DELETE FROM opening WHERE ${ofRef}`),
    dropNameOf: database.prepare(`UPDATE opening SET who = NULL WHERE ${ofRef}`),
    dropSession: database.prepare(`DELETE FROM opening WHERE ${ofSession}`),
    dropServer: database.prepare(`DELETE FROM opening WHERE ${ofServer}`),
    refsOf: database.prepare('SELECT ref FROM owner WHERE session = ? AND ref IS NOT NULL'),
    hold: database.prepare('INSERT OR IGNORE INTO hold VALUES(?)'),
    lift: database.prepare('DELETE FROM hold WHERE session = ?'),
    holds: database.prepare('SELECT session FROM hold ORDER BY session'),
    heldOf: database.prepare(
      'SELECT session FROM owner JOIN hold USING(session) WHERE id = ?',
    ),
    dropNotices: database.prepare("UPDATE notice SET sealed = NULL, asker = '' WHERE asker = ?"),
    dropShown: database.prepare('DELETE FROM notice WHERE asker = ?'),
    dropAccount: database.prepare('UPDATE owner SET account = NULL WHERE id = ?'),
    dropOwner: database.prepare('DELETE FROM owner WHERE id = ?'),
    doom: database.prepare('INSERT OR IGNORE INTO doomed_key VALUES(?)'),
    settle: database.prepare('DELETE FROM tombstone WHERE idx = ? AND reason = ?'),
  }
}
