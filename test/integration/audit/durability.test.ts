import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDurable, schemaOf } from '../../../src/audit/database.ts'
import { createFile, makeFolder, replaceFile } from '../../../src/audit/durable-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-durable-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('a durable database', () => {
  test('reads back every setting that durability and erasure rest on', () => {
    using database = openDurable(join(dir, 'x.db'), [], true)
    const setting = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name]
    expect([setting('journal_mode'), setting('synchronous'), setting('secure_delete')]).toEqual([
      'wal',
      2,
      1,
    ])
  })

  test('that cannot be had is refused: a setting that SQLite does not take', () => {
    expect(() => openDurable(':memory:', [], true)).toThrow(
      expect.objectContaining({
        code: 'LOG_UNAVAILABLE',
        message: 'SQLite did not take journal_mode = WAL',
      }),
    )
  })
})

describe.each([
  ['lacks a trigger', 'DROP TRIGGER no_delete'],
  ['has a table too many', 'CREATE TABLE other(a INTEGER) STRICT'],
])('a database that %s', (_, change) => {
  test('is refused by name, and left as it is', () => {
    const path = join(dir, 'x.db')
    const schema = [
      'CREATE TABLE one(a INTEGER) STRICT',
      `CREATE TRIGGER no_delete BEFORE DELETE ON one BEGIN SELECT RAISE(ABORT, 'no'); END`,
    ]
    openDurable(path, schema, false).close()
    openDurable(path, schema, false).close()
    using database = new DatabaseSync(path)
    database.exec(change)
    const before = schemaOf(database)
    expect(() => openDurable(path, schema, false)).toThrow(
      expect.objectContaining({ code: 'LOG_UNAVAILABLE', message: expect.stringContaining(path) }),
    )
    expect(schemaOf(database)).toEqual(before)
  })
})

describe('a durable file', () => {
  test('that is made is never written over, and leaves nothing beside it', () => {
    const path = join(dir, 'key')
    createFile(path, 'first')
    expect(() => createFile(path, 'second')).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(readFileSync(path, 'utf8')).toBe('first')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['key'])
  })

  test('that is replaced can be written on', () => {
    const path = join(dir, 'guard')
    writeFileSync(path, 'old and longer')
    const file = replaceFile(path, 'new')
    writeFileSync(file, ' line')
    closeSync(file)
    expect(readFileSync(path, 'utf8')).toBe('new line')
    expect(readdirSync(dir)).toEqual(['guard'])
  })
})

test('a folder is made with its parents, for its owner alone, and may be there', () => {
  const path = join(dir, 'data/log')
  makeFolder(path)
  makeFolder(path)
  for (const made of [path, join(dir, 'data')]) expect(statSync(made).mode & 0o777).toBe(0o700)
})

test('a decision costs two fsyncs: one for what opens it, one for the log', () => {
  const fsyncsOf = (decisions: number): number => {
    const trace = join(dir, `trace-${decisions}`)
    const bench = join(import.meta.dirname, '../../../bench/log.ts')
    const { status, stderr } = spawnSync(
      'strace',
      [
        '-f',
        '-qq',
        '-e',
        'trace=fsync,fdatasync',
        '-o',
        trace,
        process.execPath,
        bench,
        'traced',
        dir,
        String(decisions),
      ],
      { encoding: 'utf8' },
    )
    expect(status, stderr).toBe(0)
    return readFileSync(trace, 'utf8').match(/f(data)?sync\(/g)?.length ?? 0
  }
  fsyncsOf(1) // makes the files
  // Opening and closing cost their own, once.
  expect(fsyncsOf(101) - fsyncsOf(1)).toBe(200)
})
