import { openDurable, transaction } from '../../../src/audit/database.ts'

/** Commits twenty times to one database, and says between which marks: a tracer counts the fsyncs in between. */
const [path = '', synchronous] = process.argv.slice(2)
const database = openDurable(path, ['CREATE TABLE t(x)'], true)
if (synchronous !== undefined) database.exec(`PRAGMA synchronous = ${synchronous}`)
const insert = database.prepare('INSERT INTO t VALUES(1)')
process.stdout.write('<<begin>>')
for (let i = 0; i < 20; i++) transaction(database, () => insert.run())
process.stdout.write('<<end>>')
