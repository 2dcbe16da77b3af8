import { describe, expect, test } from 'vitest'
import { ReaderId, RoomId, Sha256 } from '#protocol'
import { asking } from '../consent/settings.ts'
import { Scene } from './scene.ts'

/** A call of two, each with a microphone, that is being recorded. */
async function recorded(policy: 'everyone' | 'each' = 'everyone') {
  const scene = await Scene.open()
  const [host, alice] = [await scene.join('host'), await scene.join('alice')]
  await host.send()
  await alice.send()
  const requestId = await scene.record(host, [alice], { policy })
  await scene.until(() => scene.tappedOf().length === 2)
  return { scene, host, alice, requestId }
}

describe('starting', () => {
  test('L1 the recorder is not even made before the gate is durable', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    scene.log.hold(({ core }) => core.type === 'gate-open')
    await scene.ask(host)
    await Promise.all([host.decide('given'), alice.decide('given')])
    await scene.pass(5000)
    await scene.until(() => scene.log.held.includes('gate-open'))
    expect(scene.calls.filter((call) => !call.startsWith('logged'))).toEqual([])
    expect([host.shows, alice.shows]).toEqual([[], []])
    expect(host.view.state).toBe('asked')
    scene.log.release()
    await scene.until(() => scene.tappedOf().length === 1)
    expect(scene.calls.indexOf('logged gate-open')).toBeLessThan(scene.calls.indexOf('new'))
  })

  test('L1 no yes counts before it is durable', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.ask(host)
    await host.decide('given')
    scene.log.hold(({ core }) => core.type === 'decision')
    const deciding = alice.decide('given')
    await scene.pass(50_000)
    expect(alice.view).toMatchObject({ state: 'asked', you: 'answering' })
    scene.log.release()
    await deciding
    await scene.pass(5000)
    await scene.until(() => host.view.state === 'recording')
  })

  test('L31 a log that cannot be written refuses the request, and the call goes on', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    scene.log.failFor(() => true)
    await expect(scene.ask(host)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    await expect(scene.ask(host)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    await host.send()
    expect((await scene.join('alice')).snapshot.consumers).toHaveLength(1)
  })

  test('L31 a gate that cannot be written opens nothing', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    scene.log.failFor(({ core }) => core.type === 'gate-open')
    await scene.ask(host)
    await Promise.all([host.decide('given'), alice.decide('given')])
    await scene.pass(5000)
    await scene.until(() => host.view.state === 'ended')
    expect(host.view).toMatchObject({ outcome: 'logFailed' })
    expect(scene.calls).not.toContain('new')
    expect(alice.view.state).toBe('ended')
  })

  test('L14 whoever has not been shown the mark is not recorded, however long it takes', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    await alice.send()
    alice.onShow = () => new Promise(() => undefined)
    await scene.record(host, [alice])
    await scene.pass(60_000)
    await alice.send('camera')
    await scene.idle()
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    expect(alice.view.state).toBe('recording')
  })

  test('the notice that goes with the recording is the one that was shown, and its readers are those it names', async () => {
    const { scene, host } = await recorded()
    const { view } = host
    const about = scene.vault.last?.about
    expect(view).toMatchObject({
      state: 'recording',
      notice: about?.notice,
      noticeSha256: about?.noticeSha256,
    })
    expect(about?.readers.map(({ readerId }) => readerId)).toEqual(['minutes'])
  })
})

test('a recording in which nobody sends anything has no recorder, and its log holds', async () => {
  const scene = await Scene.open()
  const [host, alice] = [await scene.join('host'), await scene.join('alice')]
  const { requestId } = await scene.ask(host)
  await Promise.all([host.decide('given'), alice.decide('given')])
  await scene.pass(5000)
  await scene.until(() => host.view.state === 'recording')
  await scene.idle()
  await host.seat.request('recording.stop', { requestId })
  await scene.idle()
  expect(scene.calls.filter((call) => !call.startsWith('logged'))).toEqual([])
  expect((await scene.report()).findings).toEqual([])
})

