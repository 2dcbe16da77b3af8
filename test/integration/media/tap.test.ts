import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import type { types } from 'mediasoup'
import { expect, test } from 'vitest'
import { newId, type CallError } from '#protocol'
import type { SenderReport, Tap } from '#media'
import { openPlainRoom, type PlainRoom } from './plain-room.ts'
import { Arrivals, Stream, vp8 } from './rtp.ts'

test('nothing is copied before resume, all of it after', async () => {
  await using room = await openPlainRoom()
  const { stream, tap, arrivals } = await tapped(room)
  await stream.send(10)
  expect(await arrivals.numbers()).toEqual([])
  await tap.resume()
  const after = await stream.send(10)
  expect(await arrivals.numbers()).toEqual(after)
})

test('not one packet leaves after close has resolved', async () => {
  await using room = await openPlainRoom()
  const { stream, tap, arrivals } = await tapped(room)
  await tap.resume()
  const before = await stream.send(10)
  await tap.close()
  await stream.send(10)
  expect(await arrivals.numbers()).toEqual(before)
})

test('close resolves at the confirmation of the worker, not before, and what it still held back never comes', async () => {
  await using room = await openPlainRoom()
  const { stream, tap, arrivals } = await tapped(room)
  await tap.resume()
  await stream.send(3)
  process.kill(room.workerPid, 'SIGSTOP')
  await stream.hand(50)
  let isClosed = false
  const closing = tap.close().then(() => {
    isClosed = true
  })
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  // The worker is halted: it cannot have confirmed.
  expect(isClosed).toBe(false)
  process.kill(room.workerPid, 'SIGCONT')
  await closing
  const atClose = await arrivals.numbers()
  await stream.taken()
  await stream.send(10)
  expect(await arrivals.numbers()).toEqual(atClose)
})

test('closing again is the same closing', async () => {
  await using room = await openPlainRoom()
  const { tap } = await tapped(room)
  const first = tap.close()
  expect(tap.close()).toBe(first)
  await first
  await expect(tap.resume()).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a tap sends what it says: payload type and SSRC', async () => {
  await using room = await openPlainRoom()
  const { tap, arrivals, stream } = await tapped(room, 'camera')
  expect(tap.rtp).toMatchObject({ mimeType: 'video/VP8', clockRate: 90_000, fmtp: {} })
  await tap.resume()
  await stream.send(3)
  expect(await arrivals.numbers()).toHaveLength(3)
  for (const packet of arrivals.packets) {
    expect(packet.readUInt8(1) & 0x7f).toBe(tap.rtp.payloadType)
    expect(packet.readUInt32BE(8)).toBe(tap.rtp.ssrc)
  }
})

test('sound is described with its channels', async () => {
  await using room = await openPlainRoom()
  const { tap } = await tapped(room)
  expect(tap.rtp).toMatchObject({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })
})

test('resume asks the sender for a key frame, and so does requestKeyFrame', async () => {
  await using room = await openPlainRoom()
  const { tap, stream, sender } = await tapped(room, 'camera')
  await stream.send(1)
  const first = pictureLoss(sender.socket, stream.ssrc)
  await tap.resume()
  await first
  const second = pictureLoss(sender.socket, stream.ssrc)
  await tap.requestKeyFrame()
  await second
})

test('a late listener gets the newest report of the sender at once, then those that follow', async () => {
  await using room = await openPlainRoom()
  const { tap, stream } = await tapped(room)
  await stream.send(1)
  stream.sendReport(2_208_988_800 + 1_700_000_000, 2 ** 31, 4242)
  expect(await nextReport(tap)).toEqual({ ssrc: stream.ssrc, ntpMs: 1_700_000_000_500, rtp: 4242 })

  const late = await room.room.tap(stream.producerId, { ip: '127.0.0.1', port: 9, rtcpMux: true })
  const reports: SenderReport[] = []
  late.onSenderReport((report) => reports.push(report))
  expect(reports).toEqual([{ ssrc: stream.ssrc, ntpMs: 1_700_000_000_500, rtp: 4242 }])
  stream.sendReport(2_208_988_800 + 1_700_000_005, 0, 5000)
  await new Promise<void>((resolve) =>
    tap.onSenderReport(({ rtp }) => {
      if (rtp === 5000) resolve()
    }),
  )
  expect(reports.map(({ rtp }) => rtp)).toEqual([4242, 5000])
})

