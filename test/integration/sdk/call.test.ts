import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CallError, newId, Sha256, type Params, type ProducerId } from '#protocol'
import type { JoinOptions } from '#sdk'
import { furnishBrowser, track } from './fake-browser.ts'
import { alice, me, noticed, offer, person, Scene, transports } from './scene.ts'

let scene: Scene

let browser: ReturnType<typeof furnishBrowser>

beforeAll(() => {
  browser = furnishBrowser()
})
afterAll(() => browser.remove())
afterEach(() => scene[Symbol.asyncDispose]())

async function inCall(options: Partial<JoinOptions> = {}): Promise<Scene> {
  scene = await Scene.open(options)
  return scene
}

/** Reads the page's announcements of its microphone and returns the id. */
async function announced(): Promise<ProducerId> {
  const { producerId } = await scene.answered('media.produce')
  return producerId
}

describe('joining', () => {
  test('connect and both streams are sent without waiting for any answer', async () => {
    await inCall({ microphone: track('audio'), camera: track('video') })
    await scene.enter()
    const requests = [await scene.line.next(), await scene.line.next(), await scene.line.next()]
    expect(requests).toMatchObject([
      { method: 'media.connect', params: { direction: 'send' } },
      { method: 'media.produce', params: { source: 'microphone', paused: false } },
      {
        method: 'media.produce',
        params: {
          source: 'camera',
          paused: false,
          rtpParameters: { codecs: [{ mimeType: 'video/VP8' }, {}] },
        },
      },
    ])
  })

  test('muted, a microphone is announced as paused and its track is silent', async () => {
    const microphone = track('audio')
    await inCall({ microphone, muted: true })
    await scene.enter()
    await scene.answered('media.connect')
    expect(await scene.answered('media.produce')).toMatchObject({
      source: 'microphone',
      paused: true,
    })
    expect(microphone.enabled).toBe(false)
    expect(scene.call.state.own.microphone.muted).toBe(true)
  })

  test('a stored secret brings the same person back with fresh media, and ends what the page before had sent', async () => {
    const store = { get: () => 'stored', set: () => {} }
    scene = await Scene.open({ resume: store })
    expect(scene.line.join).toMatchObject({ resume: 'stored', freshMedia: true })
    const left = newId.producer()
    await scene.enter({
      peers: [person(me, [{ producerId: left, source: 'camera', paused: false }])],
    })
    expect(await scene.answered('media.close')).toEqual({ producerId: left })
  })

  test('the streams in the snapshot play without a further word to the server', async () => {
    await inCall()
    await scene.enter({ consumers: [offer(alice, 'microphone', 'a'), offer(alice, 'camera', 'b')] })
    expect(await scene.line.request('media.connect')).toMatchObject({
      params: { direction: 'recv' },
    })
    await scene.until(({ streams }) => streams.get(alice)?.camera !== undefined)
    expect(Object.keys(scene.call.streams(alice))).toEqual(['microphone', 'camera'])
    scene.call.leave()
    expect(await scene.line.next()).toMatchObject({ method: 'session.leave' })
  })
})