describe('stopping', () => {
  test('L11 a withdrawal closes the gate at once, though the log writes nothing', async () => {
    const { scene, host, alice } = await recorded()
    scene.log.hold(() => true)
    scene.calls.length = 0
    void alice.decide('withdrawn')
    expect(scene.calls).toEqual(['revoke all'])
    expect(scene.tappedOf()).toEqual([])
    expect([alice.view, host.view]).toMatchObject([
      { state: 'ended', outcome: 'notAll' },
      { state: 'ended', outcome: 'notAll' },
    ])
    scene.log.release()
    await scene.idle()
    expect(scene.calls).toEqual([
      'revoke all',
      'logged decision withdrawn',
      'logged gate-closed',
      'endInterval',
      'logged effect-stopped',
      'logged request-over',
      'finish',
      'logged effect-stopped',
    ])
  })

  test('L11 under each it takes out one person, behind an apply that hangs', async () => {
    const { scene, host, alice } = await recorded('each')
    const hanging = Promise.withResolvers<void>()
    scene.vault.beforeApply = () => hanging.promise
    await host.send('camera')
    await scene.until(() => scene.calls.at(-1)?.includes('camera') ?? false)
    void alice.decide('withdrawn')
    expect(scene.calls.at(-1)).toBe('revoke alice')
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    hanging.resolve()
    await scene.idle()
    expect(scene.tappedOf()).toEqual(['host/camera', 'host/microphone'])
  })

  test('L12 the reply to a withdrawal comes when it is durable, with its place in the log', async () => {
    const { scene, alice } = await recorded()
    await scene.idle()
    scene.log.hold(() => true)
    let index: number | undefined
    const reply = alice.decide('withdrawn').then((result) => {
      index = result.index
    })
    await scene.idle()
    expect(index).toBeUndefined()
    scene.log.hold(({ core }) => core.type === 'gate-closed')
    scene.log.letGo()
    await reply
    expect(index).toBe((await scene.report()).size - 1)
  })

  test('a stream that the recorder keeps although its person withdrew is counted as without a permit', async () => {
    const { scene, alice } = await recorded('each')
    const figure = async () =>
      /^assent_recorder_consumers_without_permit (\d+)$/m.exec(
        (await scene.metrics.expose()).text,
      )?.[1]
    expect(await figure()).toBe('0')
    scene.vault.keepsTaps = true
    await alice.decide('withdrawn')
    expect(await figure()).toBe('1')
  })

  test('L31 a recording whose log fails stops; the call goes on', async () => {
    const { scene, host, alice } = await recorded()
    scene.log.failFor(() => true)
    await host.send('camera')
    await scene.until(() => host.view.state === 'ended')
    expect(host.view).toMatchObject({ outcome: 'logFailed' })
    expect(scene.tappedOf()).toEqual([])
    await scene.until(() => scene.calls.includes('finish'))
    await expect(alice.seat.request('session.ping', {})).resolves.toEqual({ now: Date.now() })
    expect(alice.closedWith).toEqual([])
  })

  test('a recorder that fails ends the recording and is reported; what is sealed is closed', async () => {
    const { scene, host } = await recorded()
    const cause = new Error('gone')
    scene.vault.last?.about.onFailed('died', cause)
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'recorderFailed' })
    expect(scene.failures).toEqual([cause])
    await scene.idle()
    expect(scene.calls.slice(-7)).toEqual([
      'revoke all',
      'logged gate-closed',
      'endInterval',
      'logged effect-stopped',
      'logged request-over',
      'finish',
      'logged effect-stopped',
    ])
  })

  test('a recorder that cannot start ends it too', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    scene.vault.beforeApply = () => Promise.reject(new Error('no process'))
    await scene.ask(host)
    await Promise.all([host.decide('given'), alice.decide('given')])
    await scene.pass(5000)
    await scene.until(() => host.view.state === 'ended')
    expect(host.view).toMatchObject({ outcome: 'recorderFailed' })
  })

  test('a host who leaves ends it; one who is lost has their place kept for thirty seconds', async () => {
    const { scene, host, alice } = await recorded()
    host.lose()
    await scene.pass(29_999)
    expect(alice.view.state).toBe('recording')
    await scene.pass(1)
    expect(alice.view).toMatchObject({ state: 'ended', outcome: 'hostLeft' })
  })

  test('a host who took over keeps it running when the one who asked leaves', async () => {
    const { scene, host, alice, requestId } = await recorded()
    await expect(alice.seat.request('recording.takeOver', { requestId })).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
    })
    const second = await scene.join('second', {}, { host: true })
    await second.decide('given')
    await scene.until(() => alice.view.state === 'recording')
    await second.seat.request('recording.takeOver', { requestId })
    await host.leave()
    expect(alice.view).toMatchObject({ state: 'recording', youControl: false })
    await second.seat.request('recording.stop', { requestId })
    expect(alice.view).toMatchObject({ state: 'ended', outcome: 'stopped' })
  })

  test('L33 the last person who is in it leaves: nothing records an empty call', async () => {
    const { scene, host, alice } = await recorded('each')
    await host.decide('withdrawn')
    await alice.leave()
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'empty' })
    expect(scene.tappedOf()).toEqual([])
  })

  test('a server that stops ends recordings, and takes requests back that are being answered', async () => {
    const { scene, host } = await recorded()
    const other = await scene.join('host', { room: RoomId.parse('other') })
    await scene.ask(other)
    await scene.rooms.drain(10_000)
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'stopped' })
    expect(other.view).toMatchObject({ state: 'ended', outcome: 'cancelled' })
    expect(host.all('session.stopping')).toEqual([{ inMs: 10_000 }])
    await expect(scene.ask(other, { purpose: 'training' })).rejects.toMatchObject({
      code: 'SERVER_STOPPING',
    })
    await expect(scene.join('late')).rejects.toMatchObject({ code: 'SERVER_STOPPING' })
    expect((await scene.report()).findings).toEqual([])
  })
})

