import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { generate } from 'selfsigned'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createWitnessKey,
  startWitness,
  type WitnessKey,
  type WitnessOptions,
  type WitnessServer,
} from '#audit'
import { collectCosignatures } from '../../../src/audit/cosignature.ts'
import { judgeCheckpoint } from '../../../src/audit/judge-checkpoint.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { formatPolicy } from '../../../src/audit/format-policy.ts'
import { parsePolicy } from '../../../src/audit/trust-policy.ts'
import { parseWitnessKey } from '../../../src/audit/verifier-key.ts'
import { formatAddCheckpoint, monitorPath, type AddCheckpoint } from '../../../src/audit/witness.ts'
import { WitnessMemory } from '../../../src/audit/witness/memory.ts'
import { witnessCommand } from '../../../src/cli/witness.ts'
import { logParty } from '../../unit/audit/parties.ts'
import { forkOf, growingLog, type GrowingLog } from './growing-log.ts'

const origin = 'localhost:4443/consent/test'
let log: GrowingLog
let fork: GrowingLog
beforeAll(async () => {
  log = await growingLog(origin)
  fork = forkOf(log)
})

let dir: string
let key: WitnessKey
let said: string[]
let failures: Error[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-witness-'))
  key = createWitnessKey('witness.example/w1', join(dir, 'witness.key'))
  said = []
  failures = []
})
afterEach(() => rmSync(dir, { recursive: true }))

const start = (change: Partial<WitnessOptions> = {}): Promise<WitnessServer> =>
  startWitness({
    key,
    logs: [log.party.verifier],
    stateFile: join(dir, 'seen.db'),
    listen: { host: '127.0.0.1', port: 0 },
    now: () => 1_800_000_000_000,
    say: (line) => said.push(line),
    onFailed: (cause) => failures.push(cause),
    ...change,
  })
type Answered = { status: number; type: string | null; body: string }
const add = (server: WitnessServer, asked: AddCheckpoint | string): Promise<Answered> =>
  ask(server, 'add-checkpoint', {
    method: 'POST',
    body: typeof asked === 'string' ? asked : formatAddCheckpoint(asked),
  })
async function ask(
  { port }: WitnessServer,
  path: string,
  init: RequestInit = {},
): Promise<Answered> {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, init)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.text(),
  }
}
const conflict = (size: number): Answered => ({
  status: 409,
  type: 'text/x.tlog.size',
  body: `${size}\n`,
})
const refusals = () => said.filter((line) => line.startsWith('refused'))
/** Disturbs the memory beside the running witness, as a full disk would. */
const disturb = (sql: string): void => {
  using database = new DatabaseSync(join(dir, 'seen.db'), { timeout: 10_000 })
  database.exec(sql)
}