describe('streams of others', () => {
  test('what comes by event is asked to flow in one message, once it can be played', async () => {
    await inCall()
    await scene.enter()
    scene.tell({
      event: 'media.consumers',
      params: { consumers: [offer(alice, 'microphone', 'a'), offer(alice, 'camera', 'b')] },
    })
    await scene.answered('media.connect')
    expect(await scene.answered('media.watch')).toEqual({ consumerIds: ['a', 'b'] })
  })

  test('faces that nobody looks at are halted, voices never, and only what changes is said', async () => {
    await inCall()
    const bob = newId.peer()
    await scene.enter({
      consumers: [
        offer(alice, 'microphone', 'am'),
        offer(alice, 'camera', 'ac'),
        offer(bob, 'camera', 'bc'),
        offer(bob, 'screen', 'bs'),
      ],
    })
    await scene.answered('media.connect')
    await scene.until(({ streams }) => streams.get(bob)?.screen !== undefined)
    scene.call.watchOnly([alice])
    expect(await scene.answered('media.unwatch')).toEqual({ consumerIds: ['bc'] })
    scene.call.watchOnly([bob], [])
    expect(await scene.answered('media.watch')).toEqual({ consumerIds: ['bc'] })
    expect(await scene.answered('media.unwatch')).toEqual({ consumerIds: ['ac', 'bs'] })
    scene.call.watchOnly([bob], [])
    scene.call.watchOnly('all')
    expect(await scene.answered('media.watch')).toEqual({ consumerIds: ['ac', 'bs'] })
  })

  test('when one of several was over already, the others are asked for again', async () => {
    await inCall()
    await scene.enter()
    scene.tell({
      event: 'media.consumers',
      params: { consumers: [offer(alice, 'microphone', 'a'), offer(alice, 'camera', 'b')] },
    })
    await scene.answered('media.connect')
    const { id } = await scene.line.request('media.watch')
    scene.tell({
      event: 'media.consumersClosed',
      params: { consumerIds: [offer(alice, 'camera', 'b').consumerId] },
    })
    scene.line.error(id, new CallError('NOT_FOUND', 'b is over'))
    expect(await scene.answered('media.watch')).toEqual({ consumerIds: ['a'] })
    expect(Object.keys(scene.call.streams(alice))).toEqual(['microphone'])
  })

  test('when all were over already, nothing is asked for', async () => {
    await inCall()
    await scene.enter()
    scene.tell({ event: 'media.consumers', params: { consumers: [offer(alice, 'camera', 'b')] } })
    await scene.answered('media.connect')
    const { id } = await scene.line.request('media.watch')
    scene.tell({
      event: 'media.consumersClosed',
      params: { consumerIds: [offer(alice, 'camera', 'b').consumerId] },
    })
    await scene.until(({ streams }) => !streams.has(alice))
    scene.line.error(id, new CallError('NOT_FOUND', 'b is over'))
    scene.tell({ event: 'peer.speaking', params: { peerIds: [alice] } })
    await scene.until((state) => state.connection === 'joined' && state.call.speaking.length === 1)
    scene.call.leave()
    expect(await scene.line.next()).toMatchObject({ method: 'session.leave' })
  })

  test('a newer stream of the same source is not taken away with the older one', async () => {
    await inCall()
    await scene.enter({ consumers: [offer(alice, 'camera', 'old')] })
    await scene.answered('media.connect')
    await scene.until(({ streams }) => streams.get(alice)?.camera !== undefined)
    const stream = scene.call.streams(alice).camera
    scene.tell({ event: 'media.consumers', params: { consumers: [offer(alice, 'camera', 'new')] } })
    await scene.answered('media.watch')
    scene.tell({
      event: 'media.consumersClosed',
      params: { consumerIds: [offer(alice, 'camera', 'old').consumerId] },
    })
    scene.tell({ event: 'peer.speaking', params: { peerIds: [alice] } })
    await scene.until((state) => state.connection === 'joined' && state.call.speaking.length === 1)
    expect(scene.call.streams(alice).camera).toBe(stream)
    expect(stream?.getTracks()).toHaveLength(1)
  })

  test('who leaves takes all streams along', async () => {
    await inCall()
    await scene.enter({ consumers: [offer(alice, 'camera', 'a')] })
    await scene.until(({ streams }) => streams.has(alice))
    scene.tell({ event: 'peer.left', params: { peerId: alice } })
    await scene.until(({ streams }) => !streams.has(alice))
    expect(scene.call.streams(alice)).toEqual({})
  })
})