describe('coming and going', () => {
  test('L8 a newcomer pauses it before anything of theirs exists, and everyone knows before they see the newcomer', async () => {
    const { scene, host, alice } = await recorded()
    scene.calls.length = 0
    const late = await scene.join('late')
    expect(scene.calls[0]).toBe('revoke all')
    const [paused, joined] = [
      host.events.findIndex(
        ({ event }) => event.event === 'consent.changed' && event.params.consent.state === 'paused',
      ),
      host.events.findIndex(
        ({ event }) => event.event === 'peer.joined' && event.params.peer.name === 'late',
      ),
    ]
    expect(paused).toBeGreaterThan(0)
    expect(paused).toBeLessThan(joined)
    expect(late.snapshot.consent).toMatchObject({
      state: 'paused',
      cause: 'joined',
      you: 'asked',
      late: true,
    })
    await late.send()
    await scene.idle()
    expect(scene.tappedOf()).toEqual([])
    await late.decide('given')
    await scene.until(() => scene.tappedOf().length === 3)
    expect([host.shows.length, alice.shows.length, late.shows.length]).toEqual([2, 2, 1])
  })

  test('L8 under each it goes on, without the newcomer until they agree', async () => {
    const { scene } = await recorded('each')
    const late = await scene.join('late')
    await late.send()
    await scene.idle()
    expect(scene.tappedOf()).toEqual(['alice/microphone', 'host/microphone'])
    await late.decide('given')
    await scene.until(() => scene.tappedOf().length === 3)
    expect(scene.tappedOf()).toContain('late/microphone')
  })

  test('a connection that breaks takes its person out; within the grace the decision stands', async () => {
    const { scene, alice } = await recorded()
    alice.lose()
    expect(scene.calls.at(-1)).toBe('revoke alice')
    await scene.pass(29_999)
    const again = await scene.join('alice')
    await again.send('camera')
    await scene.until(() => scene.tappedOf().length === 2)
    expect([again.view, scene.tappedOf()]).toMatchObject([
      { you: 'given' },
      ['alice/camera', 'host/microphone'],
    ])
  })

  test('who resumes is recorded again without being asked, once the mark stands on the page', async () => {
    const { scene, alice } = await recorded()
    alice.lose()
    const shown = Promise.withResolvers<void>()
    const again = scene.page('alice')
    again.onShow = () => shown.promise
    await again.join({ resume: alice.snapshot.resume })
    expect(again.snapshot).toMatchObject({
      you: alice.snapshot.you,
      resumed: true,
      consent: { state: 'recording', you: 'given' },
    })
    await scene.idle()
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    shown.resolve()
    await scene.until(() => scene.tappedOf().length === 2)
  })

  test('while its snapshot is being made, nothing of a page that is back is recorded', async () => {
    const { scene, host, alice } = await recorded()
    const second = await scene.join('alice')
    await scene.until(() => scene.tappedOf().length === 2)
    alice.lose()
    await scene.until(() => scene.tappedOf().length === 1)
    const held = Promise.withResolvers<void>()
    let isMade = false
    scene.media.last.beforeTransports = () => {
      isMade = true
      return held.promise
    }
    const again = scene.page('alice')
    const joining = again.join({ resume: alice.snapshot.resume })
    await scene.until(() => isMade)
    await host.send('camera')
    await scene.until(() => scene.tappedOf().includes('host/camera'))
    expect(scene.tappedOf()).toEqual(['host/camera', 'host/microphone'])
    held.resolve()
    await joining
    await scene.until(() => scene.tappedOf().length === 3)
    expect(second.shows.length).toBe(2)
  })

  test('a decision outlives leaving and coming again', async () => {
    const { scene, alice } = await recorded()
    await alice.leave()
    const again = await scene.join('alice')
    expect(again.view).toMatchObject({ state: 'recording', you: 'given' })
    await again.send()
    await scene.until(() => scene.tappedOf().length === 2)
  })

  test('a no outlives it as well', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.ask(host, { policy: 'each' })
    await alice.decide('refused')
    await alice.leave()
    const again = await scene.join('alice')
    expect(again.view).toMatchObject({ state: 'asked', you: 'refused' })
  })

  test('a second page is shown the mark like the first; the person waits for both', async () => {
    const { scene, alice } = await recorded()
    const shown = Promise.withResolvers<void>()
    const second = scene.page('alice')
    second.onShow = () => shown.promise
    await second.join()
    await scene.until(() => second.shows.length === 1)
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    expect(alice.shows.length).toBe(2)
    shown.resolve()
    await scene.until(() => scene.tappedOf().length === 2)
  })

  test('P16 under everyone nobody can be asked while a minor is here, and a minor who comes ends it', async () => {
    const { scene, host } = await recorded()
    await scene.join('kid', { minor: true })
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'notAll' })
    await expect(scene.ask(host, { purpose: 'training' })).rejects.toMatchObject({
      code: 'NOT_WITH_EVERYONE',
    })
  })

  test('P16 under each a minor is told, cannot agree and is never recorded, by whatever page', async () => {
    const { scene } = await recorded('each')
    const kid = await scene.join('kid', { minor: true })
    const grown = await scene.join('kid')
    await kid.send()
    await grown.send('camera')
    await expect(kid.decide('given')).rejects.toMatchObject({ code: 'NEVER_RECORDED' })
    await expect(grown.decide('given')).rejects.toMatchObject({ code: 'NEVER_RECORDED' })
    await scene.idle()
    expect(scene.tappedOf()).toEqual(['alice/microphone', 'host/microphone'])
  })

  test('P16 a call of minors alone cannot be recorded under any rule', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host', { minor: true })
    await expect(scene.ask(host, { policy: 'each' })).rejects.toMatchObject({
      code: 'NOT_WITH_EVERYONE',
    })
  })
})