describe('add-checkpoint', () => {
  test('answers with a cosignature of the time, which its key verifies behind the checkpoint', async () => {
    await using server = await start()
    const witness = await parseWitnessKey(sha256, key.vkey)
    for (const [from, size] of [
      [0, 7],
      [7, 300],
      [300, 300],
    ] as const) {
      const { status, type, body } = await add(server, log.request(from, size))
      expect([status, type]).toEqual([200, 'text/plain; charset=utf-8'])
      expect(body).toMatch(/^— witness\.example\/w1 [A-Za-z0-9+/=]+\n$/)
      await expect(collectCosignatures(log.note(size) + body, [witness])).resolves.toEqual([
        { witness, timeS: 1_800_000_000 },
      ])
    }
    expect(refusals()).toEqual([])
    expect(said).toEqual([`new ${origin}: its first checkpoint will be believed as it comes`])
  })

  test('keeps what it has seen through a restart', async () => {
    {
      await using server = await start()
      expect((await add(server, log.request(0, 7))).status).toBe(200)
    }
    await using server = await start()
    await expect(add(server, log.request(0, 9))).resolves.toEqual(conflict(7))
    await expect(add(server, fork.request(7, 9))).resolves.toMatchObject({ status: 422 })
    expect((await add(server, log.request(7, 9))).status).toBe(200)
    expect(said.filter((line) => line.startsWith('new'))).toHaveLength(1)
  })

  test('refuses with the status of the specification, and says one line each time', async () => {
    await using server = await start()
    const other = await growingLog('other.example')
    await add(server, log.request(0, 7))
    const asked: [number, string, AddCheckpoint | string][] = [
      [409, ` ${origin}: this witness has seen size 7`, log.request(5, 9)],
      [409, ` ${origin}: this witness has seen size 7`, log.request(8, 9)],
      [409, ` ${origin}: this witness has seen size 7`, log.request(3, 5)],
      [400, ` ${origin}: the old size is above the new one`, log.request(7, 5)],
      [400, ': submission: no old size, in decimal', 'hello\n\n'],
      [400, ': submission: no empty line before the checkpoint', ''],
      [404, ': this witness does not know that log', other.request(0, 7)],
      [403, ': note: a signature of a known key is wrong', formatAddCheckpoint(log.request(7, 9)).replace('\n9\n', '\n8\n')],
      [422, ` ${origin}: the proof does not lead from the tree this witness has seen ${JSON.stringify(fork.note(9))}`, fork.request(7, 9)],
      [422, ` ${origin}: this witness has seen another root of this size ${JSON.stringify(fork.note(7))}`, fork.request(7, 7)],
    ]
    for (const [status, line, body] of asked) {
      said = []
      await expect(add(server, body)).resolves.toMatchObject(
        status === 409 ? conflict(7) : { status },
      )
      expect(said).toEqual([`refused ${status}${line}`])
    }
    expect((await add(server, log.request(7, 9))).status, 'nothing of it moved the witness').toBe(
      200,
    )
  })

  test('cosigns one of many histories that come at once, whatever arrives first', async () => {
    await using server = await start()
    const rivals = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? log : fork).request(0, 7 + (i >> 1)),
    )
    const answers = await Promise.all(rivals.map((rival) => add(server, rival)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19)
  })

  test('is one memory for two processes that share it', async () => {
    await using first = await start()
    await using second = await start()
    const asked = Array.from({ length: 20 }, (_, i) =>
      add(i % 2 === 0 ? first : second, (i % 2 === 0 ? log : fork).request(0, 7)),
    )
    expect((await Promise.all(asked)).filter(({ status }) => status === 200)).toHaveLength(1)
    expect(failures).toEqual([])
  })

  test('503 while the clock is behind, until it is not', async () => {
    let now = 1_800_000_000_000
    await using server = await start({ now: () => now })
    await add(server, log.request(0, 7))
    now -= 1000
    await expect(add(server, log.request(7, 9))).resolves.toMatchObject({ status: 503 })
    now += 1000
    await expect(add(server, log.request(7, 9))).resolves.toMatchObject({ status: 200 })
    expect(failures).toEqual([])
  })
})

describe('for monitors', () => {
  test('the newest checkpoint it has cosigned is there, with its cosignature, and with nobody else’s', async () => {
    await using server = await start()
    const path = monitorPath(sha256, origin)
    expect(path).toMatch(/^[0-9a-f]{64}\/checkpoint$/)
    await expect(ask(server, path)).resolves.toMatchObject({ status: 404 })
    await add(server, log.request(0, 7))
    const stranger = '— stranger.example AAAAAAAA\n'
    const { body: line } = await add(server, {
      ...log.request(7, 9),
      checkpoint: log.note(9) + stranger,
    })
    await expect(ask(server, path)).resolves.toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: log.note(9) + line,
    })
    await expect(ask(server, path, { method: 'HEAD' })).resolves.toMatchObject({
      status: 200,
      body: '',
    })
    const policy = await parsePolicy(
      sha256,
      `log ${log.party.vkey}\nwitness W ${key.vkey}\nquorum W\n`,
    )
    await expect(judgeCheckpoint(policy, log.note(9) + line)).resolves.toMatchObject({
      checkpoint: { size: 9 },
      cosignatures: [{ witness: 'W', timeS: 1_800_000_000 }],
      hasQuorum: true,
    })
  })

  test('nothing else is there', async () => {
    await using server = await start()
    await add(server, log.request(0, 7))
    const path = monitorPath(sha256, origin)
    for (const other of [
      '',
      'checkpoint',
      path.toUpperCase(),
      `${path}/`,
      `${path}?x`,
      monitorPath(sha256, 'other.example'),
      '%00',
      'seen.db',
    ])
      await expect(ask(server, other), other).resolves.toMatchObject({ status: 404 })
    expect(refusals()).toHaveLength(8)
  })

  test('other methods are refused, and the right ones named', async () => {
    await using server = await start()
    const allowed = async (path: string, method: string) => {
      const response = await fetch(`http://127.0.0.1:${server.port}/${path}`, { method })
      return [response.status, response.headers.get('allow')]
    }
    expect(await allowed('add-checkpoint', 'GET')).toEqual([405, 'POST'])
    expect(await allowed('add-checkpoint', 'PUT')).toEqual([405, 'POST'])
    expect(await allowed(monitorPath(sha256, origin), 'POST')).toEqual([405, 'GET, HEAD'])
  })
})