test('of a camera in two sizes only the reports on the clock that the packets follow are told', async () => {
  await using room = await openPlainRoom()
  const sender = await room.addPeer()
  const [small, large] = [Stream.encoding(sender, 21), Stream.encoding(sender, 22)]
  const producerId = newId.producer()
  const rtpParameters = { ...vp8(21), encodings: [{ ssrc: 21 }, { ssrc: 22 }] }
  await room.room.produce(sender.peer, {
    producerId,
    source: 'camera',
    rtpParameters,
    paused: false,
  })
  await Promise.all([small.send(5), large.send(5)])
  const socket = await room.openSocket()
  const tap = await room.room.tap(producerId, {
    ip: '127.0.0.1',
    port: socket.address().port,
    rtcpMux: true,
  })
  small.sendReport(2_208_988_801, 0, 1111)
  large.sendReport(2_208_988_802, 0, 2222)
  const told: SenderReport[] = []
  const first = new Promise<void>((resolve) =>
    tap.onSenderReport((report) => {
      told.push(report)
      resolve()
    }),
  )
  expect(told).toEqual([])
  await tap.resume()
  const packet = once(socket, 'message')
  await Promise.all([small.send(5), large.send(5)])
  await Promise.all([packet, first])
  expect(told).toEqual([{ ssrc: 22, ntpMs: 2000, rtp: 2222 }])
  large.sendReport(2_208_988_803, 0, 3333)
  small.sendReport(2_208_988_803, 0, 4444)
  large.sendReport(2_208_988_804, 0, 5555)
  await new Promise<void>((resolve) =>
    tap.onSenderReport(({ rtp }) => {
      if (rtp === 5555) resolve()
    }),
  )
  expect(told.map(({ rtp }) => rtp)).toEqual([2222, 3333, 5555])
})

test('when the size changes the packets keep the clock of the first, and so do the reports', async () => {
  await using room = await openPlainRoom()
  const sender = await room.addPeer()
  const [small, large] = [Stream.encoding(sender, 21), Stream.encoding(sender, 22)]
  const producerId = newId.producer()
  const rtpParameters = { ...vp8(21), encodings: [{ ssrc: 21 }, { ssrc: 22 }] }
  await room.room.produce(sender.peer, {
    producerId,
    source: 'camera',
    rtpParameters,
    paused: false,
  })
  const isSmall = Promise.withResolvers<void>()
  const isLarge = Promise.withResolvers<void>()
  room.router.observer.once('newtransport', (transport) => {
    transport.observer.once('newconsumer', (consumer) =>
      consumer.on('layerschange', (layers) => {
        if (layers?.spatialLayer === 0) isSmall.resolve()
        if (layers?.spatialLayer === 1) isLarge.resolve()
      }),
    )
  })
  const tap = await room.room.tap(producerId, { ip: '127.0.0.1', port: 9, rtcpMux: true })
  const told: SenderReport[] = []
  tap.onSenderReport((report) => told.push(report))
  await Promise.all([small.send(5), large.send(5)])
  for (const stream of [small, large]) stream.sendReport(2_208_988_801, 0, 90_000)
  await tap.resume()
  await Promise.all([small.send(5), large.send(5)])
  await isLarge.promise
  // The large one falls silent: after a while mediasoup takes the other.
  let seconds = 1
  const camera = setInterval(() => {
    seconds += 1
    void small.send(1)
    for (const stream of [small, large])
      stream.sendReport(2_208_988_800 + seconds, 0, 90_000 * seconds)
  }, 20)
  await isSmall.promise
  clearInterval(camera)
  const last = new Promise<void>((resolve) =>
    tap.onSenderReport(({ rtp }) => {
      if (rtp === 4242) resolve()
    }),
  )
  for (const stream of [small, large]) stream.sendReport(2_208_988_900, 0, 4242)
  await last
  expect(new Set(told.map(({ ssrc }) => ssrc))).toEqual(new Set([large.ssrc]))
})

test('a closed tap hears no more reports', async () => {
  await using room = await openPlainRoom()
  const { tap, stream } = await tapped(room)
  await stream.send(1)
  const reports: SenderReport[] = []
  tap.onSenderReport((report) => reports.push(report))
  await tap.close()
  const other = await room.room.tap(stream.producerId, { ip: '127.0.0.1', port: 9, rtcpMux: true })
  stream.sendReport(2_208_988_801, 0, 1)
  await nextReport(other)
  expect(reports).toEqual([])
})

