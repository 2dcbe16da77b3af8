import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { types } from 'mediasoup'
import { expect, test } from 'vitest'
import { newId, type DtlsParameters } from '#protocol'
import { startMedia, type MediaOptions, type RoomMedia, type RoomMediaEvent } from '#media'
import { startWorker, stopWorker } from '../../../src/media/workers.ts'
import { bindingRequest } from './stun.ts'
import { onNewRouter, options } from './plain-room.ts'
import { opus } from './rtp.ts'

const fingerprint = Array(32).fill('AB').join(':')
const client: DtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
}

test('each room opens on the worker with the least on it', async () => {
  const workers: number[] = []
  using _ = followRouters((worker) => workers.push(worker.pid))
  await using media = await startMedia({ ...options, workers: 2 })
  const first = await media.openRoom(() => undefined)
  await Promise.all([first.addPeer(newId.peer()), first.addPeer(newId.peer())])
  await media.openRoom(() => undefined)
  await media.openRoom(() => undefined)
  // Opened together: what is being set up counts too.
  await Promise.all([media.openRoom(() => undefined), media.openRoom(() => undefined)])
  const [a, b] = workers
  expect(a).not.toBe(b)
  expect(workers).toEqual([a, b, b, b, a])
})

test('a closed room weighs nothing', async () => {
  const workers: number[] = []
  using _ = followRouters((worker) => workers.push(worker.pid))
  await using media = await startMedia({ ...options, workers: 2 })
  const first = await media.openRoom(() => undefined)
  first.close()
  await media.openRoom(() => undefined)
  expect(workers[1]).toBe(workers[0])
})

test('a worker that is killed takes its own rooms with it and no other; a new one takes its place', async () => {
  const pids: number[] = []
  using _ = followRouters((worker) => pids.push(worker.pid))
  const died = { count: 0 }
  const logged: string[] = []
  await using media = await startMedia({
    ...options,
    workers: 2,
    observe: {
      ...quiet,
      workerDied: () => {
        died.count += 1
      },
    },
    log: (_event, message) => logged.push(message),
  })
  const lost = Promise.withResolvers<void>()
  const doomed = await media.openRoom(lost.resolve)
  const other = await media.openRoom(() => expect.unreachable('this room runs elsewhere'))
  const [ann, ben] = [newId.peer(), newId.peer()]
  await doomed.addPeer(ann)
  await other.addPeer(ben)
  const { producerId } = await sending(doomed, ann)
  const tap = await doomed.tap(producerId, { ip: '127.0.0.1', port: 9, rtcpMux: true })
  const events: RoomMediaEvent[] = []
  doomed.onEvent((event) => events.push(event))
  const tapClosed = new Promise<string>((resolve) => tap.onClosed(({ code }) => resolve(code)))

  process.kill(pids[0] ?? expect.unreachable(), 'SIGKILL')
  const pending = doomed.restartIce(ann, 'send')
  await lost.promise

  await expect(pending).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
  await expect(doomed.addPeer(newId.peer())).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
  expect(await tapClosed).toBe('MEDIA_UNAVAILABLE')
  await tap.close()
  expect(events).toEqual([])
  expect(died.count).toBe(1)
  expect(logged).toEqual(['media worker died'])
  await sending(other, ben)
  expect(other.producers()).toHaveLength(1)

  // The room comes back, first on the worker that is left, and on a new process once that is up.
  const replaced = new Set<number>()
  while (replaced.size < 2) {
    const room = await media.openRoom(() => undefined)
    await room.addPeer(newId.peer())
    replaced.add(pids.at(-1) ?? 0)
  }
  expect(replaced.has(pids[0] ?? 0)).toBe(false)
})

test('with its only worker gone a room waits for the next, which listens where the first did', async () => {
  const pids: number[] = []
  using _ = followRouters((worker) => pids.push(worker.pid))
  const firstPort = await freePort()
  await using media = await startMedia({ ...options, firstPort })
  const lost = Promise.withResolvers<void>()
  await media.openRoom(lost.resolve)
  process.kill(pids[0] ?? expect.unreachable(), 'SIGKILL')
  // Asked for while the worker is gone and nobody knows yet.
  const early = media.openRoom(() => undefined)
  await lost.promise
  const again = await media.openRoom(() => undefined)
  await expect(early).resolves.toBeDefined()
  const { send } = await again.addPeer(newId.peer())
  expect(send.iceCandidates.map(({ port }) => port)).toEqual([firstPort, firstPort])
  expect(pids[1]).not.toBe(pids[0])
})

