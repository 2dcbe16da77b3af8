/**
 * log.db: the tree. Append-only, and without personal data, so that it may be public. Triggers stop mistakes and plain
 * edits; whoever drops them is found by the signatures. INSERT OR REPLACE passes UPDATE and DELETE triggers by, hence
 * the triggers on INSERT.
 */
export const logSchema = [
  `CREATE TABLE entry(idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, leaf_hash BLOB NOT NULL) STRICT`,
  `CREATE TABLE node(level INTEGER, i INTEGER, h BLOB NOT NULL, PRIMARY KEY(level, i)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
    time_ms INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT`,
  `CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT`,

  refuse('entry_update', 'UPDATE ON entry'),
  refuse('entry_delete', 'DELETE ON entry'),
  refuse(
    'entry_insert',
    'INSERT ON entry',
    'NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entry)',
  ),
  refuse('node_update', 'UPDATE ON node'),
  refuse('node_delete', 'DELETE ON node'),
  refuse(
    'node_insert',
    'INSERT ON node',
    'EXISTS(SELECT 1 FROM node WHERE level = NEW.level AND i = NEW.i)',
  ),
  refuse(
    'head_update',
    'UPDATE ON head',
    'NEW.size < OLD.size OR NEW.time_ms < OLD.time_ms OR NEW.epoch < OLD.epoch OR NEW.one <> OLD.one',
  ),
  refuse('head_delete', 'DELETE ON head'),
  refuse('head_insert', 'INSERT ON head', 'EXISTS(SELECT 1 FROM head)'),
  // Cosignatures are lines at the end of a note: a checkpoint may only grow.
  refuse(
    'checkpoint_update',
    'UPDATE ON checkpoint',
    'NEW.size <> OLD.size OR substr(NEW.note, 1, length(OLD.note)) <> OLD.note',
  ),
  refuse('checkpoint_delete', 'DELETE ON checkpoint'),
  refuse(
    'checkpoint_insert',
    'INSERT ON checkpoint',
    'EXISTS(SELECT 1 FROM checkpoint WHERE size = NEW.size)',
  ),
] as const

/**
 * vault.db: what opens the leaves, sealed with the keys of keys.db. Erasable: a part that was erased keeps its digest
 * alone, and an entry of which all was erased keeps nothing. In the clear stands only what finds an entry: its kind, its
 * call, its time, and the id that a person had in that call alone.
 */
export const vaultSchema = [
  `CREATE TABLE owner(no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, session TEXT, ref TEXT, account BLOB,
    since_ms INTEGER NOT NULL) STRICT`,
  `CREATE INDEX owner_session ON owner(session) WHERE session IS NOT NULL`,
  `CREATE INDEX owner_account ON owner(account) WHERE account IS NOT NULL`,
  // Numbers in the order of arrival keep what is written at one time in one place: an index on random ids would touch a
  // page of its own with every entry.
  `CREATE TABLE opening(idx INTEGER PRIMARY KEY, owner INTEGER NOT NULL, type TEXT NOT NULL, request TEXT,
    time_ms INTEGER NOT NULL, evidence_days INTEGER, key_sha256 BLOB NOT NULL,
    what BLOB, who BLOB,
    core_digest BLOB NOT NULL, subject_digest BLOB NOT NULL, proof_digest BLOB NOT NULL) STRICT`,
  `CREATE UNIQUE INDEX opening_key ON opening(owner, key_sha256)`,
  `CREATE TABLE notice(sha256 BLOB PRIMARY KEY, asker TEXT NOT NULL, sealed BLOB) STRICT, WITHOUT ROWID`,
  `CREATE TABLE tombstone(idx INTEGER, reason TEXT, PRIMARY KEY(idx, reason)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE hold(session TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
  `CREATE TABLE doomed_key(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
  `CREATE TABLE statement_key(kid TEXT PRIMARY KEY, jwk TEXT NOT NULL) STRICT, WITHOUT ROWID`,
] as const

/** The SQL of one trigger; a comparison with it tells whether someone weakened the real one. */
function refuse(name: string, event: string, when?: string): string {
  const condition = when === undefined ? '' : ` WHEN ${when}`
  return `CREATE TRIGGER ${name} BEFORE ${event}${condition} BEGIN SELECT RAISE(ABORT, '${name}: append-only'); END`
}
