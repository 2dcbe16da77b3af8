import type { DatabaseSync } from 'node:sqlite'

/**
 * rights.db: what people have settled for all their calls, and what they demanded. Who they are stands in no column in
 * the clear: an account by its pseudonym, words and names sealed with a key of its own in rights-keys.db.
 */
export const rightsSchema = [
  `CREATE TABLE person(account BLOB PRIMARY KEY, who BLOB NOT NULL, name BLOB) STRICT, WITHOUT ROWID`,
  `CREATE TABLE demand(id TEXT PRIMARY KEY, account BLOB, right TEXT NOT NULL, how TEXT NOT NULL,
    received_ms INTEGER NOT NULL, extended INTEGER NOT NULL, state TEXT NOT NULL, closed_ms INTEGER,
    keep_days INTEGER NOT NULL, said BLOB, work TEXT) STRICT, WITHOUT ROWID`,
  `CREATE INDEX demand_account ON demand(account) WHERE account IS NOT NULL`,
  `CREATE INDEX demand_state ON demand(state)`,
  // What the log is still to be told: written with the change itself, so that no crash can part the two.
  `CREATE TABLE owed(n INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT`,
  `CREATE TABLE doomed_key(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
] as const

/** Everything that is ever asked of rights.db. */
export function rightsStatements(database: DatabaseSync) {
  const columns =
    'id, account, right, how, received_ms, extended, state, closed_ms, said, work FROM demand WHERE'
  return {
    person: database.prepare('SELECT who, name FROM person WHERE account = ?'),
    demand: database.prepare(`SELECT ${columns} id = ?`),
    demandsOf: database.prepare(`SELECT ${columns} account = ? ORDER BY received_ms, id`),
    open: database.prepare(`SELECT ${columns} state = 'received' ORDER BY received_ms, id`),
    heldBack: database.prepare(`SELECT ${columns} state = 'done' AND work IS NOT NULL`),
    closed: database.prepare(`SELECT keep_days, ${columns} state <> 'received'`),
    addPerson: database.prepare('INSERT OR IGNORE INTO person VALUES(?, ?, NULL)'),
    rename: database.prepare('UPDATE person SET name = ? WHERE account = ?'),
    addDemand: database.prepare('INSERT INTO demand VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    change: database.prepare(
      'UPDATE demand SET extended = ?, state = ?, closed_ms = ?, said = ?, work = ? WHERE id = ?',
    ),
    close: database.prepare('UPDATE demand SET state = ?, closed_ms = ? WHERE id = ?'),
    dropPerson: database.prepare('DELETE FROM person WHERE account = ?'),
    dropUnused: database.prepare(`DELETE FROM person WHERE account = ?1 AND name IS NULL
      AND NOT EXISTS(SELECT 1 FROM demand WHERE account = ?1)`),
    unsay: database.prepare('UPDATE demand SET said = NULL WHERE account = ?'),
    disown: database.prepare(
      'UPDATE demand SET account = NULL, work = NULL WHERE account = ? AND id <> ?',
    ),
    leave: database.prepare('UPDATE demand SET work = ? WHERE id = ?'),
    disownOne: database.prepare('UPDATE demand SET account = NULL, work = NULL WHERE id = ?'),
    remove: database.prepare('DELETE FROM demand WHERE id = ?'),
    owe: database.prepare('INSERT INTO owed(entry) VALUES(?)'),
    owed: database.prepare('SELECT n, entry FROM owed ORDER BY n'),
    settle: database.prepare('DELETE FROM owed WHERE n = ?'),
    doom: database.prepare('INSERT OR IGNORE INTO doomed_key VALUES(?)'),
    doomed: database.prepare('SELECT id FROM doomed_key'),
    undoom: database.prepare('DELETE FROM doomed_key'),
  }
}
