import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toBase64, utf8 } from '../../src/audit/bytes.ts'
import { checkTree } from '../../src/audit/check-tree.ts'
import { openCheckpoint } from '../../src/audit/checkpoint.ts'
import { encodeCore, sessionOf } from '../../src/audit/entry.ts'
import { GuardFile, readGuard } from '../../src/audit/guard.ts'
import { emptyRoot } from '../../src/audit/merkle.ts'
import { parseNote, type Signer } from '../../src/audit/note.ts'
import type { CoreRecord } from '../../src/audit/records.ts'
import type { Arriving } from '../../src/audit/seal.ts'
import type { Sequencer } from '../../src/audit/sequencer.ts'
import { sha256 } from '../../src/audit/sha256.ts'
import { SqliteStore } from '../../src/audit/sqlite-store.ts'
import { startSequencer } from '../../src/audit/start.ts'
import type { Store } from '../../src/audit/store.ts'
import {
  formatVerifierKey,
  keyIdOf,
  parseVerifierKey,
  type Verifier,
} from '../../src/audit/verifier-key.ts'
import { goodStory, Story } from '../unit/audit/story.ts'
import { MemoryDisk, MemoryStore } from './audit-memory-store.ts'

const origin = 'localhost:4443/consent/test'
const { privateKey } = generateKeyPairSync('ed25519')
const publicKey = new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).x!, 'base64url'))
let verifier: Verifier
let dir: string
let guardPath: string
/** Every note that was ever signed, by its text: a size with two roots would be two texts. */
let signed: Set<string>
const signer: Signer = {
  name: origin,
  keyId: keyIdOf(sha256, origin, publicKey),
  sign: (message) => {
    signed.add(new TextDecoder().decode(message))
    return new Uint8Array(sign(null, message, privateKey))
  },
}
const opened: Disposable[] = []

beforeEach(async () => {
  verifier = await parseVerifierKey(sha256, formatVerifierKey(sha256, origin, publicKey))
  dir = mkdtempSync(join(tmpdir(), 'assent-sequencer-'))
  guardPath = join(dir, 'guard')
  signed = new Set()
})
afterEach(() => {
  for (const one of opened.splice(0).toReversed()) one[Symbol.dispose]()
  rmSync(dir, { recursive: true })
})

const stores: Record<string, () => () => Store> = {
  MemoryStore: () => {
    const disk = new MemoryDisk(emptyRoot(sha256))
    return () => new MemoryStore(disk)
  },
  SqliteStore: () => () => {
    const store = new SqliteStore(join(dir, 'log'), emptyRoot(sha256), Buffer.alloc(32, 7))
    opened.push(store)
    return store
  },
}

const recordOf = (session: string): CoreRecord => {
  const story = new Story(session)
  story.open()
  return story.entries[0]!.core
}
const arriving = (key: string, core = recordOf(key), timeMs = 1000): Arriving => ({
  key,
  core: encodeCore(core),
  subject: 'someone',
  proof: '',
  notice: undefined,
  about: {
    type: core.type,
    session: sessionOf(core),
    ref: null,
    requestId: null,
    timeMs,
    evidenceDays: null,
    account: null,
  },
})

async function start(
  store: Store,
  nowMs = 5000,
): Promise<{ sequencer: Sequencer; guard: GuardFile }> {
  const started = await startSequencer({ sha256, store, signer, verifier, guardPath, nowMs })
  opened.push(started.guard)
  return started
}

type Step = 'keep' | 'grow' | 'putCheckpoint'
/** The store, but its nth call of one method throws: before anything was written, or after all of it was. */
function faulty(store: Store, step: Step, mode: 'failed' | 'persisted', nth: number): Store {
  let calls = 0
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const hit = name === step && ++calls === nth
        if (hit && mode === 'failed') throw new Error('disk I/O error')
        const result: unknown = Reflect.apply(member, target, args)
        if (hit) throw new Error('disk I/O error')
        return result
      }
    },
  })
}