describe('your own streams', () => {
  test('muting silences the track at once and tells the server, once', async () => {
    const microphone = track('audio')
    await inCall({ microphone })
    await scene.enter()
    await scene.answered('media.connect')
    const producerId = await announced()
    await scene.until(({ own }) => own.microphone.sending)
    scene.call.mute()
    expect(microphone.enabled).toBe(false)
    scene.call.mute()
    scene.call.unmute()
    expect(microphone.enabled).toBe(true)
    expect(await scene.answered('media.pause')).toEqual({ producerId })
    expect(await scene.answered('media.resume')).toEqual({ producerId })
  })

  test('another microphone takes the place of the first without another stream, and null ends it', async () => {
    await inCall({ microphone: track('audio') })
    await scene.enter()
    await scene.answered('media.connect')
    const producerId = await announced()
    await scene.call.setMicrophone(track('audio'))
    await scene.call.setMicrophone(null)
    expect(await scene.answered('media.close')).toEqual({ producerId })
    expect(scene.call.state.own.microphone).toEqual({ sending: false, muted: false, refused: null })
  })

  test('changes in quick succession end with what was wanted last', async () => {
    await inCall()
    await scene.enter()
    void scene.call.setCamera(track('video'))
    void scene.call.setCamera(null)
    await scene.call.setCamera(track('video'))
    await scene.answered('media.connect')
    await announced()
    await scene.until(({ own }) => own.camera.sending)
    scene.call.leave()
    expect(await scene.line.next()).toMatchObject({ method: 'session.leave' })
  })

  test.each(['first', 'second'])('the %s camera, unplugged, is no longer sent', async (which) => {
    const [first, second] = [track('video'), track('video')]
    await inCall({ camera: first })
    await scene.enter()
    await scene.answered('media.connect')
    const producerId = await announced()
    await scene.until(({ own }) => own.camera.sending)
    if (which === 'second') await scene.call.setCamera(second)
    if (which === 'second') second.end()
    else first.end()
    expect(await scene.answered('media.close')).toEqual({ producerId })
    expect(scene.call.state.own.camera.sending).toBe(false)
  })

  test.each(['answer', 'event'])(
    'a stream that the server refuses by %s is no longer sent, and says why',
    async (by) => {
      await inCall({ camera: track('video') })
      await scene.enter()
      await scene.answered('media.connect')
      const {
        id,
        params: { producerId },
      } = await scene.line.request('media.produce')
      if (by === 'answer') scene.line.error(id, new CallError('NOT_AUTHORIZED', 'no camera'))
      else
        scene.tell({
          event: 'media.producerRefused',
          params: { producerId, code: 'NOT_AUTHORIZED' },
        })
      await scene.until(({ own }) => own.camera.refused !== null)
      expect(scene.call.state.own.camera).toEqual({
        sending: false,
        muted: false,
        refused: 'NOT_AUTHORIZED',
      })
    },
  )
})