test.each([
  [
    'its producer is closed',
    'NOT_FOUND',
    ({ room }: PlainRoom, stream: Stream) => room.closeProducer(stream.producerId),
  ],
  ['the room is closed', 'MEDIA_UNAVAILABLE', ({ room }: PlainRoom) => room.close()],
])('a tap ends once when %s', async (_, code, end) => {
  await using room = await openPlainRoom()
  const { tap, stream } = await tapped(room)
  const told: CallError[] = []
  const closed = new Promise<void>((resolve) =>
    tap.onClosed((why) => {
      told.push(why)
      resolve()
    }),
  )
  end(room, stream)
  await closed
  expect(told).toEqual([expect.objectContaining({ code })])
  tap.onClosed((why) => told.push(why))
  expect(told).toHaveLength(2)
  await expect(tap.resume()).rejects.toMatchObject({ code })
  await expect(tap.requestKeyFrame()).rejects.toMatchObject({ code })
  await tap.close()
})

test('a tap that its owner closed is not told of the end', async () => {
  await using room = await openPlainRoom()
  const { tap, stream } = await tapped(room)
  const told: CallError[] = []
  tap.onClosed((why) => told.push(why))
  await tap.close()
  room.room.closeProducer(stream.producerId)
  // The worker has answered: what it had to say of the closed producer came before.
  await room.router.dump()
  await nextTurn()
  expect(told).toEqual([])
})

test('a tap whose producer ends while it closes is not told either', async () => {
  await using room = await openPlainRoom()
  const { tap, stream } = await tapped(room)
  const told: CallError[] = []
  tap.onClosed((why) => told.push(why))
  const closing = tap.close()
  room.room.closeProducer(stream.producerId)
  await closing
  await room.router.dump()
  await nextTurn()
  expect(told).toEqual([])
})

test('a producer that ends while the worker makes the tap leaves no tap', async () => {
  await using room = await openPlainRoom()
  const stream = await Stream.open(room.room, await room.addPeer(), 'microphone', 7)
  onConsume(room.router, () => room.room.closeProducer(stream.producerId))
  const tap = await room.room.tap(stream.producerId, { ip: '127.0.0.1', port: 9, rtcpMux: true })
  const why = await new Promise<CallError>((resolve) => tap.onClosed(resolve))
  expect(why.code).toBe('NOT_FOUND')
  expect(await transportsOf(room.router)).toHaveLength(2)
})

test('an unknown producer cannot be tapped, nor one that ends meanwhile', async () => {
  await using room = await openPlainRoom()
  const sender = await room.addPeer()
  const stream = await Stream.open(room.room, sender, 'microphone', 7)
  const to = { ip: '127.0.0.1', port: 9, rtcpMux: true } as const
  const opening = room.room.tap(stream.producerId, to)
  room.room.closeProducer(stream.producerId)
  await expect(opening).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await transportsOf(room.router)).toHaveLength(2)
  await expect(room.room.tap(stream.producerId, to)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

async function tapped(plain: PlainRoom, source: 'microphone' | 'camera' = 'microphone') {
  const sender = await plain.addPeer()
  const stream = await Stream.open(plain.room, sender, source, 4711)
  const socket = await plain.openSocket()
  const arrivals = new Arrivals(socket)
  const tap = await plain.room.tap(stream.producerId, {
    ip: '127.0.0.1',
    port: socket.address().port,
    rtcpMux: true,
  })
  return { sender, stream, arrivals, tap }
}

/** Calls back when the worker has been asked for a consumer and has not answered. */
function onConsume(router: types.Router, callback: () => void): void {
  const open = router.createPlainTransport.bind(router)
  const opening: types.Router['createPlainTransport'] = async (options) => {
    const transport = await open(options)
    const consume = transport.consume.bind(transport)
    const consuming: types.Transport['consume'] = (consumerOptions) => {
      const asked = consume(consumerOptions)
      callback()
      return asked
    }
    return Object.assign(transport, { consume: consuming })
  }
  Object.assign(router, { createPlainTransport: opening })
}

const transportsOf = async (router: types.Router) => (await router.dump()).transportIds

const nextTurn = () =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const nextReport = (tap: Tap) => new Promise<SenderReport>((resolve) => tap.onSenderReport(resolve))

/** Resolves with the next picture loss indication (RFC 4585 §6.3.1) for this stream. */
async function pictureLoss(socket: Socket, ssrc: number): Promise<void> {
  for (;;) {
    const [message]: Buffer[] = await once(socket, 'message')
    for (
      let at = 0;
      message !== undefined && at + 12 <= message.length;
      at += 4 * (message.readUInt16BE(at + 2) + 1)
    ) {
      if (message.readUInt8(at + 1) === 206 && message.readUInt32BE(at + 8) === ssrc) return
    }
  }
}
