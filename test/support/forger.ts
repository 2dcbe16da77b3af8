import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sealBytes, openSealed } from '../../src/audit/cipher.ts'
import { blob, text } from '../../src/audit/database.ts'
import { GuardFile, guardText } from '../../src/audit/guard.ts'
import { loadLogKey } from '../../src/audit/log-key.ts'
import { emptyRoot } from '../../src/audit/merkle.ts'
import { rootFromNodes } from '../../src/audit/node-proofs.ts'
import type { Signer } from '../../src/audit/note.ts'
import { platformSha256 as sha256 } from '../../src/audit/platform-sha256.ts'
import { LogReader } from '../../src/audit/readers.ts'
import { appendLeaf, emptyEdge } from '../../src/audit/right-edge.ts'
import type { Arriving } from '../../src/audit/seal.ts'
import { Sequencer } from '../../src/audit/sequencer.ts'
import { SqliteStore } from '../../src/audit/sqlite-store.ts'
import { keyIdOf, noticePlace } from '../../src/audit/vault-rows.ts'
import { logOptions } from './log-files.ts'
import { masterIn } from './vault-disk.ts'

/** Changes a database as someone who owns the disk can: triggers off, triggers back on. */
export function tamper(
  dir: string,
  file: 'log.db' | 'vault.db',
  change: (database: DatabaseSync) => void,
): void {
  using database = new DatabaseSync(join(dir, 'log', file))
  database.exec('PRAGMA synchronous = OFF')
  const triggers = database
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
    .all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`)
  change(database)
  for (const { sql } of triggers) database.exec(String(sql))
}

/** The log's own signature, for whoever has its key. */
export const signerOf = (dir: string): Signer => {
  const { keyFile, origin } = logOptions(dir)
  return loadLogKey(sha256, keyFile, origin).signer
}

/**
 * Writes history anew from an entry on: everything after it goes, with all its traces, and other entries come in its
 * place, unchecked, with tree, signatures and guard made to agree. Returns the new checkpoint.
 */
export function rewrite(
  dir: string,
  from: number,
  entries: readonly Arriving[],
  signer: Signer = signerOf(dir),
): string {
  cut(dir, from)
  using store = new SqliteStore(join(dir, 'log'), emptyRoot(sha256), masterIn(dir))
  const head = store.claim()
  using guard = new GuardFile(join(dir, 'guard'), signer.name, head)
  let edge = emptyEdge
  for (const { leafHash } of store.leaves()) edge = appendLeaf(sha256, edge, leafHash)[0]
  const sequencer = new Sequencer({ sha256, store, guard, signer, head, edge })
  for (const entry of entries) sequencer.append([entry])
  sequencer.flush()
  return sequencer.checkpoint.note
}

function cut(dir: string, size: number): void {
  tamper(dir, 'log.db', (log) => {
    const reader = new LogReader(log)
    const root = rootFromNodes(sha256, (level, i) => reader.nodeHash(level, i)!, size)
    log.exec(`DELETE FROM entry WHERE idx >= ${size};
      DELETE FROM node WHERE (i + 1) * (1 << level) > ${size};
      DELETE FROM checkpoint WHERE size >= ${size}`)
    log.prepare('UPDATE head SET size = ?, root = ?').run(size, root)
    const { name } = signerOf(dir)
    rmSync(join(dir, 'guard'))
    writeFileSync(join(dir, 'guard'), guardText(name, { size, root }))
  })
  tamper(dir, 'vault.db', (vault) => {
    vault.prepare('DELETE FROM opening WHERE idx >= ?').run(size)
  })
}

/** Deletes what opens an entry and says in the vault that it was erased on request. */
export function eraseByHand(dir: string, index: number): void {
  tamper(dir, 'vault.db', (vault) => {
    vault.prepare('DELETE FROM opening WHERE idx = ?').run(index)
    vault.prepare(`INSERT INTO tombstone VALUES(?, 'on-request')`).run(index)
  })
}

/** The same by whoever can also write beside the guard: an operator. */
export function eraseAsOperator(dir: string, index: number): void {
  eraseByHand(dir, index)
  appendFileSync(join(dir, 'guard.erasures'), `${index} on-request\n`)
}

/** Puts other words under a notice that people were shown, sealed as the real ones were. */
export function swapNotice(dir: string, noticeSha256: string, words: Uint8Array): void {
  using keys = new DatabaseSync(join(dir, 'log/keys.db'))
  tamper(dir, 'vault.db', (vault) => {
    const sha = Uint8Array.fromHex(noticeSha256)
    const row = vault.prepare('SELECT asker FROM notice WHERE sha256 = ?').get(sha)!
    const id = keyIdOf(text(row['asker']), 'who')
    const wrapped = keys.prepare('SELECT wrapped FROM subject_key WHERE id = ?').get(id)!['wrapped']
    const key = openSealed(masterIn(dir), blob(wrapped), id)!
    vault
      .prepare('UPDATE notice SET sealed = ? WHERE sha256 = ?')
      .run(sealBytes(key, words, noticePlace(noticeSha256)), sha)
  })
}
