import { describe, expect, test } from 'vitest'
import { RoomId } from '#protocol'
import { pass, Page, principal } from './page.ts'
import { rtpParameters } from './fake-media.ts'
import { Scene } from './scene.ts'

const names = (page: Page) => page.snapshot.peers.map(({ name }) => name)

describe('coming in', () => {
  test('one message holds everything; what comes later is numbered from there without a gap', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const producerId = await host.send()
    const alice = await scene.join('alice')
    expect(alice.snapshot).toMatchObject({
      resumed: false,
      peers: [{ name: 'host', sending: [{ producerId, source: 'microphone' }] }, { name: 'alice' }],
    })
    expect(scene.media.last.received).toMatchObject([
      { producerId, to: alice.snapshot.you, paused: false },
    ])
    await host.send('camera')
    const offered = () => alice.all('media.consumers').flatMap(({ consumers }) => consumers)
    await scene.until(() => offered().some(({ source }) => source === 'camera'))
    expect(scene.media.last.received.at(-1)).toMatchObject({ to: alice.snapshot.you, paused: true })
    expect(alice.events.map(({ n }) => n)).toEqual(alice.events.map((_, at) => at + 1))
    expect(alice.events[0]?.event.event).toBe('session.joined')
  })

  test('a stream that comes while the snapshot is being made is in it, flowing, and one that ends meanwhile is not', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const held = Promise.withResolvers<void>()
    scene.media.last.beforeTransports = () => held.promise
    const alice = scene.page('alice')
    const joining = alice.join()
    const [camera, microphone] = [await host.send('camera'), await host.send()]
    await scene.until(() => scene.media.last.received.length === 2)
    await host.seat.request('media.close', { producerId: camera })
    held.resolve()
    await joining
    expect(alice.snapshot.consumers.map(({ producerId }) => producerId)).toEqual([microphone])
    expect(scene.media.last.received).toMatchObject([{ producerId: microphone, paused: false }])
    expect(alice.events).toHaveLength(1)
  })

  test('requests right behind the join wait for it; before any join they are refused', async () => {
    const scene = await Scene.open()
    const page = scene.page('host')
    await expect(page.seat.request('session.ping', {})).rejects.toMatchObject({
      code: 'NOT_JOINED',
    })
    const joining = page.join()
    await expect(page.send()).resolves.toMatch(/^prod_/)
    await joining
  })

  test('a join that came with the upgrade is not repeated by the message', async () => {
    const scene = await Scene.open()
    const page = new Page(scene.rooms, principal('host'), pass())
    await page.join()
    expect([page.events.length, names(page), scene.rooms.count]).toEqual([
      1,
      ['host'],
      { rooms: 1, people: 1 },
    ])
  })

  test('a join that failed may be tried again on the same connection', async () => {
    const scene = await Scene.open()
    const page = new Page(scene.rooms, principal('host'), pass({ resume: 'unknown' }))
    await expect(page.join({ resume: 'unknown' })).rejects.toMatchObject({ code: 'RESUME_FAILED' })
    await page.join()
    expect(names(page)).toEqual(['host'])
  })

  test('a room that nobody could enter is closed', async () => {
    const scene = await Scene.open()
    await expect(
      scene
        .join('host', {}, {})
        .then(() => scene.page('other', { room: RoomId.parse('b') }).join({ resume: 'unknown' })),
    ).rejects.toMatchObject({ code: 'RESUME_FAILED' })
    expect(scene.rooms.count).toEqual({ rooms: 1, people: 1 })
    await scene.until(() => scene.media.rooms[1]?.isClosed === true)
  })

  test('stale capabilities, a full room, an unknown issuer and a refused minor each get their code', async () => {
    const scene = await Scene.open({ maxPeople: 1, refuseMinors: true })
    const page = scene.page('host')
    await expect(
      page.seat.request('session.join', { ...pass(), router: 'a'.repeat(64) as never }),
    ).rejects.toMatchObject({ code: 'CAPABILITIES_STALE' })
    await expect(scene.join('kid', { minor: true })).rejects.toMatchObject({
      code: 'MINOR_REFUSED',
    })
    await expect(scene.join('eve', { issuer: 'https://elsewhere.test' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    await page.join()
    await expect(scene.join('alice')).rejects.toMatchObject({ code: 'ROOM_FULL' })
  })

  test('P21 the same room name of two issuers is two rooms', async () => {
    const scene = await Scene.open()
    const [a, b] = [
      await scene.join('host'),
      await scene.join('host', { issuer: 'https://other.example' }),
    ]
    expect([names(a), names(b), scene.rooms.count.rooms]).toEqual([['host'], ['host'], 2])
    await a.send()
    await scene.ask(a)
    await scene.idle()
    expect(b.events).toHaveLength(1)
    expect(a.snapshot.session.id).not.toBe(b.snapshot.session.id)
  })

  test('one issuer, one subject, two pages: one person, two peers', async () => {
    const scene = await Scene.open()
    const [one, two] = [await scene.join('host'), await scene.join('host')]
    expect(one.snapshot.you).not.toBe(two.snapshot.you)
    await scene.ask(one)
    await one.decide('given')
    expect(two.view).toMatchObject({ you: 'given', total: 1 })
  })
})

describe('going', () => {
  test('who left has no say any more, whatever the connection still sends', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const leaving = host.leave()
    await expect(scene.ask(host)).rejects.toMatchObject({ code: 'NOT_JOINED' })
    await leaving
    expect(alice.all('peer.left')).toEqual([{ peerId: host.snapshot.you }])
    expect(scene.rooms.count).toEqual({ rooms: 1, people: 1 })
    host.lose()
    expect(alice.all('peer.left')).toHaveLength(1)
  })

  test('the last one takes the room along, with its media and its session', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const first = scene.media.last
    await host.leave()
    expect(scene.rooms.count).toEqual({ rooms: 0, people: 0 })
    await scene.until(() => first.isClosed)
    const again = await scene.join('host')
    expect(again.snapshot.session.id).not.toBe(host.snapshot.session.id)
  })

  test('a lost connection keeps its place for thirty seconds and is seen as lost', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    alice.lose()
    expect(host.all('peer.changed').at(-1)).toMatchObject({
      peer: { name: 'alice', connected: false },
    })
    await scene.pass(29_999)
    expect(host.all('peer.left')).toEqual([])
    await scene.pass(1)
    expect(host.all('peer.left')).toEqual([{ peerId: alice.snapshot.you }])
  })

  test('a connection lost while it was joining leaves after the grace too', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const held = Promise.withResolvers<void>()
    scene.media.last.beforeTransports = () => held.promise
    const alice = scene.page('alice')
    const joining = alice.join()
    alice.lose()
    held.resolve()
    await joining
    await scene.pass(30_000)
    expect(host.all('peer.left')).toHaveLength(1)
  })
})

