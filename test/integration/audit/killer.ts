import fs, { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'

/**
 * Loaded before a program: kills it, as a power switch does, ahead of the nth step that it takes with a database once
 * the file `armed` is there. A step is a note in a file, a commit or the emptying of a log: between them nothing changes on
 * the disk that would outlive the program.
 */
const { KILL_AT, KILL_DIR = '' } = process.env
let step = 0
function killAt(): void {
  if (!existsSync(join(KILL_DIR, 'armed'))) return
  if (step++ === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL')
}

before(fs, 'writeFileSync', () => killAt())
syncBuiltinESMExports()

let isInside = false
before(DatabaseSync.prototype, 'exec', (_, sql) => {
  if (sql === 'COMMIT') killAt()
  isInside = String(sql).startsWith('BEGIN')
})
/** Outside a transaction each statement that writes is a commit. */
before(StatementSync.prototype, 'run', () => {
  if (!isInside) killAt()
})
before(StatementSync.prototype, 'get', (statement) => {
  if (statement.sourceSQL.includes('wal_checkpoint')) killAt()
})

function before<T extends object>(
  prototype: T,
  name: string,
  look: (of: T, first: unknown) => void,
): void {
  const real = Reflect.get(prototype, name) as (...values: unknown[]) => unknown
  Reflect.set(prototype, name, function (this: T, ...values: unknown[]) {
    look(this, values[0])
    return Reflect.apply(real, this, values)
  })
}