describe('limits', () => {
  test('a body of 131072 bytes is read, a longer one is not', async () => {
    await using server = await start()
    await expect(add(server, 'x'.repeat(131_072))).resolves.toMatchObject({ status: 400 })
    await expect(add(server, 'x'.repeat(131_073))).resolves.toMatchObject({ status: 413 })
    await expect(add(server, 'x'.repeat(2_000_000))).resolves.toMatchObject({ status: 413 })
    expect(refusals()).toHaveLength(3)
  })

  test('a request that does not arrive in time is cut off', async () => {
    await using server = await start({ timeLimitMs: 100 })
    for (const begun of [
      '',
      'POST /add-',
      `POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nold`,
    ]) {
      const socket = connect(server.port, '127.0.0.1')
      socket.write(begun)
      const answer = await text(socket)
      if (begun !== '') expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    }
    // Also after these connections are gone, it has failed at nothing.
    await server[Symbol.asyncDispose]()
    expect(said.slice(1)).toEqual([])
  })

  test('a request that is broken off is forgotten', async () => {
    await using server = await start()
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      'POST /add-checkpoint HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\nold',
    )
    await once(socket, 'data')
    socket.destroy()
    await server[Symbol.asyncDispose]()
    expect(said.slice(1)).toEqual([])
  })
})

