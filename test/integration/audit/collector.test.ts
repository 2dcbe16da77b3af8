import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createWitnessKey,
  startCollector,
  startWitness,
  type CollectorOptions,
  type CosignatureCollector,
  type WitnessKey,
  type WitnessProblem,
  type WitnessServer,
} from '#audit'
import { collectCosignatures, cosign } from '../../../src/audit/cosignature.ts'
import { parseNote, signNote } from '../../../src/audit/note.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { parseWitnessKey, type Verifier } from '../../../src/audit/verifier-key.ts'
import { formatAddCheckpoint, parseAddCheckpoint } from '../../../src/audit/witness.ts'
import { witnessParty } from '../../unit/audit/parties.ts'
import { answering, forkOf, growingLog, type GrowingLog } from './growing-log.ts'

const origin = 'localhost:4443/consent/test'
let log: GrowingLog
let fork: GrowingLog
beforeAll(async () => {
  log = await growingLog(origin)
  fork = forkOf(log)
})

let dir: string
let key: WitnessKey
let witness: Verifier<'cosignature'>
let cosigned: Queue<{ size: number; line: string }>
let problems: Queue<WitnessProblem>
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'assent-collector-'))
  key = createWitnessKey('witness.example/w1', join(dir, 'witness.key'))
  witness = await parseWitnessKey(sha256, key.vkey)
  cosigned = new Queue()
  problems = new Queue()
})
afterEach(() => rmSync(dir, { recursive: true }))

/** What happened, one after another; `next` waits for what has not happened yet. */
class Queue<T> {
  readonly all: T[] = []
  #read = 0
  #arrived = Promise.withResolvers<void>()

  put(one: T): void {
    this.all.push(one)
    this.#arrived.resolve()
  }

  async next(): Promise<T> {
    while (this.all.length === this.#read) {
      this.#arrived = Promise.withResolvers()
      await this.#arrived.promise
    }
    return this.all[this.#read++]!
  }
}

const startOwn = (port = 0, stateFile = 'seen.db'): Promise<WitnessServer> =>
  startWitness({
    key,
    logs: [log.party.verifier],
    stateFile: join(dir, stateFile),
    listen: { host: '127.0.0.1', port },
    say: () => undefined,
    onFailed: (cause) => expect.fail(cause.message),
  })
const at = ({ port }: WitnessServer): string => `http://127.0.0.1:${port}`
const collect = (
  url: string,
  change: Partial<CollectorOptions> = {},
): Promise<CosignatureCollector> =>
  startCollector({
    witnesses: [{ url, vkey: key.vkey }],
    prove: log.prove,
    onCosigned: (size, line) => cosigned.put({ size, line }),
    onProblem: (problem) => problems.put(problem),
    retryMs: () => 1,
    ...change,
  })
/** Another submitter moves the witness. */
async function move(
  server: WitnessServer,
  history: GrowingLog,
  from: number,
  size: number,
): Promise<void> {
  const body = formatAddCheckpoint(history.request(from, size))
  expect((await fetch(`${at(server)}/add-checkpoint`, { method: 'POST', body })).status).toBe(200)
}
/** A witness that answers as it is told, and what it was asked. */
async function actor(
  act: (asked: ReturnType<typeof parseAddCheckpoint>) => Parameters<typeof reply>[1],
) {
  const asked: { oldSize: number; size: number }[] = []
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const parsed = parseAddCheckpoint(body)
      asked.push({ oldSize: parsed.oldSize, size: Number(parsed.checkpoint.split('\n')[1]) })
      reply(response, act(parsed))
    })
  }
  return Object.assign(await answering(listener), { asked })
}
type Act = { status: number; type?: string; body?: string } | 'hang' | 'stream' | 'cut'
function reply(response: Parameters<RequestListener>[1], act: Act): void {
  if (act === 'hang') return
  if (act === 'cut') return void response.destroy()
  if (act === 'stream') {
    const write = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', write)
    }
    return write()
  }
  response.writeHead(act.status, { 'content-type': act.type ?? 'text/plain; charset=utf-8' })
  response.end(act.body ?? '')
}
const honest = (checkpoint: string): Act => ({
  status: 200,
  body: cosign(parseNote(checkpoint).text, key.signer, 1_800_000_000),
})
const conflict = (size: number): Act => ({
  status: 409,
  type: 'text/x.tlog.size',
  body: `${size}\n`,
})