describe('coming back', () => {
  test('media stays as it is; what the server lost is sent again, and what it kept too much of is closed', async () => {
    await inCall({ microphone: track('audio'), camera: track('video') })
    await scene.enter()
    await scene.answered('media.connect')
    const microphone = await announced()
    const camera = await announced()
    await scene.until(({ own }) => own.microphone.sending && own.camera.sending)
    const stranger = newId.producer()
    scene.line.terminate()
    await scene.until(({ connection }) => connection === 'lost')
    scene.call.mute()
    scene.clock.advance(250)
    await scene.arrive()
    const sending = [
      { producerId: microphone, source: 'microphone' as const, paused: false },
      { producerId: stranger, source: 'screen' as const, paused: false },
    ]
    await scene.enter({ resumed: true, peers: [person(me, sending), person(alice)] })
    expect(await scene.answered('media.pause')).toEqual({ producerId: microphone })
    expect(await scene.answered('media.close')).toEqual({ producerId: stranger })
    const again = await scene.answered('media.produce')
    expect(again.source).toBe('camera')
    expect(again.producerId).not.toBe(camera)
    expect(scene.transports).toHaveLength(2)
  })

  test('a connect whose answer was lost is said again', async () => {
    await inCall({ microphone: track('audio') })
    await scene.enter()
    await scene.line.request('media.connect')
    const microphone = await announced()
    await scene.comeBack({
      peers: [person(me, [{ producerId: microphone, source: 'microphone', paused: false }])],
    })
    expect(await scene.answered('media.connect')).toMatchObject({ direction: 'send' })
  })

  test('the secret of the snapshot goes up, and streams are asked to flow again', async () => {
    await inCall()
    await scene.enter({ consumers: [offer(alice, 'camera', 'a')] })
    await scene.answered('media.connect')
    await scene.until(({ streams }) => streams.has(alice))
    const stream = scene.call.streams(alice).camera
    const joining = await scene.comeBack({
      consumers: [offer(alice, 'camera', 'a'), offer(alice, 'microphone', 'b')],
    })
    expect(joining).toMatchObject({ method: 'session.join', params: { resume: 'secret' } })
    expect(joining).not.toHaveProperty('params.freshMedia')
    expect(await scene.answered('media.watch')).toEqual({ consumerIds: ['a', 'b'] })
    expect(scene.call.streams(alice).camera).toBe(stream)
  })

  test('after a worker died, everything is sent over the new transports', async () => {
    await inCall({ microphone: track('audio') })
    await scene.enter()
    await scene.answered('media.connect')
    const before = await announced()
    scene.tell({ event: 'media.consumers', params: { consumers: [offer(alice, 'camera', 'a')] } })
    await scene.answered('media.connect')
    await scene.answered('media.watch')
    scene.tell({
      event: 'media.restarted',
      params: { transports: transports('second'), consumers: [] },
    })
    await scene.answered('media.connect')
    expect(scene.call.state.streams.size).toBe(0)
    expect((await scene.answered('media.produce')).producerId).not.toBe(before)
    expect(scene.transports.map(({ id, closed }) => [id, closed])).toEqual([
      ['first-send', true],
      ['first-recv', true],
      ['second-send', false],
      ['second-recv', false],
    ])
  })

  test('a stream refused while a worker restarts stays wanted', async () => {
    await inCall({ camera: track('video') })
    await scene.enter()
    await scene.answered('media.connect')
    const { id } = await scene.line.request('media.produce')
    await scene.until(({ own }) => own.camera.sending)
    scene.line.error(id, new CallError('MEDIA_UNAVAILABLE', 'restarting'))
    await scene.until(({ own }) => !own.camera.sending)
    scene.tell({
      event: 'media.restarted',
      params: { transports: transports('second'), consumers: [] },
    })
    await scene.answered('media.connect')
    expect(await scene.answered('media.produce')).toMatchObject({ source: 'camera' })
  })

  test('a failed path gets fresh ICE at once, a disconnected one after two seconds unless it came back', async () => {
    await inCall({ microphone: track('audio') })
    await scene.enter()
    await scene.answered('media.connect')
    await announced()
    const [send] = scene.transports
    const become = (state: string) =>
      send?.handler.emit('@connectionstatechange', state as 'failed')
    become('connected')
    become('disconnected')
    become('connected')
    become('disconnected')
    scene.clock.advance(2_000)
    become('failed') // A restart is under way: no second one.
    expect(
      await scene.answered('media.restartIce', {
        iceParameters: { usernameFragment: 'v', password: 'q' },
      }),
    ).toEqual({ direction: 'send' })
    scene.call.leave()
    expect(await scene.line.next()).toMatchObject({ method: 'session.leave' })
  })
})

