import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openConsentLog, recordHeader, type NodeHash } from '#audit'
import { utf8 } from '../../../src/audit/bytes.ts'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { cosign } from '../../../src/audit/cosignature.ts'
import { leafHash } from '../../../src/audit/merkle.ts'
import { rootFromNodes } from '../../../src/audit/node-proofs.ts'
import { parseNote } from '../../../src/audit/note.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { appendLeaf, emptyEdge } from '../../../src/audit/right-edge.ts'
import { encodeEntryBundle, encodeHashTile, tilePath, tilesOf } from '../../../src/audit/tiles.ts'
import { logOptions } from '../../support/log-files.ts'
import { logParty, witnessParty } from '../../unit/audit/parties.ts'

const run = promisify(execFile)
const seed = Number(env['ASSENT_SEED'] ?? Date.now() % 1e9)

let dir: string
let verifier: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'assent-other-make-'))
  verifier = join(dir, 'verify')
  // Debian's packages and nothing from the network: GOPATH is where golang-golang-x-mod-dev lies.
  const offline = {
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOPROXY: 'off',
    CGO_ENABLED: '0',
  }
  const home = { PATH: env['PATH'], HOME: dir, GOCACHE: join(dir, 'cache') }
  const source = join(import.meta.dirname, 'other-make/verify.go')
  await run('go', ['build', '-o', verifier, source], { env: { ...home, ...offline } })
}, 600_000)
afterAll(() => rmSync(dir, { recursive: true }))

type Published = {
  readonly folder: string
  readonly keys: readonly string[]
  readonly files: readonly string[]
}
type Tree = {
  readonly size: number
  readonly hashOf: NodeHash
  readonly entries: (from: number, to: number) => readonly Uint8Array[]
  readonly checkpoint: string
}

/** Writes what a log would serve. */
function publish(name: string, keys: readonly string[], tree: Tree): Published {
  const folder = join(dir, name)
  const files: string[] = []
  const write = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
    files.push(path)
  }
  write('checkpoint', tree.checkpoint)
  for (const tile of tilesOf(tree.size)) {
    const first = 256 * tile.index
    write(
      tilePath(tile),
      tile.holds === 'hashes'
        ? encodeHashTile(tree.hashOf, tile)
        : encodeEntryBundle(tree.entries(first, first + tile.width)),
    )
  }
  return { folder, keys, files }
}

/** What the other verifier says: its report, or why it refuses. */
async function verdict({ folder, keys }: Published): Promise<{ code: number; said: string }> {
  return await run(verifier, [folder, ...keys]).then(
    ({ stdout }) => ({ code: 0, said: stdout.trim() }),
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && 'stderr' in error)) throw error
      return { code: Number(error.code), said: String(error.stderr).trim() }
    },
  )
}

/** With one file changed for as long as it takes to look. */
async function verdictWith(
  published: Published,
  file: string,
  change: (bytes: Buffer) => Uint8Array | undefined,
) {
  const path = join(published.folder, file)
  const bytes = readFileSync(path)
  const changed = change(Buffer.from(bytes))
  if (changed === undefined) rmSync(path)
  else writeFileSync(path, changed)
  try {
    return await verdict(published)
  } finally {
    writeFileSync(path, bytes)
  }
}

/** Which part of the verifier must refuse a change in this file. */
const partOf = (file: string): RegExp =>
  file === 'checkpoint'
    ? /^checkpoint: /
    : file.startsWith('tile/entries/')
      ? /^entries: /
      : /^tiles: /