describe('coming back', () => {
  test('the same page goes on: its number, its transports, its streams', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const producerId = await alice.send()
    alice.lose()
    const again = await scene.page('alice').join({ resume: alice.snapshot.resume })
    expect(again.snapshot).toMatchObject({
      you: alice.snapshot.you,
      resumed: true,
      transports: alice.snapshot.transports,
    })
    expect(again.events[0]?.n).toBe(alice.events.length + 1)
    expect(host.all('peer.changed').at(-1)).toMatchObject({
      peer: { connected: true, sending: [{ producerId }] },
    })
    await scene.pass(60_000)
    expect(host.all('peer.left')).toEqual([])
  })

  test('a page that was loaded anew gets fresh media', async () => {
    const scene = await Scene.open()
    const alice = await scene.join('alice')
    await alice.send()
    alice.lose()
    const again = await scene
      .page('alice')
      .join({ resume: alice.snapshot.resume, freshMedia: true })
    expect(again.snapshot).toMatchObject({
      you: alice.snapshot.you,
      resumed: false,
      peers: [{ sending: [] }],
    })
    expect(again.snapshot.transports).not.toEqual(alice.snapshot.transports)
  })

  test('the older connection is replaced and its end harms nothing', async () => {
    const scene = await Scene.open()
    const alice = await scene.join('alice')
    const again = await scene.page('alice').join({ resume: alice.snapshot.resume })
    expect(alice.closedWith).toEqual(['REPLACED'])
    alice.lose()
    await scene.pass(60_000)
    await expect(again.seat.request('session.ping', {})).resolves.toBeDefined()
    expect(scene.rooms.count.rooms).toBe(1)
  })

  test.each([
    ['another person', principal('bob')],
    ['another issuer', principal('alice', { issuer: 'https://other.example' })],
    ['another age', principal('alice', { minor: true })],
  ])('the secret is of no use to %s', async (_, who) => {
    const scene = await Scene.open()
    const alice = await scene.join('alice')
    const thief = new Page(scene.rooms, who)
    await expect(thief.join({ resume: alice.snapshot.resume })).rejects.toMatchObject({
      code: 'RESUME_FAILED',
    })
    expect(alice.closedWith).toEqual([])
  })

  test('one that fails half-way keeps the place for another try, and no longer', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    alice.lose()
    scene.media.last.beforeTransports = () => Promise.reject(new Error('no port'))
    const again = scene.page('alice')
    await expect(again.join({ resume: alice.snapshot.resume })).rejects.toThrow('no port')
    scene.media.last.beforeTransports = async () => undefined
    await again.join({ resume: alice.snapshot.resume })
    expect([again.closedWith, again.snapshot.you]).toEqual([[], alice.snapshot.you])
    again.lose()
    await scene.pass(30_000)
    expect(host.all('peer.left')).toHaveLength(1)
  })

  test('a narrower token ends what it does not grant', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    const camera = await alice.send('camera')
    alice.lose()
    const again = await scene
      .page('alice', {}, { publish: ['microphone'], subscribe: false })
      .join({ resume: alice.snapshot.resume })
    expect(scene.media.last.producers().some(({ producerId }) => producerId === camera)).toBe(false)
    expect(again.snapshot.consumers).toEqual([])
    expect(scene.media.last.received.filter(({ to }) => to === alice.snapshot.you)).toEqual([])
  })
})