describe('the memory', () => {
  test('that fails is not written to again: 500, then 503, until the next start', async () => {
    const server = await start()
    await add(server, log.request(0, 7))
    disturb(
      `CREATE TRIGGER broken BEFORE UPDATE ON seen BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
    )
    await expect(add(server, log.request(7, 9))).resolves.toEqual({
      status: 500,
      type: 'text/plain; charset=utf-8',
      body: 'this witness has failed\n',
    })
    disturb('DROP TRIGGER broken')
    await expect(add(server, log.request(7, 9))).resolves.toMatchObject({ status: 503 })
    expect(failures.map(({ message }) => message)).toEqual(['disk is full'])
    expect(said).toContain('failed: disk is full')
    await server[Symbol.asyncDispose]()
    await using again = await start()
    await expect(add(again, log.request(7, 9))).resolves.toMatchObject({ status: 200 })
  })

  test('never goes back and never forgets, also when told to', async () => {
    await using server = await start()
    await add(server, log.request(0, 7))
    for (const sql of [
      'UPDATE seen SET size = 6',
      'UPDATE seen SET time_s = 1',
      `UPDATE seen SET root = x'00'`,
    ])
      expect(() => disturb(sql), sql).toThrow('seen: never goes back')
    expect(() => disturb('DELETE FROM seen')).toThrow('seen: never forgets')
  })

  test('is closed to every other process while it decides, and shows what was kept before', async () => {
    using memory = new WitnessMemory(join(dir, 'seen.db'))
    using other = new WitnessMemory(join(dir, 'seen.db'))
    using rival = new DatabaseSync(join(dir, 'seen.db'), { timeout: 0 })
    const kept = { size: 7, root: new Uint8Array(32), timeS: 5, note: 'n\n' }
    expect(memory.update(origin, (seen) => ({ answer: seen, keep: kept }))).toBeUndefined()
    other.update(origin, (seen) => {
      expect(seen).toEqual(kept)
      expect(() => rival.exec('BEGIN IMMEDIATE')).toThrow('database is locked')
      return { answer: undefined, keep: { ...kept, size: 9 } }
    })
    expect(memory.of(origin)).toEqual({ ...kept, size: 9 })
    const failing = (): never => {
      throw new Error('undecided')
    }
    expect(() => memory.update(origin, failing)).toThrow('undecided')
    rival.exec('BEGIN IMMEDIATE')
    rival.exec('ROLLBACK')
  })

  test('of another kind, or that is no database, is refused', async () => {
    writeFileSync(join(dir, 'seen.db'), 'x'.repeat(10_000))
    await expect(start()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    rmSync(join(dir, 'seen.db'))
    disturb(
      'CREATE TABLE seen(origin TEXT PRIMARY KEY, size INTEGER, root BLOB, time_s INTEGER, note TEXT)',
    )
    await expect(start()).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
      message: expect.stringContaining('of another kind'),
    })
    await expect(start({ stateFile: join(dir, 'nowhere/seen.db') })).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
    })
  })
})

test('an answer under way is given before it stops, and nothing after', async () => {
  const server = await start()
  const body = formatAddCheckpoint(log.request(0, 7))
  const socket = connect(server.port, '127.0.0.1')
  socket.write(
    `POST /add-checkpoint HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`,
  )
  // It has read the header: the request is under way.
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 100 /)
  const stopped = server[Symbol.asyncDispose]()
  socket.write(body)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [\s\S]*— witness\.example\/w1 /)
  await stopped
  await expect(add(server, log.request(7, 9))).rejects.toThrow('fetch failed')
})

test('a port that is taken is refused, and the memory is free again', async () => {
  await using server = await start()
  const taken = start({
    listen: { host: '127.0.0.1', port: server.port },
    stateFile: join(dir, 'other.db'),
  })
  await expect(taken).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  await using other = await start({ stateFile: join(dir, 'other.db') })
  expect(other.port).not.toBe(server.port)
})

test('with a certificate it speaks HTTPS, and HTTPS alone', async () => {
  const { cert, private: privateKey } = await generate(
    [{ name: 'commonName', value: 'localhost' }],
    { keyType: 'ec' },
  )
  await using server = await start({
    tls: { cert: Buffer.from(cert), key: Buffer.from(privateKey) },
  })
  const request = httpsRequest({
    port: server.port,
    host: 'localhost',
    path: '/add-checkpoint',
    method: 'POST',
    ca: cert,
    family: 4,
    // One of our own making names no address.
    checkServerIdentity: () => undefined,
  })
  request.end(formatAddCheckpoint(log.request(0, 7)))
  const [response] = await once(request, 'response')
  expect(response.statusCode).toBe(200)
  expect(await text(response)).toMatch(/^— witness\.example\/w1 /)
  await expect(add(server, log.request(7, 9))).rejects.toThrow('fetch failed')
})

describe('assent witness', () => {
  const main = join(import.meta.dirname, '../../../src/cli/main.ts')
  const children: ChildProcess[] = []
  // A test that fails leaves none behind.
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')))
  /** For what ends by itself, without a process of its own. */
  async function ended(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let [out, err] = ['', '']
    const code = await witnessCommand(args, {
      stdout: { write: (line) => void (out += line) },
      stderr: { write: (line) => void (err += line) },
    })
    return { code, out, err }
  }
  const usual = () => [
    '--key',
    join(dir, 'witness.key'),
    '--log',
    log.party.vkey,
    '--state',
    join(dir, 'seen.db'),
    '--listen',
    '127.0.0.1:0',
  ]

  /** Until it prints its address. */
  async function started(...args: string[]): Promise<{
    child: ChildProcess
    server: WitnessServer
    lines: string[]
    exit: Promise<unknown[]>
  }> {
    const child = spawn(process.execPath, [main, 'witness', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    children.push(child)
    const exit = once(child, 'exit')
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      if (lines.length === 2) break
    }
    const port = Number(new URL(lines[1]!).port)
    return { child, lines, exit, server: { port, [Symbol.asyncDispose]: () => Promise.resolve() } }
  }

  test('makes a key that only its owner can read, prints its public half, and never writes over one', async () => {
    const file = join(dir, 'new.key')
    const made = await ended('--new-key', 'witness.example/größe', '--key', file)
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const witness = await parseWitnessKey(sha256, made.out.trimEnd())
    expect(witness.name).toBe('witness.example/größe')
    expect(readFileSync(file, 'utf8')).toMatch(
      new RegExp(`^PRIVATE\\+KEY\\+${witness.name}\\+${witness.keyId}\\+[A-Za-z0-9+/]{44}\\n$`),
    )
    const again = await ended('--new-key', 'witness.example/größe', '--key', file)
    expect(again).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('is there already'),
    })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'cosigns until %s, and then ends in order',
    async (signal) => {
      const { child, server, lines, exit } = await started(...usual())
      expect(lines).toEqual([key.vkey, `http://127.0.0.1:${server.port}`])
      expect((await add(server, log.request(0, 7))).status).toBe(200)
      child.kill(signal)
      expect(await exit).toEqual([0, null])
    },
  )

  test('killed at once after an answer, it has kept what it answered', async () => {
    for (const [from, size] of [
      [0, 7],
      [7, 30],
      [30, 500],
    ] as const) {
      const { child, server, exit } = await started(...usual())
      expect((await add(server, log.request(from, size))).status).toBe(200)
      child.kill('SIGKILL')
      expect(await exit).toEqual([null, 'SIGKILL'])
      await using again = await start()
      await expect(add(again, log.request(0, 900))).resolves.toEqual(conflict(size))
    }
  })

  test('takes the key of a log from a file, too', async () => {
    writeFileSync(join(dir, 'vkey'), `${log.party.vkey}\n`)
    const { child, server, exit } = await started(...usual().with(3, join(dir, 'vkey')))
    expect((await add(server, log.request(0, 7))).status).toBe(200)
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })

  test('takes the keys of logs from a policy, as a server hands it out', async () => {
    const other = await logParty('other.example/log')
    const policy = formatPolicy({ log: { vkey: log.party.vkey, url: null }, witnesses: [], quorum: null })
    writeFileSync(join(dir, 'policy'), `log ${other.vkey}\n${policy}`)
    const { child, server, exit } = await started(...usual().with(3, join(dir, 'policy')))
    expect((await add(server, log.request(0, 7))).status).toBe(200)
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })

  test('ends with 1 when its memory fails', async () => {
    const { child, server, exit } = await started(...usual())
    disturb(
      `CREATE TRIGGER broken BEFORE INSERT ON seen BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
    )
    expect((await add(server, log.request(0, 7))).status).toBe(500)
    expect(await exit).toEqual([1, null])
    expect(child.exitCode).toBe(1)
  })

  const without = (name: string) => {
    const args = usual()
    return args.toSpliced(args.indexOf(name), 2)
  }
  const misuses: Record<string, [said: string, args: () => string[]]> = {
    'no key': ['--key is missing', () => without('--key')],
    'no log': ['--log is missing', () => without('--log')],
    'no state': ['--state is missing', () => without('--state')],
    'no address': ['--listen is missing', () => without('--listen')],
    'an address without a port': ['--listen: HOST:PORT', () => usual().with(7, 'localhost')],
    'a port above 65535': ['--listen: HOST:PORT', () => usual().with(7, 'localhost:65536')],
    'a key of a log that is none': ['no such file, and no log', () => usual().with(3, 'nonsense')],
    'the key of a witness for a log': ['no such file, and no log', () => usual().with(3, key.vkey)],
    'a policy that names no log': ['--log is missing', () => usual().with(3, 'quorum none\n')],
    'a policy without a quorum': ['policy: no quorum line', () => usual().with(3, `log ${log.party.vkey}\n`)],
    'a certificate without its key': ['go together', () => [...usual(), '--certificate', join(dir, 'witness.key')]],
    'a certificate that is none': ['malformed', () => [...usual(), '--certificate', join(dir, 'witness.key'), '--key-file', join(dir, 'witness.key')]],
    'a key file that is missing': ['is missing; restore it', () => usual().with(1, join(dir, 'nowhere'))],
    'a name with a space': ['has no space and no plus', () => ['--new-key', 'my witness', '--key', join(dir, 'x')]],
    'an unknown option': ["Unknown option '--quorum'", () => [...usual(), '--quorum', '2']],
  }
  test.each(Object.entries(misuses))(
    'with %s says what is wrong, and ends with 2',
    async (_, [words, args]) => {
      const { code, out, err } = await ended(...args())
      expect(err).toContain(words)
      expect(err).toContain('See: npx assent witness --help')
      expect([code, out]).toEqual([2, ''])
    },
  )

  test('refuses a key that others can read, or that is not exactly as it was made', async () => {
    const whole = readFileSync(join(dir, 'witness.key'), 'utf8')
    const [, , name, keyId, ...rest] = whole.trimEnd().split('+')
    const base64 = rest.join('+')
    const bad = join(dir, 'bad.key')
    const contents = [
      '',
      whole.trimEnd(),
      `${whole}\n`,
      whole.replace('PRIVATE', 'PUBLIC'),
      whole.replace(name!, 'another.example'),
      whole.replace(`+${keyId!}+`, '+00000000+'),
      whole.replace(base64, base64.slice(4)),
      whole.replace(
        `+${base64}`,
        `+${Buffer.from([1, ...Buffer.from(base64, 'base64').subarray(1)]).toString('base64')}`,
      ),
    ]
    for (const content of contents) {
      rmSync(bad, { force: true })
      writeFileSync(bad, content, { mode: 0o600 })
      const { code, err } = await ended(...usual().with(1, bad))
      expect([code, err], content).toEqual([
        2,
        expect.stringContaining('holds no key of a witness'),
      ])
    }
    rmSync(bad)
    writeFileSync(bad, whole, { mode: 0o644 })
    expect(await ended(...usual().with(1, bad))).toMatchObject({
      code: 2,
      err: expect.stringContaining('chmod 600'),
    })
  })

  test('explains itself', async () => {
    const { code, out } = await ended('--help')
    expect(code).toBe(0)
    for (const option of [
      '--key',
      '--log',
      '--state',
      '--listen',
      '--certificate',
      '--key-file',
      '--new-key',
    ])
      expect(out).toContain(option)
  })
})