describe('with a real witness', () => {
  test('each checkpoint is cosigned, from the first on; the line makes it one that others believe', async () => {
    await using server = await startOwn()
    await using collector = await collect(at(server))
    for (const size of [0, 1, 7, 300, 301]) {
      collector.submit(log.note(size))
      const got = await cosigned.next()
      expect(got.size).toBe(size)
      await expect(
        collectCosignatures(log.note(size) + got.line, [witness]),
      ).resolves.toMatchObject([{ witness }])
    }
    expect(problems.all).toEqual([])
  })

  test('one that has seen the log before, of which this collector knows nothing, is met where it is', async () => {
    await using server = await startOwn()
    await move(server, log, 0, 7)
    await move(server, log, 7, 200)
    await using collector = await collect(at(server))
    collector.submit(log.note(500))
    expect(await cosigned.next()).toMatchObject({ size: 500 })
    expect(problems.all).toEqual([])
  })

  test('one that has this very checkpoint cosigns it again', async () => {
    await using server = await startOwn()
    await move(server, log, 0, 200)
    await using collector = await collect(at(server))
    collector.submit(log.note(200))
    expect(await cosigned.next()).toMatchObject({ size: 200 })
    expect(problems.all).toEqual([])
  })

  test('one that was restarted goes on, and so does one that has lost its memory', async () => {
    const first = await startOwn()
    await using collector = await collect(at(first))
    collector.submit(log.note(7))
    await cosigned.next()
    await first[Symbol.asyncDispose]()
    {
      await using second = await startOwn(first.port)
      collector.submit(log.note(9))
      expect(await cosigned.next()).toMatchObject({ size: 9 })
      expect(second.port).toBe(first.port)
    }
    await using third = await startOwn(first.port, 'empty.db')
    collector.submit(log.note(20))
    expect(await cosigned.next()).toMatchObject({ size: 20 })
    expect(third.port).toBe(first.port)
  })

  test('one that is away is asked again until it is there, for the newest then, and told of once', async () => {
    const port = await freePort()
    await using collector = await collect(`http://127.0.0.1:${port}`)
    collector.submit(log.note(7))
    expect(await problems.next()).toMatchObject({
      witness: 'witness.example/w1',
      code: 'unreachable',
      size: 7,
    })
    collector.submit(log.note(9))
    collector.submit(log.note(20))
    await using server = await startOwn(port)
    expect(await cosigned.next()).toMatchObject({ size: 20 })
    expect(server.port).toBe(port)
    expect(problems.all).toHaveLength(1)
    expect(cosigned.all).toHaveLength(1)
  })

  test('one that is ahead is told of, and not asked before this log is as large as what it has seen', async () => {
    await using server = await startOwn()
    await move(server, log, 0, 300)
    const asked = await proxied(server)
    await using collector = await collect(asked.url)
    collector.submit(log.note(200))
    expect(await problems.next()).toEqual({
      witness: 'witness.example/w1',
      code: 'witness-ahead',
      size: 200,
      message: 'it has cosigned size 300',
    })
    for (const size of [250, 299]) collector.submit(log.note(size))
    expect(asked.count()).toBe(1)
    collector.submit(log.note(310))
    expect(await cosigned.next()).toMatchObject({ size: 310 })
    expect(asked.count()).toBe(2)
    expect(problems.all).toHaveLength(1)
    await asked[Symbol.asyncDispose]()
  })

  test.each([
    ['of the same size', 300],
    ['that has grown since', 400],
  ])(
    'one that has cosigned another history says so: a fork %s, told of and never asked again',
    async (_, size) => {
      await using server = await startOwn()
      await move(server, fork, 0, 300)
      const asked = await proxied(server)
      await using collector = await collect(asked.url)
      collector.submit(log.note(size))
      expect(await problems.next()).toMatchObject({ code: 'fork', size })
      expect(asked.count()).toBe(2)
      collector.submit(log.note(500))
      // Had it been asked again, that question would have come before these.
      for (let i = 1; i <= 3; i++)
        await fetch(`${asked.url}/add-checkpoint`, { method: 'POST', body: 'x' })
      collector.submit(log.note(600))
      await collector[Symbol.asyncDispose]()
      expect([asked.count(), problems.all.length, cosigned.all.length]).toEqual([5, 1, 0])
      await asked[Symbol.asyncDispose]()
    },
  )

  test('a log that was rolled back and grew another way is a fork once it is as large as before', async () => {
    await using server = await startOwn()
    await move(server, fork, 0, 300)
    await using collector = await collect(at(server))
    collector.submit(log.note(200))
    expect(await problems.next()).toMatchObject({ code: 'witness-ahead', size: 200 })
    collector.submit(log.note(301))
    expect(await problems.next()).toMatchObject({ code: 'fork', size: 301 })
    expect(cosigned.all).toEqual([])
  })

  test('one that does not know the log, or not its key, is told of as such, and asked again', async () => {
    const other = await growingLog('other.example')
    const namesake = await growingLog(origin)
    await using server = await startOwn()
    await using collector = await collect(at(server), { prove: other.prove })
    collector.submit(other.note(7))
    expect(await problems.next()).toMatchObject({ code: 'log-unknown' })
    await using second = await collect(at(server), { prove: namesake.prove })
    second.submit(namesake.note(7))
    expect(await problems.next()).toMatchObject({ code: 'log-key-unknown' })
    expect(cosigned.all).toEqual([])
  })

  test('two are asked each for itself: one that is away holds up no other', async () => {
    await using server = await startOwn()
    const away = {
      url: `http://127.0.0.1:${await freePort()}`,
      vkey: (await witnessParty('away.example')).vkey,
    }
    await using collector = await collect('', {
      witnesses: [away, { url: `${at(server)}/`, vkey: key.vkey }],
    })
    for (const size of [7, 9]) {
      collector.submit(log.note(size))
      expect(await cosigned.next()).toMatchObject({ size })
    }
    expect(await problems.next()).toMatchObject({ witness: 'away.example', code: 'unreachable' })
  })
})