describe('P17 a token', () => {
  test('grants each source by itself', async () => {
    const scene = await Scene.open()
    const page = await scene.join('alice', {}, { publish: ['microphone'] })
    await page.send()
    await expect(page.send('camera')).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  })

  test('that is renewed narrows at once: streams end, and seeing ends with them', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    await scene.until(() => scene.media.last.received.length === 1)
    const camera = await alice.send('camera')
    const next = principal('alice', {}, { publish: [], subscribe: false })
    expect(alice.seat.renew(next).grants).toMatchObject({ publish: [], subscribe: false })
    expect(alice.all('media.producerRefused')).toEqual([
      { producerId: camera, code: 'NOT_AUTHORIZED' },
    ])
    await scene.until(() => alice.all('media.restarted').length === 1)
    expect(scene.media.last.received.filter(({ to }) => to === alice.snapshot.you)).toEqual([])
    await host.send('camera')
    await scene.idle()
    expect(alice.all('media.consumers').length).toBeLessThanOrEqual(1)
    expect(scene.media.last.received.filter(({ to }) => to === alice.snapshot.you)).toEqual([])
    await expect(alice.send()).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  })

  test('that is renewed while its page is joining narrows as well', async () => {
    const scene = await Scene.open()
    await scene.join('alice')
    const held = Promise.withResolvers<void>()
    let isMade = false
    scene.media.last.beforeTransports = () => {
      isMade = true
      return held.promise
    }
    const page = scene.page('host')
    const joining = page.join()
    await scene.until(() => isMade)
    page.seat.renew(principal('host', {}, { record: false }))
    held.resolve()
    await joining
    await expect(scene.ask(page)).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  })

  test('about to run out is told', async () => {
    const scene = await Scene.open()
    const page = await scene.join('host')
    page.seat.expiring(60_000)
    expect(page.all('session.expiring')).toEqual([{ inMs: 60_000 }])
  })
})

