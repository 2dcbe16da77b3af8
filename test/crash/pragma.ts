import { DatabaseSync } from 'node:sqlite'

/**
 * Loaded before everything else, in every thread: makes a log whose databases are set otherwise than it set and read
 * back itself. The product has no option for that.
 */
const pragma = process.env['CRASH_PRAGMA']
// oxlint-disable-next-line typescript/unbound-method -- called on each database below
const exec = DatabaseSync.prototype.exec

DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (sql.startsWith('BEGIN') && pragma !== undefined) exec.call(this, `PRAGMA ${pragma}`)
  exec.call(this, sql)
}