describe('only the newest matters', () => {
  test('what arrives while the witness is busy is let go, but for the last', async () => {
    const held = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    const asked: number[] = []
    await using server = await answering((request, response) => {
      void text(request).then(async (body) => {
        const { checkpoint } = parseAddCheckpoint(body)
        asked.push(Number(checkpoint.split('\n')[1]))
        arrived.resolve()
        await held.promise
        reply(response, honest(checkpoint))
      })
    })
    await using collector = await collect(server.url)
    collector.submit(log.note(7))
    await arrived.promise
    for (let size = 8; size <= 40; size++) collector.submit(log.note(size))
    // An older one that arrives late changes nothing.
    collector.submit(log.note(12))
    held.resolve()
    expect(await cosigned.next()).toMatchObject({ size: 7 })
    expect(await cosigned.next()).toMatchObject({ size: 40 })
    expect(asked).toEqual([7, 40])
  })

  test('a witness that moved past what is asked, but not past the log, is asked about the newest at once', async () => {
    const arrived = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const asked: [oldSize: number, size: number][] = []
    await using server = await answering((request, response) => {
      void text(request).then(async (body) => {
        const { oldSize, checkpoint } = parseAddCheckpoint(body)
        asked.push([oldSize, Number(checkpoint.split('\n')[1])])
        arrived.resolve()
        await held.promise
        reply(response, asked.length === 1 ? conflict(30) : honest(checkpoint))
      })
    })
    await using collector = await collect(server.url)
    collector.submit(log.note(7))
    await arrived.promise
    collector.submit(log.note(40))
    held.resolve()
    expect(await cosigned.next()).toMatchObject({ size: 40 })
    expect(problems.all).toEqual([])
    expect(asked).toEqual([
      [0, 7],
      [30, 40],
    ])
  })
})

