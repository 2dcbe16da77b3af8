import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { checkLog, emptyTree, openConsentLog, openStatementKey, type ConsentLog } from '#audit'
import { openCheckpoint, type Checkpoint } from '../../src/audit/checkpoint.ts'
import { commitmentOf } from '../../src/audit/commitment.ts'
import { recordLeaf } from '../../src/audit/leaf.ts'
import { parseOpening } from '../../src/audit/opening.ts'
import { platformSha256 as sha256 } from '../../src/audit/platform-sha256.ts'
import { parseVerifierKey } from '../../src/audit/verifier-key.ts'
import { logOptions } from '../support/log-files.ts'
import { Acts } from './acts.ts'

/** The log under test, and all that the harness knows of it. All that it keeps is below `root`. */
export type Subject = { readonly log: ConsentLog; readonly acts: Acts }

/** Guard and keys lie apart from the data, as on volumes of their own: nothing that syncs one syncs the others. */
const placesIn = (root: string) => ({
  dir: join(root, 'data/log'),
  guardFile: join(root, 'guard/guard'),
  keyFile: join(root, 'key/key.pem'),
  vaultKeyFile: join(root, 'vault/vault.key'),
})

/** Only the guard's folder must be there; the log makes the others. */
export const foldersIn = (root: string): string[] => [join(root, 'guard')]

/** As a server does. */
export async function openLog(root: string, onFailed: (cause: Error) => void): Promise<Subject> {
  const statements = openStatementKey(join(root, 'data/statement.key'))
  const log = await openConsentLog({ ...logOptions(root, statements), ...placesIn(root), onFailed })
  return { log, acts: new Acts(statements, log) }
}

/** What opens these entries, as their people get it; undefined for what cannot be opened. */
export async function openingsOf(
  { log }: Subject,
  indexes: readonly number[],
): Promise<(string | undefined)[]> {
  const answer = await log.ask({ what: 'receipts', indexes, seen: emptyTree })
  return indexes.map((_, i) => answer?.receipts[i]?.opening)
}

/** The leaf that a whole opening commits to; undefined where a part of it is missing. */
export function leafOf(opening: string): Uint8Array | undefined {
  const parts = parseOpening(opening).opening
  const isWhole = Object.values(parts).every((part) => !('digest' in part))
  return isWhole ? recordLeaf(commitmentOf(sha256, parts)) : undefined
}

/** What the operator's verifier finds in a log that nobody has open. */
export async function findingsIn(root: string, vkey: string): Promise<string[]> {
  const { dir, guardFile: guard, vaultKeyFile: master } = placesIn(root)
  const { findings } = await checkLog({
    log: join(dir, 'log.db'),
    vault: join(dir, 'vault.db'),
    keys: { keys: join(dir, 'keys.db'), master },
    guard,
    vkey,
  })
  return findings.map(({ code, message }) => `${code}: ${message}`)
}

/** What a log that nobody has open keeps: its leaves and its checkpoints, in order. */
export function storedIn(root: string): { leaves: Uint8Array[]; notes: string[] } {
  using database = new DatabaseSync(join(placesIn(root).dir, 'log.db'), { readOnly: true })
  const leaves = database.prepare('SELECT leaf FROM entry ORDER BY idx').all()
  const notes = database.prepare('SELECT note FROM checkpoint ORDER BY size').all()
  return {
    leaves: leaves.map(({ leaf }) => (leaf instanceof Uint8Array ? leaf : new Uint8Array())),
    notes: notes.map(({ note }) => String(note)),
  }
}

/** Throws for a checkpoint that this key did not sign. */
export const signedIn = async (note: string, vkey: string): Promise<Checkpoint> =>
  openCheckpoint(note, await parseVerifierKey(sha256, vkey))