describe('what was recorded of me', () => {
  test('can be destroyed once I am not in it any more, each time, and each time that is logged', async () => {
    const { scene, alice, requestId } = await recorded('each')
    const destroy = () => alice.seat.request('recording.destroyMine', { requestId })
    expect(alice.view).toMatchObject({ yoursIsKept: true })
    await expect(destroy()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    for (let time = 1; time <= 2; time++) {
      await alice.decide('withdrawn')
      await scene.idle()
      await expect(destroy()).resolves.toEqual({ tracks: 1 })
      expect(scene.calls.filter((call) => call === 'logged destroyed')).toHaveLength(time)
      expect(alice.view).toMatchObject({ yoursIsKept: false })
      await expect(destroy()).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await alice.decide('given')
      await scene.until(() => scene.tappedOf().includes('alice/microphone'))
    }
    expect((await scene.report()).findings).toEqual([])
  })

  test('can be destroyed when it is over; a stranger has nothing to destroy', async () => {
    const { scene, host, alice, requestId } = await recorded()
    await host.seat.request('recording.stop', { requestId })
    const stranger = await scene.join('stranger')
    await expect(
      stranger.seat.request('recording.destroyMine', { requestId }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(alice.seat.request('recording.destroyMine', { requestId })).resolves.toEqual({
      tracks: 1,
    })
  })
})

describe('asking', () => {
  test('L5 the same purpose is not asked again after a no, in whatever spelling; another may be', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.ask(host)
    await alice.decide('refused')
    await scene.pass(5000)
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'declined' })
    await expect(
      scene.ask(host, { purpose: '  minutes OF this -- meeting!' }),
    ).rejects.toMatchObject({ code: 'ALREADY_ASKED' })
    await expect(scene.ask(host, { purpose: 'Training' })).resolves.toEqual({
      requestId: expect.stringMatching(/^req_/),
    })
    await expect(scene.ask(host, { purpose: 'Third' })).rejects.toMatchObject({
      code: 'ALREADY_ASKING',
    })
  })

  test('L5 nor under each, by ending the recording and asking anew', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    const { requestId } = await scene.ask(host, { policy: 'each' })
    await host.decide('given')
    await alice.decide('refused')
    await scene.pass(5000)
    await scene.until(() => scene.tappedOf().length === 1)
    await host.seat.request('recording.stop', { requestId })
    await expect(scene.ask(host, { policy: 'each' })).rejects.toMatchObject({
      code: 'ALREADY_ASKED',
    })
  })

  test('L15 needs both grants, and a fresh sign-in where the controller demands one', async () => {
    const scene = await Scene.open({ stepUp: { acr: [], amr: ['otp'], maxAgeMs: 60_000 } })
    const host = await scene.join('host')
    await expect(scene.ask(host)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' })
    for (const grants of [
      { host: true, record: false },
      { host: false, record: true },
    ]) {
      const other = await scene.join('other', {}, grants)
      await expect(scene.ask(other)).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
      await expect(other.seat.request('consent.preview', asking())).rejects.toMatchObject({
        code: 'NOT_AUTHORIZED',
      })
    }
    await expect(scene.ask(await scene.join('host', { amr: ['otp'] }))).resolves.toEqual({
      requestId: expect.any(String),
    })
  })

  test('L16 what the notice cannot say is not asked', async () => {
    const scene = await Scene.open()
    const host = await scene.join('host')
    const nobody = ReaderId.parse('nobody')
    await expect(scene.ask(host, { readers: [nobody] })).rejects.toMatchObject({
      code: 'NO_READERS',
    })
    await expect(scene.ask(host, { retentionDays: 8 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    expect(host.view.state).toBe('idle')
  })

  test('only who asked may take it back, pause, go on or stop', async () => {
    const { scene, host, alice, requestId } = await recorded()
    for (const method of [
      'consent.cancel',
      'recording.pause',
      'recording.resume',
      'recording.stop',
    ] as const) {
      await expect(alice.seat.request(method, { requestId })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
    }
    await host.seat.request('recording.pause', { requestId })
    expect([alice.view, scene.tappedOf()]).toMatchObject([{ state: 'paused', cause: 'host' }, []])
    await host.seat.request('recording.resume', { requestId })
    await scene.until(() => scene.tappedOf().length === 2)
  })

  test('an answer to another notice, too late, or twice is told so', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    const { requestId } = await scene.ask(host)
    const noticeSha256 = Sha256.parse('0'.repeat(64))
    await expect(
      alice.seat.request('consent.decide', { requestId, noticeSha256, decision: 'given' }),
    ).rejects.toMatchObject({ code: 'NOTICE_MISMATCH' })
    await alice.decide('refused')
    await expect(alice.decide('given')).rejects.toMatchObject({ code: 'ALREADY_ASKED' })
    await scene.pass(5000)
    await expect(
      alice.seat.request('consent.decide', { requestId, noticeSha256, decision: 'given' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('the log of a whole call holds, from the first question to the end', async () => {
    const { scene, host, alice, requestId } = await recorded()
    const late = await scene.join('late')
    await late.decide('given')
    await scene.until(() => host.view.state === 'recording')
    await host.seat.request('recording.pause', { requestId })
    await host.seat.request('recording.resume', { requestId })
    await scene.until(() => scene.tappedOf().length === 2)
    await alice.decide('withdrawn')
    await alice.seat.request('recording.destroyMine', { requestId })
    for (const page of [late, alice, host]) await page.leave()
    await scene.until(() => scene.calls.includes('logged session-close'))
    const { findings, checked } = await scene.report()
    expect(findings).toEqual([])
    expect(checked.entries!.records).toBeGreaterThanOrEqual(
      scene.calls.filter((call) => call.startsWith('logged')).length,
    )
    expect(checked.entries).toMatchObject({ attested: 0 })
    expect(scene.failures).toEqual([])
  })
})