describe('a witness that lies', () => {
  const impostor = () => witnessParty('witness.example/w1')
  const swapped = (checkpoint: string): string =>
    cosign(parseNote(checkpoint).text.replace('\n7\n', '\n8\n'), key.signer, 5)
  const lies: Record<string, [WitnessProblem['code'], (checkpoint: string) => Act | Promise<Act>]> = {
    'with a cosignature of something else': ['signature-wrong', (checkpoint) => ({ status: 200, body: swapped(checkpoint) })],
    'with a wrong cosignature beside a good one': [
      'signature-wrong',
      (checkpoint) => ({ status: 200, body: `${cosign(parseNote(checkpoint).text, key.signer, 5)}${swapped(checkpoint)}` }),
    ],
    'with a plain signature': ['signature-wrong', (checkpoint) => ({ status: 200, body: `${signNote(parseNote(checkpoint).text, key.signer).split('\n').at(-2)!}\n` })],
    'with the line of another key of its name': [
      'not-cosigned',
      async (checkpoint) => ({ status: 200, body: cosign(parseNote(checkpoint).text, (await impostor()).signer, 5) }),
    ],
    'with nothing': ['answer-malformed', () => ({ status: 200, body: '' })],
    'with a page': ['answer-malformed', () => ({ status: 200, body: '<html>\n<p>Welcome</p>\n</html>\n' })],
    'with a whole note': ['answer-malformed', (checkpoint) => ({ status: 200, body: `${checkpoint}\n${cosign(parseNote(checkpoint).text, key.signer, 5)}` })],
    'with an empty line before the cosignature': ['answer-malformed', (checkpoint) => ({ status: 200, body: `\n${cosign(parseNote(checkpoint).text, key.signer, 5)}` })],
    'with no line feed at the end': ['answer-malformed', (checkpoint) => ({ status: 200, body: cosign(parseNote(checkpoint).text, key.signer, 5).trimEnd() })],
    'with too much': ['answer-too-long', () => ({ status: 200, body: 'x'.repeat(65_537) })],
    'without end': ['answer-too-long', () => 'stream'],
    'by hanging': ['timeout', () => 'hang'],
    'by breaking off': ['unreachable', () => 'cut'],
    'with a conflict without a size': ['answer-malformed', () => ({ status: 409, type: 'text/x.tlog.size', body: 'seven\n' })],
    'with a conflict with a huge size': ['answer-malformed', () => ({ status: 409, type: 'text/x.tlog.size', body: '9999999999999999\n' })],
    'with a conflict without a line feed': ['answer-malformed', () => ({ status: 409, type: 'text/x.tlog.size', body: '7' })],
    'with a conflict of another type': ['answer-malformed', () => ({ status: 409, body: '30\n' })],
    'with a conflict about the size it was asked from': ['answer-malformed', () => conflict(0)],
    'with an error of its own': ['witness-failed', () => ({ status: 500, body: 'oops' })],
    'with too many requests': ['witness-failed', () => ({ status: 429 })],
    'with no content': ['witness-failed', () => ({ status: 204 })],
    'by sending elsewhere': ['unreachable', () => ({ status: 308, body: 'elsewhere' })],
    'by taking it for malformed': ['request-refused', () => ({ status: 400, body: 'what?' })],
  }
  test.each(Object.entries(lies))(
    '%s is not believed, told of by a name of its own, and asked again later',
    async (_, [code, lie]) => {
      let isHonest = false
      await using server = await answering((request, response) => {
        void text(request).then(async (body) => {
          const { checkpoint } = parseAddCheckpoint(body)
          if (!isHonest) response.setHeader('location', '/elsewhere')
          reply(
            response,
            isHonest || request.url === '/elsewhere' ? honest(checkpoint) : await lie(checkpoint),
          )
        })
      })
      await using collector = await collect(server.url, {
        timeLimitMs: code === 'timeout' ? 50 : 10_000,
      })
      collector.submit(log.note(7))
      expect(await problems.next()).toMatchObject({ witness: 'witness.example/w1', code, size: 7 })
      expect(cosigned.all).toEqual([])
      isHonest = true
      expect(await cosigned.next()).toMatchObject({ size: 7 })
      expect(new Set(problems.all.map((one) => one.code))).toEqual(new Set([code]))
    },
  )

  test('with a conflict about the very size that is asked about has another root of it: a fork', async () => {
    await using server = await actor(() => conflict(7))
    await using collector = await collect(server.url)
    collector.submit(log.note(7))
    expect(await problems.next()).toMatchObject({ code: 'fork', size: 7 })
    expect(server.asked).toEqual([
      { oldSize: 0, size: 7 },
      { oldSize: 7, size: 7 },
    ])
  })

  test('with another size each time is asked four times, and then left alone for a while', async () => {
    const wait = Promise.withResolvers<number>()
    let sizes = 0
    await using server = await actor(() => conflict(1 + (sizes++ % 2)))
    await using collector = await collect(server.url, {
      retryMs: (failures) => {
        wait.resolve(failures)
        return 900_000
      },
    })
    collector.submit(log.note(7))
    expect(await problems.next()).toMatchObject({ code: 'conflict-unending', size: 7 })
    expect(await wait.promise).toBe(1)
    expect(server.asked.map(({ oldSize }) => oldSize)).toEqual([0, 1, 2, 1])
    expect(cosigned.all).toEqual([])
  })

  test('that takes a size above its own for a mistake is asked from zero where it is', async () => {
    let size = 0
    await using server = await actor(({ oldSize, checkpoint }) => {
      if (oldSize > size) return { status: 400, body: 'too large' }
      return oldSize < size ? conflict(size) : honest(checkpoint)
    })
    await using collector = await collect(server.url)
    collector.submit(log.note(7))
    await cosigned.next()
    // It was put back to an older memory.
    size = 3
    collector.submit(log.note(20))
    expect(await cosigned.next()).toMatchObject({ size: 20 })
    expect(server.asked.map(({ oldSize }) => oldSize)).toEqual([0, 7, 0, 3])
    expect(problems.all).toEqual([])
  })

  test('may add lines of others, which are not taken for its own', async () => {
    const other = await witnessParty('other.example')
    await using server = await actor(({ checkpoint }) => {
      const { text: signed } = parseNote(checkpoint)
      return { status: 200, body: cosign(signed, other.signer, 5) + cosign(signed, key.signer, 6) }
    })
    await using collector = await collect(server.url)
    collector.submit(log.note(7))
    const { line } = await cosigned.next()
    expect(line).toBe(cosign(parseNote(log.note(7)).text, key.signer, 6))
  })
})