/** A log that is sound in itself, and agrees with every checkpoint that was ever signed. */
async function expectSound(store: Store): Promise<void> {
  const sizes = [...signed].map((text) => text.split('\n')[1])
  expect(new Set(sizes).size, 'one root for each size').toBe(sizes.length)
  const notes = [...signed].map((text) => ({
    size: Number(text.split('\n')[1]),
    note: `${text}\n— ${origin} ${toBase64(new Uint8Array([...signer.keyId, ...sign(null, utf8(text), privateKey)]))}\n`,
  }))
  const checkpoints = notes.toSorted((a, b) => a.size - b.size)
  const report = await checkTree(
    sha256,
    {
      leaves: store.leaves(),
      head: store.head(),
      checkpoints,
      nodeTotal: 0,
      nodeHash: () => undefined,
    },
    verifier,
  )
  expect(report.findings.filter(({ code }) => code !== 'node-missing')).toEqual([])
}

describe.each(Object.entries(stores))('on a %s', (_, create) => {
  test('entries get consecutive indexes, and a signed checkpoint that covers them', async () => {
    const { sequencer } = await start(create()())
    const { placed, checkpoint, leaves } = sequencer.append([arriving('a'), arriving('b')])
    expect(placed).toEqual([0, 1])
    expect(leaves).toBe(2)
    await expect(openCheckpoint(checkpoint, verifier)).resolves.toMatchObject({ origin, size: 2 })
    expect(sequencer.append([arriving('c')]).placed).toEqual([2])
  })

  test('a key is written once: in one batch, in another, and after a restart', async () => {
    const reopen = create()
    const first = await start(reopen())
    expect(first.sequencer.append([arriving('a'), arriving('b'), arriving('a')]).placed).toEqual([
      0, 1, 0,
    ])
    expect(first.sequencer.append([arriving('b')])).toMatchObject({ placed: [1], leaves: 0 })
    const { sequencer } = await start(reopen())
    expect(sequencer.append([arriving('b'), arriving('c')])).toMatchObject({
      placed: [1, 2],
      leaves: 1,
    })
  })

  test('a key that names another act is refused, and the rest of its batch is written', async () => {
    const { sequencer } = await start(create()())
    sequencer.append([arriving('a')])
    const end = new Story('a')
    end.open()
    end.close()
    const { placed } = sequencer.append([arriving('a', end.entries[1]!.core), arriving('b')])
    expect(placed[0]).toMatchObject({ code: 'BAD_REQUEST' })
    expect(placed[1]).toBe(1)
  })

  test('each checkpoint is stored with the next step, and the last one when it is flushed', async () => {
    const store = create()()
    const { sequencer } = await start(store)
    expect(store.lastCheckpoint()?.size).toBe(0)
    sequencer.append([arriving('a')])
    expect(store.lastCheckpoint()?.size).toBe(0)
    const { checkpoint } = sequencer.append([arriving('b')])
    expect(store.lastCheckpoint()?.size).toBe(1)
    sequencer.flush()
    expect(store.lastCheckpoint()).toEqual({ size: 2, note: checkpoint })
  })

  test('what a crash left open is closed at the next start, once', async () => {
    const reopen = create()
    const story = goodStory().entries.slice(0, 7)
    const first = await start(reopen())
    first.sequencer.append(story.map(({ core }, i) => arriving(`act ${i}`, core)))
    const store = reopen()
    const { sequencer } = await start(store, 9000)
    expect(sequencer.size).toBe(9)
    const records = [...store.gateRecords()]
      .slice(-2)
      .map(({ bytes }): CoreRecord => JSON.parse(new TextDecoder().decode(bytes)))
    expect(records.map(({ type, event }) => [type, event.state, event.time])).toEqual([
      ['gate-closed', 'interrupted', 9000],
      ['effect-stopped', 'interrupted', 9000],
    ])
    expect((await start(reopen(), 9000)).sequencer.size).toBe(9)
  })

  const faults = (['keep', 'grow'] as const).flatMap((step) =>
    (['failed', 'persisted'] as const).flatMap((mode) =>
      [1, 2, 3].map((nth) => ({ step, mode, nth })),
    ),
  )
  test.each(faults)(
    '$step number $nth $mode: nothing acknowledged is lost, nothing is written twice, one root per size',
    async ({ step, mode, nth }) => {
      const reopen = create()
      const broken = await start(faulty(reopen(), step, mode, nth))
      const acknowledged = new Map<string, number>()
      const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => arriving(key))
      let failures = 0
      for (const one of all) {
        try {
          acknowledged.set(one.key, broken.sequencer.append([one]).placed[0] as number)
        } catch (error) {
          expect(error).toMatchObject({ code: 'LOG_UNAVAILABLE' })
          failures += 1
        }
      }
      expect(failures, 'it fails for good').toBe(all.length - (nth - 1))
      expect(() => broken.sequencer.flush()).toThrow(
        expect.objectContaining({ code: 'LOG_UNAVAILABLE' }),
      )

      const store = reopen()
      const { sequencer } = await start(store)
      expect(sequencer.size).toBe(nth - 1 + (step === 'grow' && mode === 'persisted' ? 1 : 0))
      const { placed } = sequencer.append(all)
      expect(new Set(placed)).toEqual(new Set([0, 1, 2, 3, 4, 5]))
      for (const [i, { key }] of all.entries())
        if (acknowledged.has(key)) expect(placed[i]).toBe(acknowledged.get(key))
      expect([...store.opened()]).toEqual([0, 1, 2, 3, 4, 5])
      await expectSound(store)
    },
  )

  test.each(['failed', 'persisted'] as const)(
    'the last checkpoint %s: the next start signs the same again',
    async (mode) => {
      const reopen = create()
      // The first putCheckpoint is that of the empty log, at the start.
      const broken = await start(faulty(reopen(), 'putCheckpoint', mode, 2))
      const { checkpoint } = broken.sequencer.append([arriving('a')])
      expect(() => broken.sequencer.flush()).toThrow(
        expect.objectContaining({ code: 'LOG_UNAVAILABLE' }),
      )
      const store = reopen()
      await start(store)
      expect(store.lastCheckpoint()).toEqual({ size: 1, note: checkpoint })
      await expectSound(store)
    },
  )

  test('a guard that cannot be written fails the log', async () => {
    const store = create()()
    const { sequencer, guard } = await start(store)
    sequencer.append([arriving('a')])
    opened.splice(opened.indexOf(guard), 1)
    guard[Symbol.dispose]()
    expect(() => sequencer.append([arriving('b')])).toThrow(
      expect.objectContaining({ code: 'LOG_UNAVAILABLE' }),
    )
  })

  test('a second server on the same log takes it over, and the first can write no more', async () => {
    const reopen = create()
    const first = await start(reopen())
    first.sequencer.append([arriving('a')])
    const second = await start(reopen())
    second.sequencer.append([arriving('b')])
    expect(() => first.sequencer.append([arriving('c')])).toThrow(
      expect.objectContaining({ code: 'LOG_UNAVAILABLE' }),
    )
    await expectSound(reopen())
  })
})

