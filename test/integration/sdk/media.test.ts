import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CallError, type Method } from '#protocol'
import { Receiver } from '../../../client/sdk/receiver.ts'
import { Sender } from '../../../client/sdk/sender.ts'
import { Path, type Surroundings } from '../../../client/sdk/transport.ts'
import { furnishBrowser, preparedFor, track } from './fake-browser.ts'
import { ManualClock } from './manual-clock.ts'
import { alice, offer, transports } from './scene.ts'

let browser: ReturnType<typeof furnishBrowser>
let clock: ManualClock
let around: Surroundings
let asked: Method[]
let answer: (method: Method) => Promise<unknown>

beforeAll(() => {
  browser = furnishBrowser()
})
afterAll(() => browser.remove())

beforeEach(async () => {
  clock = new ManualClock()
  asked = []
  answer = async () => ({ iceParameters: { usernameFragment: 'u', password: 'p' } })
  const ask = (method: Method) => {
    asked.push(method)
    return answer(method)
  }
  const { device } = await preparedFor('ws://unused')
  around = { device, clock, changed: () => {}, ask: ask as Surroundings['ask'] }
})

const lost = () => Promise.reject(new CallError('CONNECTION_LOST', 'lost'))
const path = (direction: 'send' | 'recv', name = 'first') =>
  new Path(direction, transports(name)[direction], [], around)
/** Everything that needs no more than promises has happened. */
const settled = () => new Promise((done) => setImmediate(done))

describe('a path', () => {
  const become = (which: Path, state: 'connected' | 'disconnected' | 'failed') =>
    which.transport.handler.emit('@connectionstatechange', state)

  test('that never connected has nothing to restart', async () => {
    path('send').restartIce()
    await settled()
    expect(asked).toEqual([])
  })

  test('that failed gets fresh ICE at once', async () => {
    become(path('send'), 'failed')
    await settled()
    expect(asked).toEqual(['media.restartIce'])
  })

  test('that is disconnected has two seconds to come back by itself', async () => {
    const recv = path('recv')
    become(recv, 'connected')
    become(recv, 'disconnected')
    clock.advance(1_999)
    expect(asked).toEqual([])
    clock.advance(1)
    expect(asked).toEqual(['media.restartIce'])
    await settled()
    become(recv, 'connected')
    become(recv, 'disconnected')
    become(recv, 'connected')
    clock.advance(10_000)
    expect(asked).toEqual(['media.restartIce'])
  })

  test('whose restart could not be asked for tries again every three seconds while it is down', async () => {
    answer = lost
    const send = path('send')
    become(send, 'failed')
    await settled()
    clock.advance(2_999)
    expect(asked).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(asked).toHaveLength(2)
    become(send, 'connected')
    clock.advance(10_000)
    expect(asked).toHaveLength(2)
  })

  test('that is down when signaling comes back is restarted then', async () => {
    answer = lost
    const send = path('send')
    become(send, 'failed')
    await settled()
    answer = async () => ({ iceParameters: { usernameFragment: 'u', password: 'p' } })
    send.resume([])
    await settled()
    expect(asked).toEqual(['media.restartIce', 'media.restartIce'])
  })

  test('closed, it asks for nothing more', async () => {
    const send = path('send')
    become(send, 'connected')
    become(send, 'disconnected')
    send.close()
    clock.advance(10_000)
    expect(asked).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('sending', () => {
  test('a refusal that is faster than the browser still ends the stream', async () => {
    answer = (method) =>
      method === 'media.produce'
        ? Promise.reject(new CallError('TOO_MANY', 'one'))
        : Promise.resolve({})
    const sender = new Sender(around, false)
    sender.use(path('send'))
    await settled()
    await sender.set('camera', track('video')).catch(() => undefined)
    await settled()
    expect(sender.own('camera')).toEqual({ sending: false, muted: false, refused: 'TOO_MANY' })
    expect(sender.producers).toEqual([])
  })

  test('a path that is closed while the browser prepares a stream does not lose the wish to send it', async () => {
    const sender = new Sender(around, false)
    const first = path('send')
    first.transport.handler.send = () => new Promise(() => {})
    sender.use(first)
    const set = sender.set('camera', track('video'))
    await settled()
    expect(asked).toEqual([])
    first.close()
    sender.use(path('send', 'second'))
    await set
    await settled()
    expect(asked).toEqual(['media.connect', 'media.produce'])
    expect(sender.own('camera')).toMatchObject({ sending: true, refused: null })
  })
})

describe('receiving', () => {
  test('a stream that is over before the browser is ready leaves nothing behind', async () => {
    const receiver = new Receiver(around)
    const camera = offer(alice, 'camera', 'a')
    receiver.use(path('recv'), [camera], true)
    receiver.drop([camera.consumerId])
    await settled()
    expect(receiver.consumers).toEqual([])
    expect(receiver.streams.size).toBe(0)
  })

  test('more streams than fit in one message are asked for in several', async () => {
    const receiver = new Receiver(around)
    receiver.use(
      path('recv'),
      Array.from({ length: 513 }, (_, index) => offer(alice, 'camera', `c${index}`)),
      false,
    )
    await settled()
    await settled()
    expect(asked).toEqual(['media.connect', 'media.watch', 'media.watch'])
  })
})