describe('the waiting', () => {
  test('grows with each failure, and begins anew after a success', async () => {
    const failures: number[] = []
    let isHonest = false
    await using server = await actor(({ checkpoint }) =>
      isHonest ? honest(checkpoint) : { status: 500 },
    )
    await using collector = await collect(server.url, {
      retryMs: (count) => {
        failures.push(count)
        if (count === 4) isHonest = true
        return 1
      },
    })
    collector.submit(log.note(7))
    await cosigned.next()
    expect(failures).toEqual([1, 2, 3, 4])
    isHonest = false
    collector.submit(log.note(9))
    await cosigned.next()
    expect(failures).toEqual([1, 2, 3, 4, 1, 2, 3, 4])
    expect(problems.all.map(({ code, size }) => [code, size])).toEqual([
      ['witness-failed', 7],
      ['witness-failed', 9],
    ])
  })

  test('is a second at first, a quarter of an hour at most, and never quite the same', async () => {
    const { backOff } = await import('../../../src/audit/witness/submitter.ts')
    for (let failures = 1; failures < 2000; failures++) {
      const full = Math.min(900_000, 1000 * 2 ** (failures - 1))
      const waited = backOff(failures)
      expect(waited).toBeGreaterThanOrEqual(0.75 * full)
      expect(waited).toBeLessThanOrEqual(full)
    }
    expect(new Set(Array.from({ length: 20 }, () => backOff(5))).size).toBeGreaterThan(1)
  })
})