describe('consent', () => {
  test('a notice is checked by this page itself before anything can be answered, and the answer is signed', async () => {
    await inCall()
    const consent = await scene.asked()
    const given = scene.call.decide(consent.requestId, consent.noticeSha256, 'given')
    const { index, seen: _, ...said } = await scene.decided()
    expect(said).toEqual({
      requestId: consent.requestId,
      noticeSha256: consent.noticeSha256,
      decision: 'given',
      decisionJws: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
    })
    const receipt = await given
    expect(receipt.verdict).toMatchObject({
      state: 'verified',
      what: { decision: 'given', signer: { by: 'person' }, requestId: consent.requestId, index },
    })
    expect(scene.call.state).toMatchObject({ receipts: [receipt] })
  })

  test('over a notice that its hash does not name nothing is answered, but a withdrawal always goes out', async () => {
    await inCall()
    const real = await noticed()
    const consent = { ...real, notice: real.notice.replace('Minutes', 'Adverts') }
    await scene.enter({ consent })
    await scene.until(
      (state) => state.connection === 'joined' && state.call.notice.state === 'mismatch',
    )
    for (const decision of ['given', 'refused'] as const) {
      await expect(
        scene.call.decide(consent.requestId, consent.noticeSha256, decision),
      ).rejects.toMatchObject({ code: 'NOTICE_MISMATCH' })
    }
    const withdrawn = scene.call.decide(consent.requestId, consent.noticeSha256, 'withdrawn')
    const said = await scene.decided()
    expect(said).toMatchObject({ decision: 'withdrawn' })
    expect(said.decisionJws).toBeUndefined()
    expect((await withdrawn).verdict).toMatchObject({ what: { signer: { by: 'server' } } })
  })

  test.each(['request', 'hash'])(
    'a yes to another %s than the one shown is not sent',
    async (other) => {
      await inCall()
      const consent = await scene.asked()
      const requestId = other === 'request' ? newId.request() : consent.requestId
      const hash = other === 'hash' ? Sha256.parse('f'.repeat(64)) : consent.noticeSha256
      await expect(scene.call.decide(requestId, hash, 'given')).rejects.toMatchObject({
        code: 'NOTICE_MISMATCH',
      })
    },
  )

  test('a yes before this page could bind its key is not sent', async () => {
    await inCall()
    const consent = await noticed()
    await scene.enter({ consent })
    await scene.until(
      (state) => state.connection === 'joined' && state.call.notice.state !== 'checking',
    )
    await expect(
      scene.call.decide(consent.requestId, consent.noticeSha256, 'given'),
    ).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
  })

  test('a decision whose answer was lost is said again, the same', async () => {
    await inCall()
    const consent = await scene.asked()
    const given = scene.call.decide(consent.requestId, consent.noticeSha256, 'given')
    const { params } = await scene.line.request('consent.decide')
    await scene.comeBack({ consent })
    // Coming back proves a newer tree meanwhile, so it may be said a third time.
    const again: Params<'consent.decide'>[] = []
    scene.line.serve('consent.decide', (words) => {
      again.push({ ...words, seen: params.seen })
      return scene.log.decide(words)
    })
    expect((await given).verdict).toMatchObject({ what: { decision: 'given', signer: { by: 'person' } } })
    for (const words of again) expect(words).toEqual(params)
  })

  test('a decision that could not be said before the call ended is known as lost', async () => {
    await inCall()
    const consent = await scene.asked()
    const given = scene.call.decide(consent.requestId, consent.noticeSha256, 'given')
    await scene.line.request('consent.decide')
    scene.line.close(4410)
    await expect(given).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('a page without a handler never says that the mark stands', async () => {
    await inCall()
    const consent = await noticed()
    await scene.enter({ consent })
    scene.line.ask(1, 'recording.show', { requestId: consent.requestId })
    expect(await scene.line.next()).toMatchObject({
      kind: 'error',
      error: { data: { code: 'NOT_FOUND' } },
    })
  })

  test('the answer comes when the page has shown the mark, also when asked before it knows of the request', async () => {
    await inCall()
    const consent = await noticed()
    const shown = Promise.withResolvers<void>()
    const wanted: string[] = []
    scene.call.onShow((requestId) => {
      const { state } = scene.call
      wanted.push(
        `${requestId} while ${state.connection === 'joined' ? state.call.consent.state : state.connection}`,
      )
      return shown.promise
    })
    scene.line.ask(1, 'recording.show', { requestId: consent.requestId })
    await scene.enter()
    scene.tell({ event: 'consent.changed', params: { consent } })
    await scene.until(
      (state) => state.connection === 'joined' && state.call.consent.state === 'asked',
    )
    scene.tell({ event: 'peer.left', params: { peerId: alice } })
    await scene.until((state) => state.connection === 'joined' && state.call.people.length === 1)
    expect(wanted).toEqual([`${consent.requestId} while asked`])
    shown.resolve()
    expect(await scene.line.next()).toEqual({ kind: 'result', id: 1, result: {} })
  })

  test('a mark that cannot be shown is not claimed', async () => {
    await inCall()
    const consent = await noticed()
    scene.call.onShow(() => Promise.reject(new Error('hidden')))
    await scene.enter({ consent })
    scene.line.ask(1, 'recording.show', { requestId: consent.requestId })
    expect(await scene.line.next()).toMatchObject({ kind: 'error', id: 1 })
  })
})

test('a try still comes when its timer rang before its time', async () => {
  await inCall()
  await scene.enter()
  scene.line.terminate()
  await scene.until(({ connection }) => connection === 'lost')
  scene.clock.setBack(100)
  scene.clock.advance(250)
  scene.clock.advance(100)
  expect(await scene.arrive()).toMatchObject({ method: 'session.join' })
})

describe('token and end', () => {
  test('a fresh token takes the place of the one that runs out, also for coming back', async () => {
    await inCall({ getToken: async () => 'second' })
    await scene.enter()
    scene.tell({ event: 'session.expiring', params: { inMs: 60_000 } })
    const { grants } = scene.call.state.connection === 'joined' ? scene.call.state.call : {}
    const { token } = await scene.answered('session.renew', {
      grants: { ...grants, publish: [] },
      expiresInMs: 900_000,
    })
    expect(token).toBe('second')
    await scene.until(
      (state) => state.connection === 'joined' && state.call.grants.publish.length === 0,
    )
    await scene.comeBack()
    expect(scene.line.offered).toContain('assent.jwt.second')
  })

  test('a refused token is replaced once, before the person has to sign in again', async () => {
    const tokens = ['second']
    await inCall({
      getToken: async () => tokens.shift() ?? Promise.reject(new Error('signed out')),
    })
    scene.line.close(4402)
    await scene.arrive()
    expect(scene.line.offered).toContain('assent.jwt.second')
    scene.line.close(4402)
    await scene.until(({ connection }) => connection === 'ended')
    expect(scene.call.state).toMatchObject({ ended: { code: 'TOKEN_EXPIRED', retryable: true } })
  })

  test('a sign-in that is gone ends it with the need to sign in', async () => {
    await inCall({ getToken: () => Promise.reject(new Error('signed out')) })
    scene.line.close(4401)
    await scene.until(({ connection }) => connection === 'ended')
    expect(scene.call.state).toMatchObject({ ended: { code: 'UNAUTHENTICATED', retryable: true } })
  })

  test('who left while a fresh token was on its way is not brought back by it', async () => {
    const token = Promise.withResolvers<string>()
    await inCall({ getToken: () => token.promise })
    scene.line.close(4402)
    await scene.line.closed
    scene.call.leave()
    token.resolve('second')
    await token.promise
    const marker = new WebSocket(scene.server.url, 'assent.v1')
    expect((await scene.server.next()).offered).toEqual(['assent.v1'])
    marker.close()
  })

  test('when the network is back, the page tries at once, and gives media a new path', async () => {
    await inCall({ microphone: track('audio') })
    await scene.enter()
    await scene.answered('media.connect')
    const microphone = await announced()
    scene.transports[0]?.handler.emit('@connectionstatechange', 'connected')
    scene.line.terminate()
    await scene.until(({ connection }) => connection === 'lost')
    browser.window.dispatchEvent(new Event('online'))
    await scene.arrive()
    await scene.enter({
      resumed: true,
      peers: [person(me, [{ producerId: microphone, source: 'microphone', paused: false }])],
    })
    browser.window.dispatchEvent(new Event('online'))
    await scene.answered('session.ping', { now: 1 })
    expect(
      await scene.answered('media.restartIce', {
        iceParameters: { usernameFragment: 'v', password: 'q' },
      }),
    ).toEqual({ direction: 'send' })
    scene.call.leave()
    expect(scene.clock.pending).toBe(0)
  })

  test('leaving says so, closes everything and forgets the secret', async () => {
    await inCall({ microphone: track('audio') })
    await scene.enter()
    await scene.answered('media.connect')
    await announced()
    scene.tell({ event: 'media.consumers', params: { consumers: [offer(alice, 'camera', 'a')] } })
    await scene.answered('media.connect')
    await scene.answered('media.watch')
    expect(scene.kept).toBe('secret')
    scene.call.leave()
    expect(await scene.line.next()).toMatchObject({ method: 'session.leave' })
    await scene.line.closed
    expect(scene.call.state).toMatchObject({
      connection: 'ended',
      ended: { code: 'LEFT' },
      own: { microphone: { sending: false } },
    })
    expect(scene.call.state.streams.size).toBe(0)
    expect(scene.kept).toBeNull()
    expect(scene.transports.every(({ closed }) => closed)).toBe(true)
    expect(scene.clock.pending).toBe(0)
    await expect(scene.call.cancel(newId.request())).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    })
  })

  test('a snapshot that never comes is waited for 8 seconds at a time, 30 in all', async () => {
    await inCall()
    scene.clock.advance(8_000)
    await scene.line.closed
    scene.clock.advance(250)
    await scene.arrive()
    scene.clock.advance(21_750)
    expect(scene.call.state).toMatchObject({
      connection: 'ended',
      ended: { code: 'CONNECTION_LOST', retryable: true },
    })
  })
})
