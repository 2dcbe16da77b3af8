import { expect, test } from 'vitest'
import {
  newId,
  type ConsumerId,
  type ConsumerOffer,
  type RtpParameters,
  type Source,
} from '#protocol'
import type { RoomMediaEvent } from '#media'
import { openPlainRoom, type PlainPeer, type PlainRoom } from './plain-room.ts'
import { Arrivals, opus, Stream, vp8 } from './rtp.ts'

const halted = { paused: true }

test('a newcomer is offered one consumer for each stream of the others, and none of their own', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const face = await Stream.open(room, ann, 'camera', 2)
  await Stream.open(room, ben, 'microphone', 3)
  const offers = await room.consumeAll(ben.peer, media.router.capabilities, halted)
  expect(offers).toEqual([
    expect.objectContaining({
      producerId: voice.producerId,
      peerId: ann.peer,
      source: 'microphone',
      kind: 'audio',
      producerPaused: false,
    }),
    expect.objectContaining({
      producerId: face.producerId,
      peerId: ann.peer,
      source: 'camera',
      kind: 'video',
    }),
  ])
})

test('a consumer carries the codec in use and its retransmission, nothing else', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const face = await Stream.open(room, ann, 'camera', 2)
  const offer = await room.consume(ben.peer, face.producerId, media.router.capabilities, halted)
  expect(offer?.rtpParameters.codecs.map(({ mimeType }) => mimeType)).toEqual([
    'video/VP8',
    'video/rtx',
  ])
  expect(offer?.rtpParameters.encodings?.[0]?.rtx).toBeDefined()
  expect(offer?.rtpParameters.headerExtensions?.map(({ uri }) => uri)).toContain(
    'urn:3gpp:video-orientation',
  )
})

test('what is consumed already is offered again, not twice', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const { producerId } = await Stream.open(room, ann, 'microphone', 1)
  const [first, again] = await Promise.all([
    room.consumeAll(ben.peer, media.router.capabilities, halted),
    room.consume(ben.peer, producerId, media.router.capabilities, halted),
  ])
  expect(first).toEqual([again])
  expect(await room.consumeAll(ben.peer, media.router.capabilities, halted)).toEqual(first)
})

test('a stream that the receiver cannot decode is left out', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const face = await Stream.open(room, ann, 'camera', 2)
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const deaf = {
    ...media.router.capabilities,
    codecs: media.router.capabilities.codecs.filter(({ kind }) => kind === 'audio'),
  }
  expect(await room.consume(ben.peer, face.producerId, deaf, halted)).toBeNull()
  const offers = await room.consumeAll(ben.peer, deaf, halted)
  expect(offers.map(({ producerId }) => producerId)).toEqual([voice.producerId])
})

test('packets flow while watched, and only then', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const arrivals = await listening(ben)
  const [offer] = await room.consumeAll(ben.peer, media.router.capabilities, halted)
  const consumerIds = offer === undefined ? [] : [offer.consumerId]
  await voice.send(5)
  await room.watch(ben.peer, consumerIds)
  const watched = await voice.send(5)
  await room.unwatch(ben.peer, consumerIds)
  await voice.send(5)
  expect(await arrivals.numbers()).toEqual(watched)
})

test('un-paused consumers need no watch', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const arrivals = await listening(ben)
  await room.consumeAll(ben.peer, media.router.capabilities, { paused: false })
  const sent = await voice.send(5)
  expect(await arrivals.numbers()).toEqual(sent)
})

test('nothing of a muted stream is passed on', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const arrivals = await listening(ben)
  await room.consumeAll(ben.peer, media.router.capabilities, { paused: false })
  await room.pauseProducer(voice.producerId)
  expect(room.producers()).toEqual([
    { producerId: voice.producerId, peer: ann.peer, source: 'microphone', paused: true },
  ])
  await voice.send(5)
  await room.resumeProducer(voice.producerId)
  const heard = await voice.send(5)
  expect(await arrivals.numbers()).toEqual(heard)
})

