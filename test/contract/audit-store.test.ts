import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { equal, utf8 } from '../../src/audit/bytes.ts'
import { emptyRoot } from '../../src/audit/merkle.ts'
import { appendLeaf, edgeRoot, emptyEdge, type Node } from '../../src/audit/right-edge.ts'
import { leafOf, sealEntry } from '../../src/audit/seal.ts'
import { sha256 } from '../../src/audit/sha256.ts'
import { SqliteStore } from '../../src/audit/sqlite-store.ts'
import type { RecordType } from '../../src/audit/records.ts'
import type { Growth, Head, KeptOpening, Store } from '../../src/audit/store.ts'
import { MemoryDisk, MemoryStore } from './audit-memory-store.ts'

const opened: (() => void)[] = []
afterEach(() =>
  opened
    .splice(0)
    .reverse()
    .forEach((close) => close()),
)

const closing = <S extends Store>(store: S): S => {
  opened.push(() => store[Symbol.dispose]())
  return store
}
const newDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'assent-store-'))
  opened.push(() => rmSync(dir, { recursive: true }))
  return dir
}

/** Each call of the inner function opens the same storage again, as after a restart. */
const stores: Record<string, () => () => Store> = {
  SqliteStore: () => {
    const dir = newDir()
    return () => closing(new SqliteStore(dir, emptyRoot(sha256), master))
  },
  MemoryStore: () => {
    const disk = new MemoryDisk(emptyRoot(sha256))
    return () => closing(new MemoryStore(disk))
  },
}

const master = Buffer.alloc(32, 7)

const openingOf = (
  index: number,
  name = `act ${index}`,
  type: RecordType = 'gate-open',
): KeptOpening =>
  sealEntry(sha256, index, {
    key: name,
    core: `{"type":"${type}","n":${index}}`,
    subject: 'anna',
    proof: '',
    notice: { text: `notice ${index % 2}`, asker: 'host' },
    about: {
      type,
      session: 'call_1',
      ref: null,
      requestId: null,
      timeMs: 0,
      evidenceDays: null,
      account: null,
    },
  })

/** What grows a log of `from` by these openings. */
function growth(from: Head, openings: readonly KeptOpening[], timeMs = 1): Growth {
  let edge = emptyEdge
  const nodes: Node[] = []
  const leaves = openings.map((one) => leafOf(sha256, one))
  for (const { leafHash } of leaves) {
    const [next, completed] = appendLeaf(sha256, edge, leafHash)
    edge = next
    nodes.push(...completed)
  }
  const to = { ...from, size: from.size + openings.length, root: edgeRoot(sha256, edge), timeMs }
  return { from, to, leaves, nodes, checkpoint: undefined }
}

