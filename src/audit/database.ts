import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { CallError } from '#protocol'

/**
 * A database opened to write, every commit of which is on the disk when it returns. Settings are read back: a build or a
 * file system that ignores one would lose acknowledged entries at the next power cut. Throws LOG_UNAVAILABLE,
 * as for a file with another schema.
 */
export function openDurable(
  path: string,
  schema: readonly string[],
  erasable: boolean,
): DatabaseSync {
  // Readers never block a writer in WAL; the time-out is for another writer that is just leaving.
  const database = new DatabaseSync(path, { timeout: 2000 })
  try {
    refuseOldSqlite(database)
    setting(database, 'journal_mode', 'WAL', 'wal')
    setting(database, 'synchronous', 'FULL', 2)
    // Moving pages into the database costs fsyncs of its own: seldom enough that a decision costs no more than one a file.
    setting(database, 'wal_autocheckpoint', '4000', 4000)
    // In KiB, as SQLite counts below zero: what is looked up at every append should be in memory.
    setting(database, 'cache_size', '-65536', -65536)
    if (erasable) setting(database, 'secure_delete', 'ON', 1)
    createOnce(database, schema)
    refuseOtherSchema(database, path, schema)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** All of it or nothing, on the disk when it returns. The caller must not go on after a throw: see `Store`. */
export function transaction(database: DatabaseSync, act: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    act()
    database.exec('COMMIT')
  } catch (error) {
    // Gives the lock back, so that the next start need not wait for this process to end.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** One state of the database for all that is read. Each read by itself would begin with locks that cost more than it. */
export function reading<T>(database: DatabaseSync, read: () => T): T {
  database.exec('BEGIN')
  try {
    return read()
  } finally {
    // SQLite ends it by itself when the disk fails.
    if (database.isTransaction) database.exec('COMMIT')
  }
}

/**
 * Makes all that can be read durable, and copies the write-ahead log into the database file. After a failed fsync the
 * page cache shows commits that never reached the disk, and that no fsync will write again: the bytes must be.
 */
export function checkpointWal(database: DatabaseSync): void {
  // Nobody adds to the write-ahead log meanwhile. It comes first: with older pages left in it on the disk than in the
  // database, a power cut would mix the two.
  transaction(database, () => rewrite(`${database.location()}-wal`))
  const row = database.prepare('PRAGMA wal_checkpoint(FULL)').get()
  if (row?.['busy'] !== 0)
    throw new CallError('LOG_UNAVAILABLE', 'another process holds the log; end it and start again')
}

/**
 * After rows were deleted under `secure_delete`: empties the write-ahead log, so that no byte of them is left in any
 * file. Throws VAULT_BUSY while someone reads an older state.
 */
export function truncateWal(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  if (row?.['busy'] !== 0)
    throw new CallError('VAULT_BUSY', 'another process reads an older state of the vault')
}

function rewrite(path: string): void {
  const file = openSync(path, 'r+')
  const chunk = Buffer.alloc(1 << 20)
  for (let at = 0, read; (read = readSync(file, chunk, 0, chunk.length, at)) > 0; )
    at += writeSync(file, chunk, 0, read, at)
  fsyncSync(file)
  closeSync(file)
}

/** As it is now, without free pages, to a file that must not exist yet. */
export function copyDatabase(database: DatabaseSync, path: string): void {
  database.prepare('VACUUM INTO ?').run(path)
}

/** A column that the schema says is a blob. */
export function blob(value: SQLOutputValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array))
    throw new CallError('LOG_CORRUPT', 'a column that is not a blob')
  return value
}

/** A column that the schema says is an integer. */
export function integer(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'number')
    throw new CallError('LOG_CORRUPT', 'a column that is not an integer')
  return value
}

export function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new CallError('LOG_CORRUPT', 'a column that is not a text')
  return value
}

/** The rows one by one, each as `read` makes it; the whole table never stands in memory. */
export function* rows<T>(
  statement: StatementSync,
  read: (row: Record<string, SQLOutputValue>) => T,
  ...parameters: readonly SQLInputValue[]
): Iterable<T> {
  for (const row of statement.iterate(...parameters)) yield read(row)
}

/** Before 3.51.3 a checkpoint could race a WAL reset and damage the file. */
function refuseOldSqlite(database: DatabaseSync): void {
  const version = text(database.prepare('SELECT sqlite_version() AS version').get()?.['version'])
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major * 1e6 + minor * 1e3 + patch < 3_051_003) {
    throw new CallError(
      'LOG_UNAVAILABLE',
      `SQLite ${version} is older than 3.51.3; use a newer Node`,
    )
  }
}

function setting(
  database: DatabaseSync,
  name: string,
  value: string,
  expected: string | number,
): void {
  database.exec(`PRAGMA ${name} = ${value}`)
  const row = database.prepare(`PRAGMA ${name}`).get()
  if (row?.[name] !== expected)
    throw new CallError('LOG_UNAVAILABLE', `SQLite did not take ${name} = ${value}`)
}

function createOnce(database: DatabaseSync, schema: readonly string[]): void {
  transaction(database, () => {
    const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {}
    if (tables === 0) for (const sql of schema) database.exec(sql)
  })
}

function refuseOtherSchema(database: DatabaseSync, path: string, schema: readonly string[]): void {
  const found = new Set(schemaOf(database))
  if (found.symmetricDifference(new Set(schema)).size === 0) return
  throw new CallError(
    'LOG_UNAVAILABLE',
    `${path} is of another kind or version: its tables and triggers are not those that this one makes; use the version that made it`,
  )
}

/**
 * Before anything is read by name: what lacks a table as this version makes it was made by another one. Triggers and
 * indexes may be missing, and tables too many: then it can be read, and `schemaOf` tells. Throws LOG_UNAVAILABLE.
 */
export function refuseOtherTables(
  database: DatabaseSync,
  path: string,
  schema: readonly string[],
): void {
  const found = new Set(schemaOf(database))
  const lacking = schema.filter((sql) => sql.startsWith('CREATE TABLE') && !found.has(sql))
  if (lacking.length === 0) return
  const names = lacking.map((sql) => /^CREATE TABLE (\w+)/.exec(sql)?.[1]).join(', ')
  throw new CallError(
    'LOG_UNAVAILABLE',
    `${path} is of another version, or was tampered with: it has no tables as this version makes them for ${names}; ` +
      'use the version that made it',
  )
}

/** Every table, index and trigger with its SQL. */
export function schemaOf(database: DatabaseSync): string[] {
  return [
    ...rows(database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL'), ({ sql }) =>
      text(sql),
    ),
  ]
}