test('watching a consumer of someone else is NOT_FOUND and moves nothing of theirs', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben, eve] = [await plain.addPeer(), await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const [toBen, toEve] = [await listening(ben), await listening(eve)]
  const [bens] = await room.consumeAll(ben.peer, media.router.capabilities, halted)
  const [eves] = await room.consumeAll(eve.peer, media.router.capabilities, halted)
  const ids = [bens, eves].flatMap((offer) => (offer === undefined ? [] : [offer.consumerId]))
  await expect(room.watch(eve.peer, ids)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const sent = await voice.send(5)
  expect(await toBen.numbers()).toEqual([])
  expect(await toEve.numbers()).toEqual(sent)
})

test('one producer for each source of a peer; closing it frees the source', async () => {
  await using plain = await openPlainRoom()
  const { room } = plain
  const ann = await plain.addPeer()
  const first = await Stream.open(room, ann, 'microphone', 1)
  await expect(Stream.open(room, ann, 'microphone', 2)).rejects.toMatchObject({ code: 'TOO_MANY' })
  await Stream.open(room, ann, 'screenAudio', 3)
  room.closeProducer(first.producerId)
  await Stream.open(room, ann, 'microphone', 4)
  expect(room.producers().map(({ source }) => source)).toEqual(['screenAudio', 'microphone'])
})

test('two producers of one source asked for at once: one is taken', async () => {
  await using plain = await openPlainRoom()
  const ann = await plain.addPeer()
  const results = await Promise.allSettled(
    [1, 2].map((ssrc) => Stream.open(plain.room, ann, 'camera', ssrc)),
  )
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(results[1]).toMatchObject({ reason: { code: 'TOO_MANY' } })
})

test('a peer cannot take the producer id of another, not even at the same moment', async () => {
  await using plain = await openPlainRoom()
  const { room } = plain
  const [ann, eve] = [await plain.addPeer(), await plain.addPeer()]
  const producerId = newId.producer()
  const claim = ({ peer }: PlainPeer, ssrc: number) =>
    room.produce(peer, {
      producerId,
      source: 'microphone',
      rtpParameters: opus(ssrc),
      paused: false,
    })
  const [mine, theirs] = await Promise.allSettled([claim(ann, 1), claim(eve, 2)])
  expect(mine.status).toBe('fulfilled')
  expect(theirs).toMatchObject({ reason: { code: 'MEDIA_REFUSED' } })
  await expect(claim(eve, 2)).rejects.toMatchObject({ code: 'MEDIA_REFUSED' })
  expect(room.producers()).toEqual([expect.objectContaining({ producerId, peer: ann.peer })])
  // The refusal took nothing: the source is free.
  await Stream.open(room, eve, 'microphone', 3)
})

test.each<[string, Source, RtpParameters]>([
  ['video in a microphone', 'microphone', vp8(1)],
  ['sound in a camera', 'camera', opus(1)],
  [
    'a codec that the room does not have',
    'camera',
    {
      codecs: [{ mimeType: 'video/AV1', payloadType: 96, clockRate: 90_000 }],
      encodings: [{ ssrc: 1 }],
    },
  ],
  ['sound in two encodings', 'microphone', { ...opus(1), encodings: [{ ssrc: 1 }, { ssrc: 2 }] }],
  ['two encodings of one SSRC', 'camera', { ...vp8(1), encodings: [{ ssrc: 1 }, { ssrc: 1 }] }],
])('%s is refused and leaves the source free', async (_, source, rtpParameters) => {
  await using plain = await openPlainRoom()
  const { room } = plain
  const ann = await plain.addPeer()
  const asked = room.produce(ann.peer, {
    producerId: newId.producer(),
    source,
    rtpParameters,
    paused: false,
  })
  await expect(asked).rejects.toMatchObject({ code: 'MEDIA_REFUSED' })
  await Stream.open(room, ann, source, 9)
  expect(room.producers()).toHaveLength(1)
})

