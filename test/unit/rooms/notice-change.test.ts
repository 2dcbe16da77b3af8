import { describe, expect, test } from 'vitest'
import { settings } from '../consent/settings.ts'
import type { Page } from './page.ts'
import { Scene } from './scene.ts'

/** A call of two, each with a microphone, under a controller's settings that can change. */
async function called() {
  const controller = { notice: settings }
  const scene = await Scene.open(controller)
  const [host, alice] = [await scene.join('host'), await scene.join('alice')]
  await host.send()
  await alice.send()
  const publish = async (version: string) => {
    controller.notice = { ...settings, policyText: { ...settings.policyText, version } }
    await scene.rooms.noticesChanged()
    await scene.idle()
  }
  return { scene, host, alice, publish }
}

const versionShownTo = ({ view }: Page): unknown =>
  'notice' in view && (JSON.parse(view.notice) as typeof settings).policyText.version

describe('L9 another notice', () => {
  test('while recording stops it at once, and asks everyone with the new words', async () => {
    const { scene, host, alice, publish } = await called()
    await scene.record(host, [alice])
    await scene.until(() => scene.tappedOf().length === 2)
    scene.calls.length = 0
    await publish('2')
    expect(scene.tappedOf()).toEqual([])
    expect(scene.calls.slice(0, 3)).toEqual(['revoke all', 'logged gate-closed', 'endInterval'])
    expect(scene.calls.filter((call) => call === 'logged request')).toHaveLength(2)
    for (const page of [host, alice]) {
      expect(page.view).toMatchObject({ state: 'paused', you: 'asked' })
      expect(versionShownTo(page)).toBe('2')
    }
  })

  test('is what the recorder is given before it records again, and the log holds', async () => {
    const { scene, host, alice, publish } = await called()
    const requestId = await scene.record(host, [alice])
    await publish('2')
    await host.decide('given')
    await scene.pass(5000)
    expect(scene.tappedOf()).toEqual([])
    await alice.decide('given')
    await scene.pass(5000)
    await scene.until(() => scene.tappedOf().length === 2)
    const again = scene.calls.indexOf('notice')
    expect(scene.calls.slice(again + 1).some((call) => call.startsWith('apply '))).toBe(true)
    expect(scene.vault.last?.notices).toEqual(['notice' in host.view && host.view.notice])
    expect(scene.vault.recordings).toHaveLength(1)
    await host.seat.request('recording.stop', { requestId })
    await scene.idle()
    expect((await scene.report()).findings).toEqual([])
  })

  test('while people are asked asks them again, whatever they answered', async () => {
    const { scene, host, alice, publish } = await called()
    await scene.ask(host)
    await alice.decide('given')
    await publish('2')
    expect(alice.view).toMatchObject({ state: 'asked', you: 'asked' })
    expect(versionShownTo(alice)).toBe('2')
    await host.decide('given')
    await scene.pass(5000)
    expect(scene.vault.last).toBeUndefined()
    await alice.decide('given')
    await scene.pass(5000)
    await scene.until(() => scene.tappedOf().length === 2)
    expect(scene.vault.last?.about.notice).toBe('notice' in host.view && host.view.notice)
    expect((await scene.report()).findings).toEqual([])
  })

  test('takes no yes to the old one', async () => {
    const { scene, host, alice, publish } = await called()
    await scene.ask(host)
    const { view } = alice
    if (view.state !== 'asked') expect.fail('not asked')
    const old = view
    await publish('2')
    await expect(
      alice.seat.request('consent.decide', {
        requestId: old.requestId,
        noticeSha256: old.noticeSha256,
        decision: 'given',
        seen: { size: 0, root: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=' },
      }),
    ).rejects.toMatchObject({ code: 'NOTICE_MISMATCH' })
  })

  test('that says the same disturbs nobody', async () => {
    const { scene, host, alice } = await called()
    await scene.record(host, [alice])
    await scene.until(() => scene.tappedOf().length === 2)
    scene.calls.length = 0
    await scene.rooms.noticesChanged()
    await scene.idle()
    expect(scene.calls).toEqual([])
    expect(scene.tappedOf()).toHaveLength(2)
  })
})
