import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CallError, newId, RtpCapabilities, Sha256, type ErrorCode, type PeerId } from '#protocol'
import {
  answerMs,
  Connection,
  maxWaiting,
  pingAnswerMs,
  pingEveryMs,
  type Listener,
} from '../../../client/sdk/connection.ts'
import type { Entrance } from '../../../client/sdk/entrance.ts'
import type { Numbered } from '../../../client/sdk/session.ts'
import { LineServer, type ServerLine } from './line-server.ts'
import { ManualClock } from './manual-clock.ts'

const peerIds: PeerId[] = [newId.peer()]
const requestId = newId.request()

let server: LineServer
let clock: ManualClock
let connection: Connection
let line: ServerLine
let joinId: number
let heard: {
  events: Numbered[]
  refused: ErrorCode[]
  closed: Promise<number>
  closes: number[]
  next(): Promise<Numbered>
}
let show: (requested: unknown) => Promise<Record<string, never>>

beforeEach(async () => {
  server = await LineServer.open()
  clock = new ManualClock()
  show = async () => ({})
  const closed = Promise.withResolvers<number>()
  let arrived = Promise.withResolvers<Numbered>()
  heard = {
    events: [],
    refused: [],
    closes: [],
    closed: closed.promise,
    next: () =>
      arrived.promise.then((event) => {
        arrived = Promise.withResolvers()
        return event
      }),
  }
  const listener: Listener = {
    event: (event) => {
      heard.events.push(event)
      arrived.resolve(event)
    },
    refused: (code) => void heard.refused.push(code),
    closed: (code) => {
      heard.closes.push(code)
      closed.resolve(code)
    },
    asked: ({ params }) => show(params),
  }
  const entrance: Entrance = {
    url: server.url,
    token: 'a.b.c',
    name: null,
    resume: 'secret',
    freshMedia: false,
    router: Sha256.parse('1'.repeat(64)),
    capabilities: RtpCapabilities.parse({ codecs: [], headerExtensions: [] }),
    capabilitiesSha256: Sha256.parse('2'.repeat(64)),
  }
  connection = new Connection(entrance, listener, clock)
  line = await server.next()
  joinId = (await line.request('session.join')).id
})

afterEach(async () => {
  connection.close()
  await server[Symbol.asyncDispose]()
})

describe('the upgrade', () => {
  test('carries token and join, and nothing is waited for before the join in full', () => {
    expect(line.offered.slice(0, 2)).toEqual(['assent.v1', 'assent.jwt.a.b.c'])
    expect(line.join).toEqual({
      router: '1'.repeat(64),
      resume: 'secret',
      capabilities: '2'.repeat(64),
    })
  })

  test('a refused join says why, without closing by itself', async () => {
    line.error(joinId, new CallError('ROOM_FULL', 'full'))
    line.event(1, { event: 'peer.speaking', params: { peerIds } })
    await heard.next()
    expect(heard).toMatchObject({ refused: ['ROOM_FULL'], closes: [] })
  })
})

describe('requests', () => {
  test('answers find their requests in any order', async () => {
    const first = connection.request('session.ping', {})
    const second = connection.request('session.ping', {})
    const [one, two] = [await line.request('session.ping'), await line.request('session.ping')]
    line.result(two.id, { now: 2 })
    line.result(one.id, { now: 1 })
    expect(await Promise.all([first, second])).toEqual([{ now: 1 }, { now: 2 }])
  })

  test('an error comes with its code and when to try again', async () => {
    const asked = connection.request('session.ping', {})
    line.error(
      (await line.request('session.ping')).id,
      new CallError('TOO_MANY_REQUESTS', 'slow down', { retryAfterMs: 70 }),
    )
    await expect(asked).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterMs: 70 })
  })

  test('a result that does not fit the table is refused', async () => {
    const asked = connection.request('session.ping', {})
    line.result((await line.request('session.ping')).id, { now: 'noon' })
    await expect(asked).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('no answer in time is CONNECTION_LOST, and a later answer disturbs nobody', async () => {
    const asked = connection.request('session.ping', {}, 1_000)
    const { id } = await line.request('session.ping')
    clock.advance(999)
    const other = connection.request('session.ping', {})
    const { id: otherId } = await line.request('session.ping')
    clock.advance(1)
    await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    line.result(id, { now: 1 })
    line.result(otherId, { now: 2 })
    await expect(other).resolves.toEqual({ now: 2 })
  })

  test('the usual patience is 15 seconds', async () => {
    expect(answerMs).toBe(15_000)
    const asked = connection.request('session.renew', { token: 't' })
    await line.request('session.renew')
    clock.advance(pingEveryMs)
    line.result((await line.request('session.ping')).id, { now: 1 })
    line.event(1, { event: 'peer.speaking', params: { peerIds } })
    await heard.next()
    clock.advance(answerMs - pingEveryMs)
    await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('whatever waits when the connection is lost is told so', async () => {
    const asked = connection.request('session.ping', {})
    await line.request('session.ping')
    line.close(4410)
    await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await heard.closed).toBe(4410)
    await expect(connection.request('session.ping', {})).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    })
    expect(clock.pending).toBe(0)
  })

  test('an answered request makes room for another', async () => {
    for (let n = 0; n < maxWaiting; n++) {
      const asked = connection.request('session.ping', {})
      line.result((await line.request('session.ping')).id, { now: n })
      expect(await asked).toEqual({ now: n })
    }
  })

  test(`at most ${maxWaiting} wait at a time`, async () => {
    const waiting = Array.from({ length: maxWaiting - 1 }, () =>
      connection.request('session.ping', {}),
    ) // and the join
    await expect(connection.request('session.ping', {})).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
    })
    connection.close()
    const outcomes = await Promise.allSettled(waiting)
    expect(
      new Set(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)),
    ).toEqual(new Set(['CONNECTION_LOST']))
  })
})