describe('a start is refused', () => {
  async function written(): Promise<() => Store> {
    const disk = new MemoryDisk(emptyRoot(sha256))
    const reopen = (): Store => new MemoryStore(disk)
    const { sequencer } = await start(reopen())
    sequencer.append([arriving('a'), arriving('b'), arriving('c')])
    sequencer.flush()
    return reopen
  }
  /** The store, but one answer is another. */
  const with_ = <K extends keyof Store>(store: Store, name: K, answer: Store[K]): Store =>
    new Proxy(store, {
      get: (target, key) => (key === name ? answer : bind(Reflect.get(target, key), target)),
    })
  const bind = (member: unknown, target: Store): unknown =>
    typeof member === 'function'
      ? (...args: unknown[]): unknown => Reflect.apply(member, target, args)
      : member

  test('when a leaf was changed', async () => {
    const store = (await written())()
    const leaves = [...store.leaves()].map((leaf) =>
      leaf.index === 1 ? { ...leaf, leaf: utf8('other') } : leaf,
    )
    await expect(start(with_(store, 'leaves', () => leaves))).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('leaf 1 was changed'),
    })
  })

  test('when a leaf is missing', async () => {
    const store = (await written())()
    const leaves = [...store.leaves()].toSpliced(1, 1)
    await expect(start(with_(store, 'leaves', () => leaves))).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('leaf 1 is missing'),
    })
  })

  test('when the end of the leaves is missing', async () => {
    const store = (await written())()
    const leaves = [...store.leaves()].slice(0, 2)
    await expect(start(with_(store, 'leaves', () => leaves))).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('the head says 3'),
    })
  })

  test('when a leaf has no opening', async () => {
    const store = (await written())()
    await expect(start(with_(store, 'opened', () => [0, 1]))).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('leaf 2 has no opening'),
    })
  })

  test('when an older log was put in place: the guard has seen more', async () => {
    const reopen = stores['MemoryStore']!()
    const { sequencer } = await start(reopen())
    sequencer.append([arriving('a')])
    const old = stores['MemoryStore']!()()
    await expect(start(old)).rejects.toMatchObject({
      code: 'LOG_ROLLED_BACK',
      message: expect.stringContaining('has seen 1'),
    })
  })

  test('when another log was put in place: the guard has seen another root', async () => {
    const one = await written()
    const { size, root } = one().head()
    rmSync(guardPath)
    const other = await written()
    rmSync(guardPath)
    writeFileSync(guardPath, `assent-log-guard/v1 ${origin}\n${size} ${toBase64(root)}\n`)
    await expect(start(other())).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('the guard'),
    })
  })

  test('when a signed checkpoint is ahead of the leaves', async () => {
    const store = (await written())()
    const last = store.lastCheckpoint()!
    const fresh = new MemoryStore(new MemoryDisk(emptyRoot(sha256)))
    rmSync(guardPath)
    writeFileSync(guardPath, `assent-log-guard/v1 ${origin}\n0 ${toBase64(emptyRoot(sha256))}\n`)
    await expect(start(with_(fresh, 'lastCheckpoint', () => last))).rejects.toMatchObject({
      code: 'LOG_ROLLED_BACK',
      message: expect.stringContaining('signed checkpoint has seen 3'),
    })
  })

  test('when the last checkpoint was signed by another key', async () => {
    const store = (await written())()
    const note = parseNote(store.lastCheckpoint()!.note)
    const forged = `${note.text}\n— ${origin} ${toBase64(new Uint8Array(68))}\n`
    await expect(
      start(with_(store, 'lastCheckpoint', () => ({ size: 3, note: forged }))),
    ).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  })

  test('when the guard is missing, with the one line that accepts the log as it is', async () => {
    const reopen = await written()
    const { root } = reopen().head()
    rmSync(guardPath)
    await expect(start(reopen())).rejects.toMatchObject({
      code: 'LOG_ROLLED_BACK',
      message: expect.stringContaining(`3 ${toBase64(root)}`),
    })
    writeFileSync(guardPath, `assent-log-guard/v1 ${origin}\n3 ${toBase64(root)}\n`)
    expect((await start(reopen())).sequencer.size).toBe(3)
  })

  test('when the clock is behind the last entry', async () => {
    const reopen = await written()
    await expect(start(reopen(), 999)).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
      message: expect.stringContaining('1 ms behind'),
    })
    expect((await start(reopen(), 1000)).sequencer.size).toBe(3)
  })
})

describe('the guard', () => {
  const mark = (size: number) => ({ size, root: new Uint8Array(32).fill(size % 256) })

  test('remembers the last of many marks, in a file that stays short', () => {
    const guard = new GuardFile(guardPath, origin, mark(0))
    opened.push(guard)
    for (let size = 1; size <= 3000; size++) guard.note(mark(size))
    expect(readGuard(guardPath, origin)).toEqual(mark(3000))
  })

  test('survives a torn last line', () => {
    writeFileSync(guardPath, `assent-log-guard/v1 ${origin}\n7 ${toBase64(mark(7).root)}\n8 AAAA`)
    expect(readGuard(guardPath, origin)).toEqual(mark(7))
  })

  test('of another log, or without a mark, is refused', () => {
    writeFileSync(guardPath, `assent-log-guard/v1 elsewhere\n7 ${toBase64(mark(7).root)}\n`)
    expect(() => readGuard(guardPath, origin)).toThrow(
      expect.objectContaining({ code: 'LOG_CORRUPT' }),
    )
    writeFileSync(guardPath, `assent-log-guard/v1 ${origin}\n`)
    expect(() => readGuard(guardPath, origin)).toThrow(
      expect.objectContaining({ code: 'LOG_CORRUPT' }),
    )
  })
})