test('worker k listens on the first port + k, over UDP and TCP, under the announced address', async () => {
  const firstPort = await freePort(2)
  await using media = await startMedia({
    ...options,
    workers: 2,
    firstPort,
    listen: [{ ip: '127.0.0.1', announcedAddress: 'sfu.example' }],
  })
  for (const k of [0, 1]) {
    const room = await media.openRoom(() => undefined)
    const { send, recv } = await room.addPeer(newId.peer())
    for (const { iceCandidates } of [send, recv]) {
      expect(iceCandidates.map(({ protocol, address, port }) => [protocol, address, port])).toEqual(
        [
          ['udp', 'sfu.example', firstPort + k],
          ['tcp', 'sfu.example', firstPort + k],
        ],
      )
    }
    expect(send.id).not.toBe(recv.id)
  }
})

// A container may come without IPv6.
const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
)

test.runIf(hasIpv6)('IPv4 and IPv6 share one worker and one port', async () => {
  const firstPort = await freePort()
  await using media = await startMedia({
    ...options,
    firstPort,
    listen: [{ ip: '127.0.0.1' }, { ip: '::1' }],
  })
  const room = await media.openRoom(() => undefined)
  const { recv } = await room.addPeer(newId.peer())
  expect(recv.iceCandidates.map(({ protocol, ip, port }) => [protocol, ip, port])).toEqual([
    ['udp', '127.0.0.1', firstPort],
    ['tcp', '127.0.0.1', firstPort],
    ['udp', '::1', firstPort],
    ['tcp', '::1', firstPort],
  ])
})

test('a port in use is PORT_TAKEN, and the workers that did start are stopped', async () => {
  const firstPort = await freePort(2)
  const taken = createSocket('udp4')
  taken.bind(firstPort + 1, '127.0.0.1')
  await once(taken, 'listening')
  await expect(startMedia({ ...options, workers: 2, firstPort })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  })
  taken.close()
  await once(taken, 'close')
  // Both ports are free again: nothing was left behind.
  await using media = await startMedia({ ...options, workers: 2, firstPort })
  expect(media.iceServers).toEqual([])
})

test('a worker that cannot be started is MEDIA_UNAVAILABLE', async () => {
  const starting = startMedia({ ...options, workerBin: '/nonexistent/mediasoup-worker' })
  await expect(starting).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
})

test('mediasoup does not act on signals: the server decides when its workers end', async () => {
  const before = [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]
  await using media = await startMedia({ ...options, workers: 2 })
  expect([process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]).toEqual(before)
  await media.openRoom(() => undefined)
})

test('what a peer may send is bounded, and browsers get the one fingerprint that they need', async () => {
  const transports: types.Transport[] = []
  const stop = onNewRouter((router) =>
    router.observer.on('newtransport', (transport) => transports.push(transport)),
  )
  await using media = await startMedia(options)
  const room = await media.openRoom(() => undefined)
  const peer = newId.peer()
  const { send, recv } = await room.addPeer(peer)
  await room.connect(peer, 'send', client)
  await room.connect(peer, 'recv', client)
  const statsOf = async (id: string) => transports.find((each) => each.id === id)?.getStats()
  const [fromPeer, toPeer] = await Promise.all([statsOf(send.id), statsOf(recv.id)])
  stop()
  expect(fromPeer).toEqual([expect.objectContaining({ maxIncomingBitrate: 8_000_000 })])
  expect(toPeer).toEqual([expect.objectContaining({ maxIncomingBitrate: undefined })])
  for (const {
    dtlsParameters: { fingerprints },
  } of [send, recv]) {
    expect(fingerprints).toEqual([
      { algorithm: 'sha-256', value: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) },
    ])
  }
})

test('a transport is connected once; nonsense for a fingerprint is refused', async () => {
  await using media = await startMedia(options)
  const room = await media.openRoom(() => undefined)
  const peer = newId.peer()
  await room.addPeer(peer)
  await room.connect(peer, 'send', client)
  await expect(room.connect(peer, 'send', client)).rejects.toMatchObject({ code: 'MEDIA_REFUSED' })
  const none: DtlsParameters = { role: 'client', fingerprints: [] }
  await expect(room.connect(peer, 'recv', none)).rejects.toMatchObject({ code: 'MEDIA_REFUSED' })
})

test.each(['send', 'recv'] as const)(
  'a browser that reaches the %s transport is told of, with its direction',
  async (direction) => {
    await using media = await startMedia(options)
    const room = await media.openRoom(() => undefined)
    const peer = newId.peer()
    const { [direction]: offer } = await room.addPeer(peer)
    const told = new Promise<RoomMediaEvent>((resolve) => room.onEvent(resolve))
    const socket = createSocket('udp4')
    socket.send(bindingRequest(offer.iceParameters), offer.iceCandidates[0]?.port, '127.0.0.1')
    const event = await told
    socket.close()
    expect(event).toEqual({
      type: 'transportState',
      peer,
      direction,
      ice: 'completed',
      dtls: 'new',
    })
  },
)