describe.each(Object.entries(stores))('%s', (_, create) => {
  test('begins empty, with the root of the empty tree', () => {
    const store = create()()
    expect(store.head()).toEqual({
      size: 0,
      root: new Uint8Array(emptyRoot(sha256)),
      timeMs: 0,
      epoch: 0,
    })
    expect([...store.leaves()]).toEqual([])
    expect(store.lastCheckpoint()).toBeUndefined()
    expect([...store.opened()]).toEqual([])
  })

  test('keeps what was written over a restart: head, leaves, cores, keys', () => {
    const reopen = create()
    const first = reopen()
    const openings = [
      openingOf(0),
      openingOf(1, 'act 1', 'request'),
      openingOf(2, 'act 2', 'effect-started'),
    ]
    first.keep(openings)
    const step = growth(first.claim(), openings, 77)
    first.grow({ ...step, checkpoint: { size: 0, note: 'a note' } })
    first[Symbol.dispose]()
    opened.splice(
      opened.findLastIndex(() => true),
      1,
    )

    const store = reopen()
    expect(store.head()).toEqual({
      size: 3,
      root: new Uint8Array(step.to.root),
      timeMs: 77,
      epoch: 1,
    })
    expect([...store.leaves()]).toEqual(step.leaves)
    expect(store.lastCheckpoint()).toEqual({ size: 0, note: 'a note' })
    const stranger = { owner: 'call_1', keySha256: utf8('stranger') }
    expect(store.indexesOf([openings[1]!, stranger])).toEqual([1, undefined])
    expect(store.core(2)!.bytes).toSatisfy((bytes: Uint8Array) =>
      equal(bytes, openings[2]!.parts.core.bytes),
    )
    expect(store.core(3)).toBeUndefined()
    expect([...store.gateRecords()].map(({ index }) => index)).toEqual([0, 2])
    expect([...store.opened()]).toEqual([0, 1, 2])
    expect(store.nodeHash(1, 0)).toEqual(step.nodes.find(({ level }) => level === 1)!.hash)
    expect(store.nodeHash(1, 1)).toBeUndefined()
  })

  test('a writer that was overtaken grows nothing', () => {
    const reopen = create()
    const old = reopen()
    const mine = old.claim()
    const yours = reopen().claim()
    expect(yours.epoch).toBe(mine.epoch + 1)
    expect(() => old.grow(growth(mine, [openingOf(0)]))).toThrow('another writer')
  })

  test('growth from another size than the log has is refused', () => {
    const store = create()()
    const head = store.claim()
    store.grow(growth(head, [openingOf(0)]))
    expect(() => store.grow(growth(head, [openingOf(0)]))).toThrow('another writer')
    expect(store.head().size).toBe(1)
  })

  test('a leaf out of place is refused', () => {
    const store = create()()
    expect(() => store.grow(growth(store.claim(), [openingOf(1)]))).toThrow()
  })

  test('an opening or a key that is there already is refused', () => {
    const store = create()()
    store.keep([openingOf(0, 'act')])
    expect(() => store.keep([openingOf(0, 'other')])).toThrow()
  })

  test('a key that is there already is refused, but may name an act of someone else', () => {
    const store = create()()
    store.keep([openingOf(0, 'act')])
    expect(() => store.keep([openingOf(1, 'act')])).toThrow()
    const other = { ...openingOf(1, 'act'), owner: 'call_2' }
    store.keep([other])
    expect(store.indexesOf([{ ...other, owner: 'call_1' }, other])).toEqual([0, 1])
  })

  test('openings without a leaf are dropped, with their keys, and the others stay', () => {
    const store = create()()
    const openings = [openingOf(0), openingOf(1), openingOf(2)]
    store.keep(openings)
    store.dropOrphans(1)
    expect(store.indexesOf(openings)).toEqual([0, undefined, undefined])
    expect([...store.opened()]).toEqual([0])
    store.keep([openingOf(1, 'another act')])
    expect([...store.opened()]).toEqual([0, 1])
  })

  test('one size has one checkpoint: the same again is nothing new, another is refused', () => {
    const store = create()()
    store.putCheckpoint({ size: 3, note: 'three' })
    store.putCheckpoint({ size: 3, note: 'three' })
    store.putCheckpoint({ size: 5, note: 'five' })
    expect(store.lastCheckpoint()).toEqual({ size: 5, note: 'five' })
    expect(() => store.putCheckpoint({ size: 3, note: 'other' })).toThrow()
  })
})

describe('the files', () => {
  /** A log of two entries, and a second connection that may do as it likes. */
  function written(): { log: DatabaseSync; vault: DatabaseSync } {
    const dir = newDir()
    const store = closing(new SqliteStore(dir, emptyRoot(sha256), master))
    const openings = [openingOf(0), openingOf(1)]
    store.keep(openings)
    store.grow({ ...growth(store.claim(), openings, 5), checkpoint: { size: 0, note: 'note\n' } })
    const connections = {
      log: new DatabaseSync(join(dir, 'log.db')),
      vault: new DatabaseSync(join(dir, 'vault.db')),
    }
    opened.push(
      () => connections.log.close(),
      () => connections.vault.close(),
    )
    return connections
  }

  const refused = [
    `UPDATE entry SET leaf = x'00' WHERE idx = 0`,
    `DELETE FROM entry WHERE idx = 1`,
    `INSERT OR REPLACE INTO entry VALUES(1, x'00', x'00')`,
    `INSERT INTO entry VALUES(3, x'00', x'00')`,
    `UPDATE node SET h = x'00'`,
    `DELETE FROM node`,
    `INSERT OR REPLACE INTO node VALUES(0, 1, x'00')`,
    `UPDATE head SET size = 1`,
    `UPDATE head SET time_ms = 4`,
    `UPDATE head SET epoch = 0`,
    `DELETE FROM head`,
    `INSERT OR REPLACE INTO head VALUES(1, 9, x'00', 9, 9)`,
    `UPDATE checkpoint SET note = 'other'`,
    `UPDATE checkpoint SET size = 1`,
    `DELETE FROM checkpoint`,
    `INSERT OR REPLACE INTO checkpoint VALUES(0, 'other')`,
  ]
  test.each(refused)('append-only: %s', (sql) => {
    expect(() => written().log.exec(sql)).toThrow(/append-only/)
  })

  test('a cosignature may be added to a checkpoint', () => {
    const { log } = written()
    log.exec(`UPDATE checkpoint SET note = note || 'cosigned' WHERE size = 0`)
    expect(log.prepare('SELECT note FROM checkpoint').get()).toEqual({ note: 'note\ncosigned' })
  })

  test('only complete subtrees are stored, leaves included, and each notice once', () => {
    const { log, vault } = written()
    expect(log.prepare('SELECT level, i FROM node ORDER BY level, i').all()).toEqual([
      { level: 0, i: 0 },
      { level: 0, i: 1 },
      { level: 1, i: 0 },
    ])
    expect(vault.prepare('SELECT count(*) AS n FROM notice').get()).toEqual({ n: 2 })
  })
})
