import { describe, expect, test } from 'vitest'
import { Private } from '#protocol'
import { Scene } from './scene.ts'

const account = (subject: string, issuer = 'https://issuer.example') => ({
  issuer,
  subject: new Private(subject),
})

async function recorded(policy: 'everyone' | 'each') {
  const scene = await Scene.open()
  const [host, alice] = [await scene.join('host'), await scene.join('alice')]
  await host.send()
  await alice.send()
  const requestId = await scene.record(host, [alice], { policy })
  await scene.until(() => scene.tappedOf().length === 2)
  return { scene, host, alice, requestId }
}

describe('whoever asked never to be recorded', () => {
  test('under everyone nothing can be asked while they are here, and the host is not told who it is', async () => {
    const scene = await Scene.open()
    scene.restricted.add('alice')
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.join('bob')
    await expect(scene.ask(host)).rejects.toMatchObject({
      code: 'NOT_WITH_EVERYONE',
      message: 'policy: not possible with everyone who is here',
    })
    expect(alice.snapshot.barred).toBe('restricted')
    expect(host.snapshot.barred).toBe(null)
    const told = JSON.stringify(host.events)
    expect(told).not.toContain('restricted')
  })

  test('ends a recording of everyone by coming in, as a minor does', async () => {
    const { scene, host } = await recorded('everyone')
    scene.restricted.add('bob')
    await scene.join('bob')
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'notAll' })
  })

  test('under each is told, cannot agree, is not asked in the log, and never recorded', async () => {
    const scene = await Scene.open()
    scene.restricted.add('alice')
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    await alice.send()
    const { requestId } = await scene.ask(host, { policy: 'each' })
    expect(alice.view).toMatchObject({ state: 'asked', you: 'restricted' })
    await expect(alice.decide('given')).rejects.toMatchObject({ code: 'NEVER_RECORDED' })
    await host.decide('given')
    await scene.pass(5000)
    await scene.until(() => scene.tappedOf().length > 0)
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    expect(host.view).toMatchObject({ state: 'recording', requestId })
    await scene.idle()
    expect(await scene.log.ask({ what: 'entries', refs: [alice.snapshot.person] })).toEqual([])
    expect((await scene.report()).findings).toEqual([])
  })

  test('can lift it, and is asked again from their next entry on', async () => {
    const scene = await Scene.open()
    scene.restricted.add('alice')
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    scene.restricted.delete('alice')
    await expect(scene.ask(host)).rejects.toMatchObject({ code: 'NOT_WITH_EVERYONE' })
    await alice.seat.request('session.leave', {})
    const again = await scene.join('alice')
    expect(again.snapshot.barred).toBe(null)
    await scene.ask(host)
    expect(again.view).toMatchObject({ you: 'asked' })
  })
})

describe('withheld in the middle of a call', () => {
  test('ends a recording of everyone at once, as a withdrawal that is logged when it resolves', async () => {
    const { scene, host, alice } = await recorded('everyone')
    scene.calls.length = 0
    await scene.rooms.withhold(account('alice'))
    expect(scene.calls[0]).toBe('revoke all')
    expect(host.view).toMatchObject({ state: 'ended', outcome: 'notAll' })
    const entries = await scene.log.ask({ what: 'entries', refs: [alice.snapshot.person] })
    expect(entries.map(({ core }) => core?.event.state)).toEqual(['requested', 'given', 'withdrawn'])
    await expect(scene.ask(host, { purpose: 'training' })).rejects.toMatchObject({
      code: 'NOT_WITH_EVERYONE',
    })
    await scene.idle()
    expect((await scene.report()).findings).toEqual([])
  })

  test('under each takes this person out and nobody else, and their yes comes too late', async () => {
    const { scene, host, alice } = await recorded('each')
    await scene.rooms.withhold(account('alice'))
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    expect(alice.view).toMatchObject({ state: 'recording', you: 'restricted' })
    expect(alice.events.at(-1)?.event).toEqual({
      event: 'session.barred',
      params: { barred: 'restricted' },
    })
    await expect(alice.decide('given')).rejects.toMatchObject({ code: 'NEVER_RECORDED' })
    expect(host.view).toMatchObject({ state: 'recording', you: 'given' })
    await scene.idle()
    expect((await scene.report()).findings).toEqual([])
  })

  test('while they are being asked it is a no', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.ask(host, { policy: 'each' })
    await scene.rooms.withhold(account('alice'))
    const entries = await scene.log.ask({ what: 'entries', refs: [alice.snapshot.person] })
    expect(entries.map(({ core }) => core?.event.state)).toEqual(['requested', 'refused'])
    expect(alice.view).toMatchObject({ you: 'restricted' })
  })

  test.each([
    ['the same name under another issuer', account('alice', 'https://other.example')],
    ['someone who never was here', account('zoe')],
  ])('%s changes nothing', async (_, who) => {
    const { scene, host } = await recorded('everyone')
    scene.calls.length = 0
    await scene.rooms.withhold(who)
    expect(scene.calls).toEqual([])
    expect(host.view).toMatchObject({ state: 'recording' })
  })

  test('a reconnect does not lift it', async () => {
    const { scene, host, alice, requestId } = await recorded('each')
    await scene.rooms.withhold(account('alice'))
    alice.seat.lost()
    await scene.page('alice').join({ resume: alice.snapshot.resume })
    await scene.idle()
    expect(scene.tappedOf()).toEqual(['host/microphone'])
    await host.seat.request('recording.stop', { requestId })
    await expect(scene.ask(host, { purpose: 'training' })).rejects.toMatchObject({
      code: 'NOT_WITH_EVERYONE',
    })
  })
})

