import { expect, test } from 'vitest'
import { settings } from '../consent/settings.ts'
import { Scene } from './scene.ts'

test('an entry that the log refuses ends the request: what was not logged is not asked', async () => {
  const scene = await Scene.open({ notice: { ...settings, processingLocations: ['de'] } })
  const host = await scene.join('host')
  await expect(scene.ask(host)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  expect(host.view).toMatchObject({ state: 'ended', outcome: 'logFailed' })
  await expect(scene.ask(host)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
})