describe('streams', () => {
  test('only their owner may touch them', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const producerId = await host.send()
    for (const method of ['media.pause', 'media.resume', 'media.close'] as const) {
      await expect(alice.seat.request(method, { producerId })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
    }
    await host.seat.request('media.pause', { producerId })
    expect(alice.all('peer.changed').at(-1)).toMatchObject({
      peer: { sending: [{ producerId, paused: true }] },
    })
    await host.seat.request('media.close', { producerId })
    expect(alice.all('peer.changed').at(-1)).toMatchObject({ peer: { sending: [] } })
    expect(scene.media.last.producers()).toEqual([])
  })

  test('what is sent in one go reaches each page in one message; the sender gets none of it', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await Promise.all([host.send(), host.send('camera'), host.send('screen')])
    await scene.until(() => alice.all('media.consumers').length > 0)
    expect(alice.all('media.consumers').map(({ consumers }) => consumers.length)).toEqual([3])
    expect(host.all('media.consumers')).toEqual([])
  })

  test('reach many pages, at most twelve being set up at once', async () => {
    const scene = await Scene.open({ maxPeople: 40 })
    const host = await scene.join('host')
    const pages = await Promise.all(Array.from({ length: 30 }, (_, at) => scene.join(`p${at}`)))
    scene.media.last.beforeConsume = () => new Promise((done) => setImmediate(done))
    await host.send()
    await scene.until(() => pages.every((page) => page.all('media.consumers').length === 1))
    expect(scene.media.last.mostConsuming).toBe(12)
  })

  test('one that cannot be set up is left out, reported, and stops nothing after it', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const cause = new Error('worker')
    scene.media.last.beforeConsume = () => Promise.reject(cause)
    await host.send()
    await scene.until(() => scene.failures.length > 0)
    scene.media.last.beforeConsume = async () => undefined
    await host.send('camera')
    await scene.until(() => alice.all('media.consumers').length === 1)
    expect(scene.failures).toEqual([cause])
  })

  test('who is speaking is told to all', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    scene.media.last.speak([host.snapshot.you])
    expect(alice.all('peer.speaking')).toEqual([{ peerIds: [host.snapshot.you] }])
  })

  test('a produce that is refused is not shown to anyone', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const producerId = await host.send()
    const before = alice.events.length
    await expect(
      alice.seat.request('media.produce', {
        producerId,
        source: 'camera',
        rtpParameters,
        paused: false,
      }),
    ).rejects.toMatchObject({ code: 'MEDIA_REFUSED' })
    expect(
      alice.events.slice(before).filter(({ event }) => event.event === 'peer.changed'),
    ).toEqual([])
  })
})