describe('a name that was corrected', () => {
  test('stands in the place of the one in the token, in the call and in what is logged', async () => {
    const scene = await Scene.open()
    scene.corrected.set('alice', 'Alix')
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    expect(host.snapshot.peers.length).toBe(1)
    expect(alice.snapshot.peers.map(({ name }) => name)).toEqual(['host', 'Alix'])
    await scene.ask(host)
    const [asked] = await scene.log.ask({ what: 'entries', refs: [alice.snapshot.person] })
    expect(asked?.subject?.name).toBe('Alix')
  })

  test('gives way to what is typed at the door, where the token has none', async () => {
    const scene = await Scene.open()
    scene.corrected.set('bob', 'Bobby')
    const nameless = { name: null }
    const typed = await scene.page('bob', nameless).join({ name: 'Robert' })
    expect(typed.snapshot.peers.at(-1)?.name).toBe('Robert')
    await typed.seat.request('session.leave', {})
    const silent = await scene.join('bob', nameless)
    expect(silent.snapshot.peers.at(-1)?.name).toBe('Bobby')
  })
})

describe('a part of a recording destroyed from outside the call', () => {
  test('is destroyed through the call while it runs, so that its pages know', async () => {
    const { scene, host, alice, requestId } = await recorded('everyone')
    const { person, session } = alice.snapshot
    await host.seat.request('recording.stop', { requestId })
    await scene.idle()
    await expect(scene.rooms.destroyIn(session.id, person, requestId)).resolves.toBe(1)
    expect(alice.view).toMatchObject({ yoursIsKept: false })
    expect(scene.calls.filter((call) => call === 'logged destroyed')).toHaveLength(1)
    await expect(scene.rooms.destroyIn(session.id, person, requestId)).resolves.toBe(null)
  })

  test('is not there to be destroyed in a call that is over', async () => {
    const { scene, alice, requestId } = await recorded('everyone')
    const other = 'call_'.padEnd(31, 'a') as typeof alice.snapshot.session.id
    await expect(
      scene.rooms.destroyIn(other, alice.snapshot.person, requestId),
    ).resolves.toBe(null)
  })

  test('stays while the call is on hold', async () => {
    const { scene, host, alice, requestId } = await recorded('everyone')
    const { person, session } = alice.snapshot
    await host.seat.request('recording.stop', { requestId })
    await scene.idle()
    await scene.log.ask({ what: 'hold', session: session.id, isHeld: true })
    await expect(scene.rooms.destroyIn(session.id, person, requestId)).rejects.toMatchObject({
      code: 'ON_HOLD',
    })
    expect(scene.calls.filter((call) => call.startsWith('destroy'))).toEqual([])
    await scene.log.ask({ what: 'hold', session: session.id, isHeld: false })
  })
})
