import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConsentLog, recordHeader, type ConsentLog } from '#audit'
import {
  equal,
  leafHash,
  openCheckpoint,
  parseEntryBundle,
  parseHashTile,
  parseVerifierKey,
  tilePath,
  tilesOf,
  type Checkpoint,
} from '#audit/verify'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { appendLeaf, edgeRoot, emptyEdge } from '../../../src/audit/right-edge.ts'
import { startWorld, type World } from '../../support/edge.ts'
import { logOptions } from '../../support/log-files.ts'

let folder: string
let log: ConsentLog
let world: World
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assent-log-pages-'))
  log = await openConsentLog({
    ...logOptions(folder),
    onFailed: (cause) => expect.fail(cause.message),
  })
  await Promise.all(Array.from({ length: 300 }, (_, i) => append(`call_${i}`)))
  world = await startWorld({ publicLog: log, trustPolicy: `log ${log.vkey}\nquorum none\n` })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await log[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const append = (session: string) =>
  log.append({
    key: session,
    core: { ...recordHeader('session-open', session), event: { state: 'opened', time: 1000 } },
  })

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }
const get = async (path: string, { server } = world): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  request(
    { port: server.port, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false },
    (response) => {
      const { statusCode: status = 0, headers } = response
      buffer(response).then((body) => resolve({ status, headers, body }), reject)
    },
  )
    .on('error', reject)
    .end()
  return promise
}
const served = async (name: string): Promise<Buffer> => {
  const { status, body } = await get(`/consent/test/${name}`)
  expect(status, name).toBe(200)
  return body
}
const checkpoint = async (): Promise<Checkpoint> =>
  openCheckpoint(
    (await served('checkpoint')).toString('utf8'),
    await parseVerifierKey(sha256, log.vkey),
  )

test('the key that signs it can be had from the same place', async () => {
  expect((await served('vkey')).toString()).toBe(`${log.vkey}\n`)
})

test('anybody can rebuild the tree from the published tiles, and it is the one that is signed', async () => {
  const { size, root, origin } = await checkpoint()
  expect({ size, origin }).toEqual({ size: 300, origin: log.origin })
  const hashes: Uint8Array[] = []
  let edge = emptyEdge
  for (const tile of tilesOf(size)) {
    const bytes = await served(tilePath(tile))
    if (tile.holds === 'entries') {
      for (const entry of parseEntryBundle(bytes, tile.width)) {
        hashes.push(leafHash(sha256, entry))
        edge = appendLeaf(sha256, edge, hashes.at(-1)!)[0]
      }
    } else if (tile.level === 0) {
      const first = tile.index * 256
      expect(
        parseHashTile(bytes, tile.width).every((hash, i) => equal(hash, hashes[first + i]!)),
      ).toBe(true)
    }
  }
  expect(edge.size).toBe(300)
  expect(equal(edgeRoot(sha256, edge), root)).toBe(true)
})

test('a tile never changes and may be kept for ever, a checkpoint may not; both are for pages of any site', async () => {
  const tile = await get('/consent/test/tile/0/000')
  const note = await get('/consent/test/checkpoint')
  expect(tile.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(note.headers['cache-control']).toBe('no-cache')
  for (const { headers } of [tile, note]) {
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['x-content-type-options']).toBe('nosniff')
  }
  expect(tile.headers['content-type']).toBe('application/octet-stream')
  expect(note.headers['content-type']).toBe('text/plain; charset=utf-8')
})

test.each([
  'tile/0/001.p/255', // not as many entries yet
  'tile/0/002',
  'tile/9/000',
  'tile/0/000.p/256', // not its name
  'tile/0/0',
  'tile/entries/../../../guard',
  'tile/entries/%2e%2e/guard',
  'vault.db',
  '',
])('there is no %s', async (name) => {
  const { status, body } = await get(`/consent/test/${name}`)
  expect([status, body.length]).toEqual([404, 0])
})

test('a tile that grows is there at each width that the log had', async () => {
  const before = await served('tile/0/001.p/44')
  await append('call_300')
  expect((await checkpoint()).size).toBe(301)
  const grown = await served('tile/0/001.p/45')
  expect(await served('tile/0/001.p/44')).toEqual(before)
  expect(grown.subarray(0, before.length)).toEqual(before)
})

test('what receipts are verified with is served as well', async () => {
  const { status, body } = await get('/log/policy')
  expect([status, body.toString('utf8')]).toEqual([200, `log ${log.vkey}\nquorum none\n`])
})

test('of a log that is not public nothing is served', async () => {
  await using closed = await startWorld()
  for (const name of ['checkpoint', 'tile/0/000'])
    expect((await get(`/consent/test/${name}`, closed)).status).toBe(404)
})

test('more readers at once than decisions can spare are asked to wait', async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => get(`/consent/test/tile/entries/000.p/${i + 1}`)),
  )
  const kinds = new Set(answers.map(({ status }) => status))
  expect(kinds.has(200)).toBe(true)
  for (const { status, headers } of answers.filter((one) => one.status !== 200))
    expect([status, headers['retry-after']]).toEqual([503, '1'])
})