describe('a media worker that dies', () => {
  test('is replaced for its room; the pages get fresh transports', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const other = await scene.join('other', { room: RoomId.parse('other') })
    const [mine] = scene.media.rooms
    scene.media.lose(mine!)
    await scene.until(() => [host, alice].every((page) => page.all('media.restarted').length === 1))
    expect(host.all('media.restarted')[0]?.transports).not.toEqual(host.snapshot.transports)
    expect(other.all('media.restarted')).toEqual([])
    await host.send()
    await scene.until(() => alice.all('media.consumers').length === 1)
  })

  test('while a page was away: it learns from its snapshot that nothing of its media holds', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    alice.lose()
    scene.media.lose(scene.media.last)
    await scene.until(() => host.all('media.restarted').length === 1)
    const again = await scene.page('alice').join({ resume: alice.snapshot.resume })
    expect(again.snapshot).toMatchObject({ you: alice.snapshot.you, resumed: false })
    const once = await scene.page('alice').join({ resume: again.snapshot.resume })
    expect(once.snapshot).toMatchObject({ resumed: true, transports: again.snapshot.transports })
  })

  test('twice in a row is survived', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const held = Promise.withResolvers<void>()
    scene.media.prepare = (room) => {
      room.beforeTransports = () => held.promise
    }
    scene.media.lose(scene.media.last)
    await scene.until(
      () => scene.media.rooms.length === 2 && scene.media.last.hasPeer(host.snapshot.you),
    )
    scene.media.prepare = () => undefined
    scene.media.lose(scene.media.last)
    held.resolve()
    await scene.until(() => host.all('media.restarted').length === 1)
    expect([host.closedWith, scene.media.rooms.length]).toEqual([[], 3])
  })

  test('with none to take its place ends the room, and leaves nobody behind in it', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    scene.media.beforeOpen = () => Promise.reject(new Error('no worker'))
    scene.media.lose(scene.media.last)
    await scene.until(() => host.closedWith.length > 0)
    expect([host.closedWith, alice.closedWith]).toEqual([['SERVER_STOPPING'], ['SERVER_STOPPING']])
    host.lose()
    alice.lose()
    expect(scene.rooms.count).toEqual({ rooms: 0, people: 0 })
    scene.media.beforeOpen = async () => undefined
    expect(names(await scene.join('host'))).toEqual(['host'])
  })

  test('while its room empties leaves no media behind', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const held = Promise.withResolvers<void>()
    scene.media.beforeOpen = () => held.promise
    scene.media.lose(scene.media.last)
    await host.leave()
    await scene.idle()
    held.resolve()
    await scene.until(() => scene.media.rooms.length === 2)
    await scene.until(() => scene.media.last.isClosed)
  })

  test('ends the streams that were recorded, and the recording goes on with the new ones', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    await scene.record(host, [alice])
    scene.media.lose(scene.media.last)
    await scene.until(() => host.all('media.restarted').length === 1)
    await scene.until(() => scene.tappedOf().length === 0)
    await host.send()
    await scene.until(() => scene.tappedOf().length === 1)
    expect(host.view.state).toBe('recording')
  })
})

describe('who said no', () => {
  test.each(['alice', 'bob'])(
    'L6 nobody can tell that it was %s: the others hear the same words, at the same times',
    async (who) => {
      const scene = await Scene.open()
      const host = await scene.join('host')
      const pages = { alice: await scene.join('alice'), bob: await scene.join('bob') }
      const others = [host, who === 'alice' ? pages.bob : pages.alice]
      await scene.ask(host)
      await host.decide('given')
      const before = others.map((page) => page.events.length)
      await pages[who as 'alice' | 'bob'].decide('refused')
      await scene.idle()
      expect(
        others.map((page) => page.events.length),
        'nothing is told at the click',
      ).toEqual(before)
      await scene.pass(999)
      expect(
        others.map((page) => page.events.length),
        'nor within a second of it',
      ).toEqual(before)
      await scene.pass(4000)
      const heard = others.map((page, at) =>
        page.events
          .slice(before[at])
          .map(({ event }) =>
            event.event === 'consent.changed'
              ? [
                  event.params.consent.state,
                  'outcome' in event.params.consent
                    ? event.params.consent.outcome
                    : 'answered' in event.params.consent
                      ? event.params.consent.answered
                      : null,
                ]
              : event.event,
          ),
      )
      expect(heard).toEqual([[['ended', 'declined']], [['ended', 'declined']]])
    },
  )
})

test('the recorder stands in the list of people while there is one', async () => {
  const scene = await Scene.open()
  const [host, alice] = [await scene.join('host'), await scene.join('alice')]
  await host.send()
  const requestId = await scene.record(host, [alice])
  const recorder = alice.all('peer.joined').at(-1)?.peer
  expect(recorder).toMatchObject({ kind: 'recorder', name: 'Recorder' })
  const late = await scene.join('late')
  expect(names(late)).toEqual(['host', 'alice', 'late', 'Recorder'])
  await host.seat.request('recording.stop', { requestId })
  expect(alice.all('peer.left')).toEqual([{ peerId: recorder?.peerId }])
  await expect(scene.metrics.expose()).resolves.toMatchObject({
    text: expect.stringMatching(/assent_recorder_consumers_without_permit 0/),
  })
})