test('adding a peer again gives the same transports, with the newest ICE credentials', async () => {
  await using media = await startMedia(options)
  const room = await media.openRoom(() => undefined)
  const peer = newId.peer()
  const [first, second] = await Promise.all([room.addPeer(peer), room.addPeer(peer)])
  expect(second).toBe(first)
  const { password } = first.recv.iceParameters
  const iceParameters = await room.restartIce(peer, 'recv')
  expect(iceParameters.password).not.toBe(password)
  expect((await room.addPeer(peer)).recv.iceParameters).toEqual(iceParameters)
})

test('the CPU time of each worker is told as it is used', async () => {
  const used = Promise.withResolvers<Map<number, number>>()
  const seen = new Map<number, number>()
  const workerCpu = (index: number, seconds: number) => {
    seen.set(index, seconds)
    if (seen.size === 2) used.resolve(seen)
  }
  await using media = await startMedia({
    ...options,
    workers: 2,
    measureEveryMs: 1,
    observe: { ...quiet, workerCpu },
  })
  expect(media.router.sha256).toMatch(/^[0-9a-f]{64}$/)
  for (const [index, seconds] of await used.promise) {
    expect([0, 1]).toContain(index)
    // A process that has just started: some milliseconds, never negative, and not milliseconds taken for seconds.
    expect(seconds).toBeGreaterThanOrEqual(0)
    expect(seconds).toBeLessThan(5)
  }
})

test('while its port is taken a worker is not replaced; when the port is free it is', async () => {
  const pids: number[] = []
  using _ = followRouters((worker) => pids.push(worker.pid))
  const firstPort = await freePort()
  const lost = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<Record<string, unknown>>()
  await using media = await startMedia({
    ...options,
    firstPort,
    log: (event, message) => {
      if (message === 'media worker could not be replaced') failed.resolve(event)
    },
  })
  await media.openRoom(lost.resolve)
  process.kill(pids[0] ?? expect.unreachable(), 'SIGKILL')
  await lost.promise
  const squatter = createSocket('udp4')
  squatter.bind(firstPort, '127.0.0.1')
  expect(await failed.promise).toMatchObject({
    worker: 0,
    delayMs: 200,
    error: { code: 'PORT_TAKEN' },
  })
  squatter.close()
  await expect(media.openRoom(() => undefined)).resolves.toBeDefined()
})

test('a worker that does not end by itself is killed', async () => {
  const { worker } = await startWorker(0, options)
  process.kill(worker.pid, 'SIGSTOP')
  await stopWorker(worker, 1)
  expect(() => process.kill(worker.pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }))
})

test('stopping closes every room without calling it lost', async () => {
  const counts: number[] = []
  const media = await startMedia({
    ...options,
    workers: 2,
    observe: { ...quiet, producers: (count) => counts.push(count) },
  })
  const rooms = await Promise.all(
    [0, 1].map(() => media.openRoom(() => expect.unreachable('nothing died'))),
  )
  for (const room of rooms) {
    const peer = newId.peer()
    await room.addPeer(peer)
    await sending(room, peer)
  }
  await media[Symbol.asyncDispose]()
  expect(counts).toEqual([1, 2, 1, 0])
  for (const room of rooms) {
    await expect(room.addPeer(newId.peer())).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
  }
  await expect(media.openRoom(() => undefined)).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
})

const quiet: NonNullable<MediaOptions['observe']> = {
  workerCpu: () => undefined,
  producers: () => undefined,
  consumers: () => undefined,
  workerDied: () => undefined,
}

async function sending(room: RoomMedia, peer: ReturnType<typeof newId.peer>) {
  const producerId = newId.producer()
  await room.produce(peer, {
    producerId,
    source: 'microphone',
    rtpParameters: { mid: '0', ...opus(1) },
    paused: false,
  })
  return { producerId }
}

function followRouters(listener: (worker: types.Worker) => void): Disposable {
  const stop = onNewRouter((_router, worker) => listener(worker))
  return { [Symbol.dispose]: stop }
}

/** The first of so many neighbouring ports, all of them free a moment ago. */
async function freePort(count = 1): Promise<number> {
  for (;;) {
    const first = await listen(0)
    const { port } = first.address() as AddressInfo
    const others = await Promise.allSettled(
      Array.from({ length: count - 1 }, (_, at) => listen(port + 1 + at)),
    )
    const servers = [
      first,
      ...others.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    ]
    await Promise.all(
      servers.map((server) => {
        server.close()
        return once(server, 'close')
      }),
    )
    if (servers.length === count) return port
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