test('a peer that leaves: one event for each of its streams, then one for each receiver', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben, cam] = [await plain.addPeer(), await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const face = await Stream.open(room, ann, 'camera', 2)
  const other = await Stream.open(room, ben, 'microphone', 3)
  const bens = idsOf(await room.consumeAll(ben.peer, media.router.capabilities, halted))
  const cams = idsOf(await room.consumeAll(cam.peer, media.router.capabilities, halted))
  const events = eventsOf(plain)
  room.removePeer(ann.peer)
  expect(events).toEqual([
    { type: 'producerClosed', peer: ann.peer, producerId: voice.producerId },
    { type: 'producerClosed', peer: ann.peer, producerId: face.producerId },
    { type: 'consumersClosed', peer: ben.peer, consumerIds: bens },
    { type: 'consumersClosed', peer: cam.peer, consumerIds: cams.slice(0, 2) },
  ])
  expect(room.producers().map(({ producerId }) => producerId)).toEqual([other.producerId])
  await expect(room.watch(ben.peer, bens)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  room.removePeer(ann.peer)
  expect(events).toHaveLength(4)
})

test('a stream that ends while it is being consumed is offered to nobody', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const events = eventsOf(plain)
  const offers = room.consumeAll(ben.peer, media.router.capabilities, halted)
  room.closeProducer(voice.producerId)
  expect(await offers).toEqual([])
  expect(events.map(({ type }) => type)).toEqual(['producerClosed'])
})

test('a peer that leaves while it is being served gets NOT_FOUND', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  await Stream.open(room, ann, 'microphone', 1)
  const consuming = room.consumeAll(ben.peer, media.router.capabilities, halted)
  const producing = Stream.open(room, ben, 'microphone', 2)
  room.removePeer(ben.peer)
  await expect(consuming).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(producing).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(room.producers()).toHaveLength(1)
  await expect(room.addPeer(ben.peer)).resolves.toBeDefined()
})

test('a peer that leaves takes its transports along, also those that are still being made', async () => {
  await using plain = await openPlainRoom()
  const { room, router } = plain
  const ann = await plain.addPeer()
  room.removePeer(ann.peer)
  const ben = newId.peer()
  const adding = room.addPeer(ben)
  room.removePeer(ben)
  await expect(adding).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await router.dump()).transportIds).toEqual([])
})

