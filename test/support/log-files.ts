import { join } from 'node:path'
import type { LogFiles, LogOptions, StatementKey } from '#audit'
import { newStatementKey } from './person-key.ts'

type Options = Omit<LogOptions, 'onFailed'>

/** A log of its own under this folder, with all its keys. */
export const logOptions = (dir: string, statements: StatementKey = newStatementKey()): Options => ({
  dir: join(dir, 'log'),
  guardFile: join(dir, 'guard'),
  origin: 'localhost:4443/consent/test',
  keyFile: join(dir, 'key.pem'),
  vaultKeyFile: join(dir, 'vault.key'),
  statementJwk: statements.jwk,
  createKey: true,
})

/** Where a verifier finds all of it. */
export const logFiles = (dir: string): Omit<LogFiles, 'vkey'> => ({
  log: join(dir, 'log/log.db'),
  vault: join(dir, 'log/vault.db'),
  keys: { keys: join(dir, 'log/keys.db'), master: join(dir, 'vault.key') },
  guard: join(dir, 'guard'),
})