function generator(from: number): (below: number) => number {
  let state = from
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

async function refusesFlips(
  published: Published,
  files: readonly string[],
  flips: number,
): Promise<void> {
  const random = generator(seed)
  for (const file of files) {
    for (let flip = 0; flip < flips; flip++) {
      let where = ''
      const { code, said } = await verdictWith(published, file, (bytes) => {
        const at = random(bytes.length)
        const bit = random(8)
        where = `${file}: bit ${bit} of byte ${at}`
        return bytes.fill(bytes[at]! ^ (1 << bit), at, at + 1)
      })
      expect([code, said], where).toEqual([1, expect.stringMatching(partOf(file))])
    }
  }
}

describe('a log of 600 entries, written by the log itself and cosigned', () => {
  let published: Published
  beforeAll(async () => {
    const folder = join(dir, 'data')
    await using log = await openConsentLog({
      ...logOptions(folder),
      now: () => 1000,
      onFailed: (cause) => expect.fail(cause.message),
    })
    const logged = await Promise.all(
      Array.from({ length: 600 }, (_, i) =>
        log.append({
          key: `k${i}`,
          core: {
            ...recordHeader('session-open', `k${i}`),
            event: { state: 'opened', time: 1000 },
          },
        }),
      ),
    )
    const { checkpoint } = logged.find(({ index }) => index === 599)!
    const witness = await witnessParty('witness.example/w1')
    const cosigned = checkpoint + cosign(parseNote(checkpoint).text, witness.signer, 1_800_000_000)

    using database = new DatabaseSync(join(folder, 'log/log.db'), { readOnly: true })
    const leaf = database.prepare('SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx')
    const node = database.prepare('SELECT h FROM node WHERE level = ? AND i = ?')
    const bytes = (value: unknown): Uint8Array =>
      value instanceof Uint8Array ? value : expect.fail('not in the log')
    published = publish('real', [log.vkey, witness.vkey], {
      size: 600,
      hashOf: (level, i) => bytes(node.get(level, i)?.['h']),
      entries: (from, to) => leaf.all(from, to).map((row) => bytes(row['leaf'])),
      checkpoint: cosigned,
    })
  })

  test('has tiles of both kinds, and is accepted', async () => {
    expect(published.files).toEqual([
      'checkpoint',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
    ])
    expect(await verdict(published)).toEqual({
      code: 0,
      said: '600 entries, 7 tiles, 300 proofs; witnesses: 1',
    })
  })

  test(`any bit flipped in any file is refused, by the part that must (ASSENT_SEED=${seed})`, async () => {
    await refusesFlips(published, published.files, 12)
  }, 300_000)

  test('a file that is missing, cut, longer, or of another tree is refused', async () => {
    for (const file of published.files) {
      const other = published.files.find(
        (one) => one !== file && partOf(one).source === partOf(file).source,
      )
      const changes: Record<string, (bytes: Buffer) => Uint8Array | undefined> = {
        missing: () => undefined,
        empty: () => Buffer.alloc(0),
        cut: (bytes) => bytes.subarray(0, -1),
        longer: (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
        ...(other !== undefined && { swapped: () => readFileSync(join(published.folder, other)) }),
      }
      for (const [what, change] of Object.entries(changes))
        expect((await verdictWith(published, file, change)).code, `${file} ${what}`).toBe(1)
    }
  })

  test('a tile too many is refused, and so is the key of another log or witness', async () => {
    const stray = join(published.folder, 'tile/0/002.p/87')
    writeFileSync(stray, readFileSync(join(published.folder, 'tile/0/002.p/88')).subarray(0, -32))
    expect(await verdict(published)).toEqual({
      code: 1,
      said: 'files: tile/0/002.p/87 does not belong there',
    })
    rmSync(stray)
    const [logKey, witnessKey] = published.keys
    const otherLog = (await logParty('localhost:4443/consent/test')).vkey
    const otherWitness = (await witnessParty('witness.example/w1')).vkey
    for (const keys of [[otherLog, witnessKey!], [logKey!, otherWitness], [logKey!]])
      expect(await verdict({ ...published, keys })).toMatchObject({
        code: 1,
        said: expect.stringMatching(/^checkpoint: /),
      })
  })
})

describe('a tree of 70,000 entries, which has three levels of tiles', () => {
  let published: Published
  beforeAll(async () => {
    const size = 70_000
    const entries = Array.from({ length: size }, (_, i) => utf8(`entry ${i} ${'x'.repeat(i % 7)}`))
    const nodes = new Map<string, Uint8Array>()
    let edge = emptyEdge
    for (const entry of entries) {
      const [next, completed] = appendLeaf(sha256, edge, leafHash(sha256, entry))
      for (const { level, i, hash } of completed) nodes.set(`${level}/${i}`, hash)
      edge = next
    }
    const hashOf: NodeHash = (level, i) => nodes.get(`${level}/${i}`)!
    const { signer, vkey } = await logParty('synthetic.example')
    const root = rootFromNodes(sha256, hashOf, size)
    published = publish('synthetic', [vkey], {
      size,
      hashOf,
      entries: (from, to) => entries.slice(from, to),
      checkpoint: signCheckpoint({ origin: 'synthetic.example', size, root }, signer),
    })
  })

  test('is accepted', async () => {
    expect(published.files).toHaveLength(1 + 274 + 274 + 2 + 1)
    expect(await verdict(published)).toEqual({
      code: 0,
      said: '70000 entries, 551 tiles, 400 proofs; witnesses: 0',
    })
  })

  test(`a bit flipped on any level is refused (ASSENT_SEED=${seed})`, async () => {
    const files = [
      'checkpoint',
      'tile/entries/000',
      'tile/entries/273.p/112',
      'tile/0/000',
      'tile/0/272',
      'tile/0/273.p/112',
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]
    expect(published.files).toEqual(expect.arrayContaining(files))
    await refusesFlips(published, files, 2)
  }, 300_000)
})