test('strangers are NOT_FOUND everywhere', async () => {
  await using plain = await openPlainRoom()
  const {
    media: {
      router: { capabilities },
    },
    room,
  } = plain
  const { peer } = await plain.addPeer()
  const [stranger, producerId] = [newId.peer(), newId.producer()]
  const calls = [
    () => room.connect(stranger, 'send', { role: 'client', fingerprints: [] }),
    () => room.restartIce(stranger, 'recv'),
    () =>
      room.produce(stranger, {
        producerId,
        source: 'microphone',
        rtpParameters: opus(1),
        paused: false,
      }),
    () => room.pauseProducer(producerId),
    () => room.resumeProducer(producerId),
    async () => room.closeProducer(producerId),
    () => room.consumeAll(stranger, capabilities, halted),
    () => room.consume(stranger, producerId, capabilities, halted),
    () => room.consume(peer, producerId, capabilities, halted),
    () => room.watch(stranger, []),
    () => room.unwatch(stranger, []),
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  room.removePeer(stranger)
})

test('a peer receives at most as many streams as configured', async () => {
  await using plain = await openPlainRoom({ consumersPerPeer: 2 })
  const {
    media: {
      router: { capabilities },
    },
    room,
  } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  await Stream.open(room, ann, 'microphone', 1)
  const second = await Stream.open(room, ann, 'camera', 2)
  const third = await Stream.open(room, ann, 'screen', 3)
  expect(await room.consumeAll(ben.peer, capabilities, halted)).toHaveLength(2)
  await expect(
    room.consume(ben.peer, third.producerId, capabilities, halted),
  ).rejects.toMatchObject({ code: 'TOO_MANY' })
  room.closeProducer(second.producerId)
  expect(await room.consume(ben.peer, third.producerId, capabilities, halted)).toMatchObject({
    source: 'screen',
  })
})

test('who speaks into a microphone is told, and when it falls silent; the sound of a screen is not a voice', async () => {
  await using plain = await openPlainRoom()
  const { room } = plain
  const [ann, ben] = [await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  const film = await Stream.open(room, ben, 'screenAudio', 2)
  const told: RoomMediaEvent[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  room.onEvent((event) => {
    told.push(event)
    if (told.length === 2) resolve()
  })
  await Promise.all([voice.send(50), film.send(50)])
  await promise
  expect(told).toEqual([
    { type: 'speaking', peers: [ann.peer] },
    { type: 'speaking', peers: [] },
  ])
})

test('producers and consumers are counted up and down to nothing', async () => {
  const counts = { producers: 0, consumers: 0, most: 0 }
  await using plain = await openPlainRoom({
    observe: {
      producers: (count) => {
        counts.producers = count
      },
      consumers: (count) => {
        counts.consumers = count
        counts.most = Math.max(counts.most, count)
      },
      workerCpu: () => undefined,
      workerDied: () => undefined,
    },
  })
  const {
    media: {
      router: { capabilities },
    },
    room,
  } = plain
  const [ann, ben, cam] = [await plain.addPeer(), await plain.addPeer(), await plain.addPeer()]
  const voice = await Stream.open(room, ann, 'microphone', 1)
  await Stream.open(room, ann, 'camera', 2)
  await Stream.open(room, ben, 'camera', 3)
  await Promise.all([ann, ben, cam].map(({ peer }) => room.consumeAll(peer, capabilities, halted)))
  expect(counts).toEqual({ producers: 3, consumers: 6, most: 6 })
  room.closeProducer(voice.producerId)
  expect(counts).toMatchObject({ producers: 2, consumers: 4 })
  room.removePeer(ann.peer)
  expect(counts).toMatchObject({ producers: 1, consumers: 1 })
  room.close()
  expect(counts).toMatchObject({ producers: 0, consumers: 0 })
})

test('a large room is consumed in portions between which the event loop turns', async () => {
  await using plain = await openPlainRoom()
  const { media, room } = plain
  const sources = ['microphone', 'camera', 'screen', 'screenAudio'] as const
  for (let count = 0; count < 15; count++) {
    const sender = await plain.addPeer()
    await Promise.all(
      sources.map((source, at) => Stream.open(room, sender, source, 10 * count + at + 1)),
    )
  }
  const receiver = await plain.addPeer()
  let turns = 0
  let isDone = false
  const turn = () => {
    turns += 1
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  const offers = await room.consumeAll(receiver.peer, media.router.capabilities, halted)
  isDone = true
  expect(offers).toHaveLength(60)
  // 60 consumes, 12 in flight: four portions follow the first, each in a turn of its own.
  expect(turns).toBeGreaterThanOrEqual(4)
})

test('after close everything is MEDIA_UNAVAILABLE and no event comes', async () => {
  await using plain = await openPlainRoom()
  const { room } = plain
  const ann = await plain.addPeer()
  const { producerId } = await Stream.open(room, ann, 'microphone', 1)
  const events = eventsOf(plain)
  room.close()
  room.close()
  expect(() => room.closeProducer(producerId)).toThrow(
    expect.objectContaining({ code: 'MEDIA_UNAVAILABLE' }),
  )
  await expect(room.addPeer(ann.peer)).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
  await expect(room.pauseProducer(producerId)).rejects.toMatchObject({ code: 'MEDIA_UNAVAILABLE' })
  expect(room.producers()).toEqual([])
  expect(events).toEqual([])
})

/** What comes to this peer, from the moment the worker knows its address. */
async function listening({ socket, recv }: PlainPeer): Promise<Arrivals> {
  const arrivals = new Arrivals(socket)
  const known = new Promise((resolve) => recv.once('tuple', resolve))
  socket.send(
    Buffer.from([0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 99]),
    recv.tuple.localPort,
    '127.0.0.1',
  )
  await known
  return arrivals
}

function eventsOf({ room }: PlainRoom): RoomMediaEvent[] {
  const events: RoomMediaEvent[] = []
  room.onEvent((event) => events.push(event))
  return events
}

const idsOf = (offers: readonly ConsumerOffer[]): ConsumerId[] =>
  offers.map(({ consumerId }) => consumerId)