describe('the log', () => {
  test('that cannot prove its way, or not keep a cosignature, is told of, and tried again', async () => {
    await using server = await startOwn()
    await move(server, log, 0, 3)
    let broken = true
    await using collector = await collect(at(server), {
      prove: (from, size) =>
        broken ? Promise.reject(new Error('nodes are gone')) : log.prove(from, size),
      onCosigned: (size, line) => {
        if (broken) throw new Error('disk is full')
        cosigned.put({ size, line })
      },
      onProblem: (problem) => {
        problems.put(problem)
        broken = false
      },
    })
    collector.submit(log.note(7))
    expect(await problems.next()).toMatchObject({
      code: 'log-failed',
      message: 'no proof: nodes are gone',
    })
    expect(await cosigned.next()).toMatchObject({ size: 7 })
    broken = true
    // From here the proof is good, and only the keeping fails.
    await using second = await collect(at(server), {
      onCosigned: (size, line) => {
        if (broken) throw new Error('disk is full')
        cosigned.put({ size, line })
      },
      onProblem: (problem) => {
        problems.put(problem)
        broken = false
      },
    })
    second.submit(log.note(9))
    expect(await problems.next()).toMatchObject({
      code: 'log-failed',
      message: 'the cosignature is not kept: disk is full',
    })
    expect(await cosigned.next()).toMatchObject({ size: 9 })
  })

  test('is never asked for a proof from nothing', async () => {
    await using server = await startOwn()
    await using collector = await collect(at(server), {
      prove: () => Promise.reject(new Error('asked')),
    })
    collector.submit(log.note(7))
    expect(await cosigned.next()).toMatchObject({ size: 7 })
  })
})

describe('disposed of', () => {
  test('it aborts a question under way, and tells of nothing', async () => {
    const arrived = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    await using server = await answering((request, response) => {
      response.on('close', () => gone.resolve())
      request.resume()
      arrived.resolve()
    })
    const collector = await collect(server.url, { timeLimitMs: 900_000 })
    collector.submit(log.note(7))
    await arrived.promise
    await collector[Symbol.asyncDispose]()
    await gone.promise
    expect([problems.all, cosigned.all]).toEqual([[], []])
  })

  test('it waits for no retry, nor for a checkpoint that never comes', async () => {
    const collector = await collect(`http://127.0.0.1:${await freePort()}`, {
      retryMs: () => 900_000,
    })
    collector.submit(log.note(7))
    await problems.next()
    await collector[Symbol.asyncDispose]()
    collector.submit(log.note(9))
    const idle = await collect('http://127.0.0.1:1')
    await idle[Symbol.asyncDispose]()
    await idle[Symbol.asyncDispose]()
    expect(problems.all).toHaveLength(1)
  })
})

test.each([
  ['ftp://127.0.0.1', 'no http or https URL'],
  ['127.0.0.1:80', 'no http or https URL'],
  ['', 'no http or https URL'],
])('the address %j is refused', async (url, message) => {
  await expect(collect(url)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(message),
  })
})

test('the key of a log is no key of a witness', async () => {
  const witnesses = [{ url: 'http://127.0.0.1', vkey: log.party.vkey }]
  await expect(collect('', { witnesses })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  await using server = await answering(() => undefined)
  return Number(new URL(server.url).port)
}

/** Before the real witness, counting what it is asked. */
async function proxied(
  server: WitnessServer,
): Promise<AsyncDisposable & { url: string; count: () => number }> {
  let count = 0
  const proxy = await answering((request, response) => {
    count += 1
    void text(request).then(async (body) => {
      const answer = await fetch(`${at(server)}${request.url!}`, { method: 'POST', body })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type')! })
      response.end(await answer.text())
    })
  })
  return Object.assign(proxy, { count: () => count })
}