describe('events and questions', () => {
  test('an event arrives with its number', async () => {
    line.event(3, { event: 'peer.speaking', params: { peerIds } })
    expect(await heard.next()).toEqual({
      kind: 'event',
      n: 3,
      event: 'peer.speaking',
      params: { peerIds },
    })
  })

  test('a question is answered when the page has done it', async () => {
    const done = Promise.withResolvers<Record<string, never>>()
    let asked: unknown
    show = (params) => {
      asked = params
      return done.promise
    }
    line.ask(7, 'recording.show', { requestId })
    line.event(1, { event: 'peer.speaking', params: { peerIds } })
    await heard.next()
    expect(asked).toEqual({ requestId })
    done.resolve({})
    expect(await line.next()).toEqual({ kind: 'result', id: 7, result: {} })
  })

  test('a question that the page cannot answer is an error, and tells nothing of the page', async () => {
    show = () => Promise.reject(new Error('secret of the page'))
    line.ask(7, 'recording.show', { requestId })
    const answer = await line.next()
    expect(answer).toMatchObject({ kind: 'error', id: 7, error: { data: { code: 'INTERNAL' } } })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  test('an unknown question is refused by its code, and the connection stays', async () => {
    line.raw('{"jsonrpc":"2.0","id":9,"method":"recording.undress","params":{}}')
    expect(await line.next()).toMatchObject({
      kind: 'error',
      id: 9,
      error: { data: { code: 'UNKNOWN_METHOD' } },
    })
    expect(heard.closes).toEqual([])
  })

  test.each<[string, string | Buffer]>([
    ['not JSON', '{'],
    ['bytes', Buffer.from([1])],
    [
      'an event without a number',
      '{"jsonrpc":"2.0","method":"peer.speaking","params":{"peerIds":[]}}',
    ],
    ['an unknown event', '{"jsonrpc":"2.0","method":"peer.danced","params":{"n":1}}'],
  ])('%s ends the connection, since a number would be missing', async (_name, data) => {
    line.raw(data)
    expect(await heard.closed).toBe(1006)
    expect(heard.refused).toHaveLength(1)
  })
})

describe('silence', () => {
  test('a server that answers pings stays; one that does not is given up', async () => {
    clock.advance(pingEveryMs)
    line.result((await line.request('session.ping')).id, { now: 1 })
    line.event(1, { event: 'peer.speaking', params: { peerIds } })
    await heard.next()
    clock.advance(pingEveryMs)
    await line.request('session.ping')
    clock.advance(pingAnswerMs - 1)
    expect(heard.closes).toEqual([])
    clock.advance(1)
    expect(await heard.closed).toBe(1006)
  })

  test('an error is a sign of life as well', async () => {
    clock.advance(pingEveryMs)
    line.error(
      (await line.request('session.ping')).id,
      new CallError('TOO_MANY_REQUESTS', 'slow down'),
    )
    line.event(1, { event: 'peer.speaking', params: { peerIds } })
    await heard.next()
    clock.advance(pingAnswerMs)
    expect(heard.closes).toEqual([])
  })

  test('a probe finds out without waiting for the next ping', async () => {
    connection.probe()
    await line.request('session.ping')
    clock.advance(pingAnswerMs)
    expect(await heard.closed).toBe(1006)
  })

  test('after its owner closed it, a connection tells nothing', async () => {
    connection.close()
    await line.closed
    expect(heard).toMatchObject({ events: [], refused: [], closes: [] })
    expect(clock.pending).toBe(0)
  })
})
